import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { SourceError } from '../../../model/source-error.ts';
import { ForbiddenRequestError } from '../../guard/forbidden-request-error.ts';
import { trustedAuthorities } from '../../guard/https-agent.ts';
import { interruption } from '../../guard/interruption.ts';
import { networkError } from '../../guard/network-error.ts';
import { type CertificateReading, readCertificate } from '../certificate-reading.ts';
import { type AddressOperation, isAdmitted } from './address-operations.ts';
import { type Endpoint, endpointText } from './endpoint.ts';

/** A certificate as an address shows it. */
export interface ShownCertificate {
  readonly certificate: CertificateReading;
  /** Why a TLS client refuses it, as a code of OpenSSL or Node.js; null where one accepts it. */
  readonly refusedBecause: string | null;
}

/** Asks addresses of the install, by the list of address-operations.ts. */
export interface AddressClient {
  /** IP addresses of its name, sorted; empty where the name service knows no such name. @throws SourceError where there is no answer */
  resolve(endpoint: Endpoint): Promise<readonly string[]>;
  /**
   * @param caFile PEM file of an authority that is trusted besides those of Node.js
   * @throws SourceError where no handshake comes about
   */
  shownCertificate(endpoint: Endpoint, caFile: string | null): Promise<ShownCertificate>;
}

export interface AddressClientOptions {
  /** The only ones that are asked. */
  readonly admitted: readonly Endpoint[];
  /** For one question. */
  readonly timeoutMillis: number;
  readonly signal: AbortSignal;
  /** The name service; default: that of the system. */
  readonly lookup?: (host: string) => Promise<readonly { readonly address: string }[]>;
}

export function createAddressClient(options: AddressClientOptions): AddressClient {
  const { admitted, timeoutMillis, signal, lookup = systemAddresses } = options;
  const assertAdmitted = (operation: AddressOperation, endpoint: Endpoint): void => {
    if (isAdmitted(operation, endpoint, admitted)) return;
    throw new ForbiddenRequestError(`a ${operation} of an address that is not configured was not made`);
  };
  return {
    async resolve(endpoint) {
      assertAdmitted('lookup', endpoint);
      const where = `the name ${endpoint.host}`;
      try {
        const found = await withinTime(lookup(endpoint.host), where, timeoutMillis, signal);
        return [...new Set(found.map(({ address }) => address))].sort();
      } catch (error) {
        // The name service answered: there is no such name, or it has no address (getaddrinfo(3), EAI_NONAME).
        if (error instanceof Error && 'code' in error && error.code === 'ENOTFOUND') return [];
        throw failureOf(error, where);
      }
    },
    async shownCertificate(endpoint, caFile) {
      assertAdmitted('handshake', endpoint);
      const where = endpointText(endpoint);
      const authorities = await trustedAuthorities(caFile);
      try {
        return await handshake(endpoint, authorities, { timeoutMillis, signal });
      } catch (error) {
        throw failureOf(error, where);
      }
    },
  };
}

function systemAddresses(host: string): Promise<readonly { readonly address: string }[]> {
  return systemLookup(host, { all: true });
}

/** A lookup cannot be ended; it is left behind, and whatever it says then is passed over. */
async function withinTime<T>(work: Promise<T>, where: string, millis: number, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(interruption(signal, where));
  const late = setTimeout(() => reject(timedOut()), millis);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', abort);
    work.catch(() => undefined);
  }
}

function handshake(
  { host, port }: Endpoint,
  authorities: readonly string[] | null,
  { timeoutMillis, signal }: Pick<AddressClientOptions, 'timeoutMillis' | 'signal'>,
): Promise<ShownCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      // A server name is a name, never an address (RFC 6066, 3).
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(authorities === null ? {} : { ca: [...authorities] }),
      // It is verified as always, and the verdict is what is asked for: a refused certificate is to be told, not to be
      // trusted. Whatever the verdict, the connection is closed at once, and nothing is written to it.
      rejectUnauthorized: false,
    });
    const settle = (): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', abort);
    };
    const giveUp = (error: unknown): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const abort = (): void => giveUp(interruption(signal, `the certificate of ${endpointText({ host, port })}`));
    const late = setTimeout(() => giveUp(timedOut()), timeoutMillis);
    signal.addEventListener('abort', abort, { once: true });
    // Stays to the end: a server may reset what was closed, which changes nothing that was learnt.
    socket.on('error', giveUp);
    socket.once('secureConnect', () => {
      settle();
      const shown = socket.getPeerX509Certificate();
      const refusedBecause = socket.authorized ? null : codeOf(socket.authorizationError);
      // Says that it ends (RFC 8446, 6.1), and closes.
      socket.destroySoon();
      const certificate = shown === undefined ? null : readCertificate(shown);
      if (certificate === null) reject(noCertificate({ host, port }));
      else resolve({ certificate, refusedBecause });
    });
    if (signal.aborted) abort();
  });
}

/** Node.js gives a code, or an error with one, whatever its types say. */
function codeOf(problem: unknown): string {
  const code = problem instanceof Error && 'code' in problem ? problem.code : problem;
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'REFUSED';
}

function failureOf(error: unknown, where: string): SourceError {
  if (error instanceof SourceError) return error;
  const remedy = 'Check what listens there, and that caFile holds certificates in PEM.';
  return networkError(error, where) ?? new SourceError('malformed', `${where} gave no answer of TLS`, remedy);
}

function timedOut(): Error {
  return Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
}

function noCertificate(endpoint: Endpoint): SourceError {
  return new SourceError(
    'malformed',
    `${endpointText(endpoint)} shows no certificate that can be read`,
    'Check what listens there.',
  );
}
