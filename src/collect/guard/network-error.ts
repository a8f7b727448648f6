import { SourceError } from '../../model/source-error.ts';

const REFUSED = 'Check the address and port, that the server runs, and that no firewall blocks this host.';
const NAME = 'Check the host name in the address and the name service of this host.';
const TRUST =
  'Name the file with the certificate authority that signed it in the configuration; verification cannot be switched off.';
const PLAIN = 'Check whether the address should begin with http: or https:.';

/** Error codes of node:net, node:dns, node:tls and undici (Node.js documentation, "Common system errors" and "X509 certificate error codes"). */
const REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: REFUSED,
  ECONNRESET:
    'Check whether the server or something between closes connections, and whether the address should begin with https:.',
  EPIPE: REFUSED,
  EHOSTUNREACH: REFUSED,
  ENETUNREACH: REFUSED,
  EADDRNOTAVAIL: REFUSED,
  EACCES: REFUSED,
  ENOTFOUND: NAME,
  EAI_AGAIN: NAME,
  EPROTO: PLAIN,
  ERR_SSL_WRONG_VERSION_NUMBER: PLAIN,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: PLAIN,
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST,
  SELF_SIGNED_CERT_IN_CHAIN: TRUST,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
  UNABLE_TO_GET_ISSUER_CERT: TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
  CERT_HAS_EXPIRED: 'Renew the certificate of the server.',
  CERT_NOT_YET_VALID: 'Check the clocks of this host and of the server; the certificate is not valid yet.',
};

const UNTRUSTED = 'shows a certificate of an authority that is not trusted';
/** What is wrong, where more is known than that there is no connection. */
const SAID: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_HAS_EXPIRED: 'shows a certificate that has expired',
  CERT_NOT_YET_VALID: 'shows a certificate that is not valid yet',
};

const TIMEOUT_CODES = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);
const TIMEOUT_NAMES = new Set(['TimeoutError', 'AbortError', 'RequestTimeout']);

/**
 * What a failed connection means, or null where `error` is not about the connection. Nothing of `error` is kept but its
 * code, and the names in a certificate that was for another host: request libraries hang headers on their errors.
 *
 * @param where the server, safe to print, e.g. `Vault at https://vault.example:8200`
 */
export function networkError(error: unknown, where: string): SourceError | null {
  if (!(error instanceof Error)) return null;
  const code = codeOf(error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = certificateNames(error);
    const hint = names === null ? 'a name that the certificate has' : `one of its names: ${names}`;
    return new SourceError(
      'unreachable',
      `${where} shows a certificate for another name`,
      `Use in the address ${hint}.`,
    );
  }
  const remedy = REMEDIES[code];
  if (remedy !== undefined) {
    return new SourceError('unreachable', `${where} ${SAID[code] ?? 'cannot be reached'} (${code})`, remedy);
  }
  // After the codes: the AWS SDK calls a connection that was reset a TimeoutError too.
  if (TIMEOUT_CODES.has(code) || TIMEOUT_NAMES.has(error.name)) {
    return new SourceError(
      'timeout',
      `${where} did not answer in time`,
      'Check that the server answers this host, or raise the time limit of this source.',
    );
  }
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return new SourceError('unreachable', `no TLS connection to ${where} (${code})`, PLAIN);
  }
  return null;
}

function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) {
    for (const inner of error.errors) if (inner instanceof Error) return codeOf(inner);
  }
  return '';
}

function certificateNames(error: Error): string | null {
  if (!('cert' in error) || typeof error.cert !== 'object' || error.cert === null) return null;
  if (!('subjectaltname' in error.cert) || typeof error.cert.subjectaltname !== 'string') return null;
  return error.cert.subjectaltname.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}
