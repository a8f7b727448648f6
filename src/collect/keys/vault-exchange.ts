import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { SourceError } from '../../model/source-error.ts';
import { type Exchange, parseDateHeader } from '../guard/server-clock.ts';

/** An answer of Vault in JSON, whatever its status. */
export interface VaultAnswer {
  readonly status: number;
  /** Parsed JSON; an empty object where the answer had no body. */
  readonly body: unknown;
  /** The `Date` header in milliseconds since the epoch, truncated to a second; null where there was none. */
  readonly serverMillis: number | null;
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
  readonly agent: Agent;
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
 * @throws SourceError malformed, or unreachable for a redirect; an error with code ETIMEDOUT; else what node:http throws
 */
export async function exchangeWithVault(outgoing: Outgoing): Promise<VaultAnswer> {
  const { url, where } = outgoing;
  const sentAt = Date.now();
  const { response, text, receivedAt } = await onTheWire(outgoing);
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    const target = URL.parse(response.headers.location ?? '', url.href);
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
  const { date } = response.headers;
  return {
    status,
    body: parseJson(text, status, where),
    // Of ten thousand answers only a few are asked for their time.
    get serverMillis() {
      return parseDateHeader(date);
    },
    exchange: { sentAt, receivedAt },
  };
}

interface Received {
  readonly response: IncomingMessage;
  readonly text: string;
  /** When the head of the answer arrived. */
  readonly receivedAt: number;
}

/** By events and one timer: signals and iterators for each of ten thousand small requests take longer than the requests. */
function onTheWire({ url, method, headers, agent, timeoutMillis, signal, where, body }: Outgoing): Promise<Received> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const path = `${url.pathname}${url.search}`;
    const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
    const request = send({ host, port: url.port, path, method, headers: listed(url.host, headers, body), agent });
    let ended = false;
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
      request.destroy();
    };
    const timer = setTimeout(() => fail(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })), timeoutMillis);
    const interrupted = (): void => fail(Object.assign(new Error('interrupted'), { name: 'AbortError' }));
    request.on('error', (error) => fail(request.reusedSocket ? Object.assign(error, { reusedSocket: true }) : error));
    if (signal?.aborted === true) return interrupted();
    signal?.addEventListener('abort', interrupted, { once: true });
    request.on('response', (response) => {
      const receivedAt = Date.now();
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MAX_ANSWER_BYTES) chunks.push(chunk);
        else fail(tooLong(where));
      });
      response.on('error', fail);
      response.on('close', () => (ended ? undefined : fail(unreadable(where))));
      response.on('end', () => {
        if (!response.complete) return;
        end();
        resolve({ response, text: Buffer.concat(chunks).toString('utf8'), receivedAt });
      });
    });
    request.end(body ?? undefined);
  });
}

/** As a list, in which node:http writes headers as they are, and with what it would have added itself. */
function listed(host: string, headers: Outgoing['headers'], body: string | null): readonly string[] {
  const list = ['Host', host];
  for (const name in headers) list.push(name, headers[name] ?? '');
  if (body !== null) list.push('Content-Length', String(Buffer.byteLength(body)));
  return list;
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
