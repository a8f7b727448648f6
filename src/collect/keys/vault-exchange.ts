import type { Dispatcher } from 'undici';
import { SourceError } from '../../model/source-error.ts';
import { type Exchange, parseDateHeader } from '../guard/server-clock.ts';

/** An answer of Vault in JSON, whatever its status. */
export interface VaultAnswer {
  readonly status: number;
  /** Parsed JSON; an empty object where the answer had no body. */
  readonly body: unknown;
  /** The `Date` header in milliseconds since the epoch, truncated to a second; null where there was none. */
  readonly serverMillis: number | null;
  /** For how many seconds it asks to be left alone; null where it does not. */
  readonly retryAfterSeconds: number | null;
  readonly exchange: Exchange;
}

/** A list of 100,000 key names takes about 4 MiB. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** A redirect that was not followed. While its cluster changes leaders, a node may send requests to one that leads no more. */
export class VaultRedirectError extends SourceError {}

/** One request on the wire. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Kept connections to an origin. @throws SourceError where there can be none */
  readonly connections: (origin: string) => Dispatcher | Promise<Dispatcher>;
  /** From the first byte sent to the last one received. */
  readonly timeoutMillis: number;
  /** Ends the exchange before that; null: nothing does. */
  readonly signal: AbortSignal | null;
  readonly where: string;
  /** Whether a redirect may be followed there. */
  readonly mayGoTo: (target: URL) => boolean;
}

/**
 * Sends a request and reads its answer as JSON.
 * @throws SourceError malformed, or unreachable for a redirect; an error with code ETIMEDOUT; UnansweredError; else what
 * undici throws
 */
export async function exchangeWithVault(outgoing: Outgoing): Promise<VaultAnswer> {
  const { url, where } = outgoing;
  const sentAt = Date.now();
  const connections = outgoing.connections(url.origin);
  const dispatcher = connections instanceof Promise ? await connections : connections;
  const { status, headers, text, receivedAt } = await onTheWire(dispatcher, outgoing);
  if (status >= 300 && status < 400) {
    const target = URL.parse(single(headers['location']) ?? '', url.href);
    // 307 and 308 keep method and body (RFC 9110, 15.4.8 and 15.4.9); a standby of Vault answers 307.
    if ((status === 307 || status === 308) && target !== null && outgoing.mayGoTo(target)) {
      return await exchangeWithVault({ ...outgoing, url: target, mayGoTo: () => false });
    }
    throw new VaultRedirectError(
      'unreachable',
      `${where} sends this request elsewhere (status ${status}); redirects are followed to configured nodes only, so that no token reaches another host`,
      'Give the address of the active Vault node, name the other nodes of its cluster under nodes, or let standby nodes forward requests.',
    );
  }
  const date = single(headers['date']);
  return {
    status,
    body: parseJson(text, status, where),
    // Of ten thousand answers only a few are asked for their time.
    get serverMillis() {
      return parseDateHeader(date);
    },
    retryAfterSeconds: secondsIn(single(headers['retry-after'])),
    exchange: { sentAt, receivedAt },
  };
}

/** A connection that ended before anything of an answer came over it. */
export class UnansweredError extends Error {
  /** As node:net would have called it. */
  readonly code = 'ECONNRESET';
}

interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** When the head of the answer arrived. */
  readonly receivedAt: number;
}

/** By events and one timer: signals and iterators for each of ten thousand small requests take longer than the requests. */
function onTheWire(dispatcher: Dispatcher, outgoing: Outgoing): Promise<Received> {
  const { url, method, headers, timeoutMillis, signal, where, body } = outgoing;
  return new Promise((resolve, reject) => {
    let sent: Dispatcher.DispatchController | null = null;
    let head: Omit<Received, 'text'> | null = null;
    let bytes = 0;
    let ended = false;
    const chunks: Buffer[] = [];
    const end = (): void => {
      ended = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupted);
    };
    // After the end the connection is another request's already.
    const fail = (error: Error): void => {
      if (ended) return;
      end();
      reject(error);
      sent?.abort(error);
    };
    const timer = setTimeout(() => fail(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })), timeoutMillis);
    const interrupted = (): void => fail(Object.assign(new Error('interrupted'), { name: 'AbortError' }));
    if (signal?.aborted === true) return interrupted();
    signal?.addEventListener('abort', interrupted, { once: true });
    const path = `${url.pathname}${url.search}`;
    dispatcher.dispatch({ origin: url.origin, path, method, headers, body } as Dispatcher.DispatchOptions, {
      onRequestStart(controller) {
        sent = controller;
        // What waited for a connection longer than it may is not sent at all.
        if (ended) controller.abort(new Error('ended before it was sent'));
      },
      onResponseStart(_, status, answered) {
        if (status >= 200) head = { status, headers: answered, receivedAt: Date.now() };
      },
      onResponseData(_, chunk) {
        bytes += chunk.length;
        if (bytes <= MAX_ANSWER_BYTES) chunks.push(chunk);
        else fail(tooLong(where));
      },
      onResponseEnd() {
        if (head === null) return fail(unreadable(where));
        end();
        resolve({ ...head, text: Buffer.concat(chunks).toString('utf8') });
      },
      onResponseError(_, error) {
        const isClosed = 'code' in error && CLOSED.has(String(error.code));
        fail(isClosed && head === null ? new UnansweredError('closed') : isClosed ? unreadable(where) : error);
      },
    });
  });
}

/** How undici and the system name a connection that the other side closed (undici documentation, "Errors"). */
const CLOSED: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** Vault writes whole seconds, and no date. */
function secondsIn(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : null;
}

function tooLong(where: string): SourceError {
  return new SourceError(
    'malformed',
    `${where} answered with more than ${MAX_ANSWER_BYTES} bytes`,
    'Check that the address is that of a Vault server.',
  );
}

function parseJson(text: string, status: number, where: string): unknown {
  if (text.trim() === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    return body;
  } catch {
    // The answer is not quoted: a proxy's error page may repeat the request with its token.
    const kind = text.trimStart().startsWith('<') ? 'a web page' : 'something that is not JSON';
    throw new SourceError(
      'malformed',
      `${where} answered with status ${status} and ${kind}`,
      'Check that the address is that of a Vault server, that http: or https: is right, and what a proxy on the way does.',
    );
  }
}

/** What an answer that is no HTTP is. */
export function unreadable(where: string): SourceError {
  return new SourceError(
    'malformed',
    `the answer of ${where} cannot be read as HTTP`,
    'Check that the address is that of a Vault server.',
  );
}
