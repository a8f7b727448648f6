import { Pool } from 'undici';
import { SourceError } from '../../model/source-error.ts';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';
import { trustedAuthorities } from '../guard/https-agent.ts';
import { networkError } from '../guard/network-error.ts';
import { exchangeWithVault, UnansweredError, unreadable, type VaultAnswer } from './vault-exchange.ts';
import { createVaultQuota } from './vault-quota.ts';
import { matchVaultReadRequest, matchVaultSessionRequest } from './vault-requests.ts';

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
  /** Path of the auth method that may be logged in at; null: none. */
  readonly loginMount: string | null;
  /** Origins of other nodes of the same cluster: a redirect of the same request may lead there, token and all. */
  readonly nodes: readonly string[];
  /** Whether unwrapping is to be proven. */
  readonly prove: boolean;
  /** For how long a rate limit quota may refuse every request before that is the answer; null: a minute. */
  readonly quotaPatienceMillis: number | null;
}

export interface VaultTransport {
  /**
   * Sends one request of the allow-list; a dropped keep-alive connection is tried once more, a redirect anywhere but to a
   * configured node is an error.
   * @throws ForbiddenRequestError before anything is sent
   * @throws SourceError unreachable, timeout or malformed
   */
  send(request: VaultWireRequest): Promise<VaultAnswer>;
  close(): void;
}

/** Vault asks that a client says it is no browser page (documentation of the listener's `require_request_header`). */
const REQUEST_HEADER = 'X-Vault-Request';
/** An interrupted run ends within two seconds. */
const REVOKE_MILLIS = 1500;
const TOKEN_HEADER = 'X-Vault-Token';
/** Connections to one node. */
const AT_ONCE = 16;

export function createVaultTransport(options: VaultTransportOptions): VaultTransport {
  const pools = new Map<string, Pool | Promise<Pool>>();
  const quota = createVaultQuota(options.quotaPatienceMillis, options.signal);

  const connections = (origin: string): Pool | Promise<Pool> => {
    const known = pools.get(origin);
    if (known !== undefined) return known;
    const opened = origin.startsWith('https:')
      ? trustedAuthorities(options.caFile).then((ca) => openPool(origin, options.timeoutMillis, ca))
      : openPool(origin, options.timeoutMillis, null);
    pools.set(origin, opened);
    return opened;
  };

  return {
    async send(wire) {
      const url = new URL(wire.uri);
      const entry = matchVaultReadRequest(wire.method, url, options.prove);
      const session = matchVaultSessionRequest(wire.method, url, options.loginMount);
      if (entry === null && session === null)
        throw new ForbiddenRequestError(`a ${wire.method} request to Vault is not on its allow-list; it was not sent`);
      const headers: Record<string, string> = { Accept: 'application/json', [REQUEST_HEADER]: 'true' };
      if (session !== null || entry?.authenticated === true) Object.assign(headers, wire.headers);
      if (session === 'login') delete headers[TOKEN_HEADER];
      const body = wire.json === undefined ? null : JSON.stringify(wire.json);
      if (body !== null) headers['Content-Type'] = 'application/json';
      // What was logged in for is given back after an interruption, too.
      const signal = session === 'revokeSelf' ? null : options.signal;
      const timeoutMillis =
        session === 'revokeSelf' ? Math.min(REVOKE_MILLIS, options.timeoutMillis) : options.timeoutMillis;
      // The scheme stays, so that what was sent under TLS is never sent without, and the certificate is checked by the same agent.
      const mayGoTo = (target: URL) =>
        options.nodes.includes(target.origin) &&
        target.protocol === url.protocol &&
        target.pathname === url.pathname &&
        target.search === url.search;
      const once = () =>
        exchangeWithVault({
          url,
          method: wire.method,
          headers,
          body,
          connections,
          timeoutMillis,
          signal,
          where: options.where,
          mayGoTo,
        });
      const attempt = async (): Promise<VaultAnswer> => {
        try {
          return await once();
        } catch (error) {
          // A server may close an idle connection at the moment it is used again; the request was not handled then. A
          // login is not sent twice: had it been handled, its token would be left behind.
          if (error instanceof UnansweredError && session !== 'login') return await once();
          throw error;
        }
      };
      try {
        return session === 'revokeSelf' ? await attempt() : await quota.within(attempt);
      } catch (error) {
        if (error instanceof SourceError) throw error;
        if (options.signal?.aborted === true) {
          throw new SourceError(
            'not-asked',
            `asking ${options.where} was interrupted`,
            'Run the audit again and let it finish.',
          );
        }
        throw networkError(error, options.where) ?? unreadable(options.where);
      }
    },
    close() {
      for (const pool of pools.values()) {
        Promise.resolve(pool)
          .then((opened) => opened.destroy())
          .catch(() => undefined);
      }
    },
  };
}

/** @param ca authorities to trust; null: those of Node.js, or no TLS */
function openPool(origin: string, timeoutMillis: number, ca: readonly string[] | null): Pool {
  return new Pool(origin, {
    connections: AT_ONCE,
    pipelining: 1,
    allowH2: false,
    // Each request has one limit of its own for all of it.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: timeoutMillis,
      rejectUnauthorized: true,
      ...(ca === null ? {} : { ca: [...ca] }),
    },
  });
}
