import { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { SourceError } from '../../model/source-error.ts';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';
import { createHttpsAgent } from '../guard/https-agent.ts';
import { networkError } from '../guard/network-error.ts';
import { exchangeWithVault, unreadable, type VaultAnswer } from './vault-exchange.ts';
import { matchVaultReadRequest } from './vault-requests.ts';

/** A request as node-vault hands it to its transport. */
export interface VaultWireRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, to be sent as JSON. */
  readonly json?: unknown;
}

export interface VaultTransportOptions {
  /** The server, safe to print. */
  readonly where: string;
  readonly caFile: string | null;
  readonly timeoutMillis: number;
  readonly signal: AbortSignal | null;
  /** Whether unwrapping is to be proven. */
  readonly prove: boolean;
}

export interface VaultTransport {
  /**
   * Sends one request of the allow-list; a dropped keep-alive connection is tried once more, a redirect is an error.
   * @throws ForbiddenRequestError before anything is sent
   * @throws SourceError unreachable, timeout or malformed
   */
  send(request: VaultWireRequest): Promise<VaultAnswer>;
  close(): void;
}

/** Vault asks that a client says it is no browser page (documentation of the listener's `require_request_header`). */
const REQUEST_HEADER = 'X-Vault-Request';

export function createVaultTransport(options: VaultTransportOptions): VaultTransport {
  const http = new HttpAgent({ keepAlive: true, maxSockets: 8 });
  let https: Promise<HttpsAgent> | null = null;

  const agentFor = (url: URL): Promise<HttpAgent> | HttpAgent => {
    if (url.protocol === 'http:') return http;
    https ??= createHttpsAgent(options.caFile);
    return https;
  };

  return {
    async send(wire) {
      const url = new URL(wire.uri);
      const entry = matchVaultReadRequest(wire.method, url, options.prove);
      if (entry === null)
        throw new ForbiddenRequestError(`a ${wire.method} request to Vault is not on its allow-list; it was not sent`);
      const agent = await agentFor(url);
      const headers: Record<string, string> = { Accept: 'application/json', [REQUEST_HEADER]: 'true' };
      if (entry.authenticated) Object.assign(headers, wire.headers);
      const body = wire.json === undefined ? null : JSON.stringify(wire.json);
      if (body !== null) headers['Content-Type'] = 'application/json';
      const limit = AbortSignal.timeout(options.timeoutMillis);
      const signal = options.signal === null ? limit : AbortSignal.any([limit, options.signal]);
      const once = () =>
        exchangeWithVault({ url, method: wire.method, headers, body, agent, signal, where: options.where });
      try {
        return await once().catch((error: unknown) => (isStaleConnection(error) ? once() : Promise.reject(error)));
      } catch (error) {
        if (error instanceof SourceError) throw error;
        if (options.signal?.aborted === true) {
          throw new SourceError(
            'not-asked',
            `asking ${options.where} was interrupted`,
            'Run the audit again and let it finish.',
          );
        }
        // A body that is cut by our own limit reads like one that the server cut.
        if (limit.aborted) throw timedOut(options.where);
        throw networkError(error, options.where) ?? unreadable(options.where);
      }
    },
    close() {
      http.destroy();
      https?.then(
        (agent) => agent.destroy(),
        () => undefined,
      );
    },
  };
}

function timedOut(where: string): SourceError {
  return new SourceError(
    'timeout',
    `${where} did not answer in time`,
    'Check that the server answers this host, or raise the time limit of this source.',
  );
}

/** A server may close an idle connection at the moment it is used again; the request has then not been handled. */
function isStaleConnection(error: unknown): boolean {
  return (
    error instanceof Error &&
    'reusedSocket' in error &&
    'code' in error &&
    (error.code === 'ECONNRESET' || error.code === 'EPIPE')
  );
}
