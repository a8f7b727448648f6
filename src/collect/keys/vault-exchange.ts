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
/** One request on the wire. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly agent: Agent;
  readonly signal: AbortSignal;
  readonly where: string;
  /** Whether a redirect may be followed there. */
  readonly mayGoTo: (target: URL) => boolean;
}

/**
 * Sends a request and reads its answer as JSON.
 * @throws SourceError malformed, or unreachable for a redirect; else what node:http throws
 */
export async function exchangeWithVault(outgoing: Outgoing): Promise<VaultAnswer> {
  const { url, method, headers, agent, signal, where } = outgoing;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const sentAt = Date.now();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = send(url, { method, headers, agent, signal }, resolve);
    request.on('error', (error) => reject(request.reusedSocket ? Object.assign(error, { reusedSocket: true }) : error));
    request.end(outgoing.body ?? undefined);
  });
  const receivedAt = Date.now();
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    response.destroy();
    const target = URL.parse(response.headers.location ?? '', url.href);
    // 307 and 308 keep method and body (RFC 9110, 15.4.8 and 15.4.9); a standby of Vault answers 307.
    if ((status === 307 || status === 308) && target !== null && outgoing.mayGoTo(target)) {
      return await exchangeWithVault({ ...outgoing, url: target, mayGoTo: () => false });
    }
    throw new SourceError(
      'unreachable',
      `${where} sends this request elsewhere (status ${status}); redirects are followed to configured nodes only, so that no token reaches another host`,
      'Give the address of the active Vault node, name the other nodes of its cluster under nodes, or let standby nodes forward requests.',
    );
  }
  const text = await readBounded(response, where);
  return {
    status,
    body: parseJson(text, status, where),
    serverMillis: parseDateHeader(response.headers.date),
    exchange: { sentAt, receivedAt },
  };
}

async function readBounded(response: IncomingMessage, where: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) throw unreadable(where);
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      response.destroy();
      throw new SourceError(
        'malformed',
        `${where} answered with more than ${MAX_ANSWER_BYTES} bytes`,
        'Check that the address is that of a Vault server.',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
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
