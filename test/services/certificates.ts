import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { programOnPath, unavailable } from './availability.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 30_000;
const DAYS = '2';

/** PEM files of a certificate authority and of one server certificate for 127.0.0.1 and localhost that it signed. */
export interface ServerCertificate {
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Why TLS cannot be tested here, or null. Node can read X.509 certificates but not sign them. */
export function opensslUnavailable(): string | null {
  if (programOnPath(['openssl'])) return null;
  return unavailable('openssl', 'openssl is not on PATH: install the package openssl');
}

export interface CertificateOptions {
  /** Days that the server's certificate is valid; negative: it ran out so many days ago. */
  readonly days?: number;
  /** Whether it is not for localhost and 127.0.0.1, but for the names alone. */
  readonly elsewhere?: boolean;
}

/**
 * Makes a new authority and a server certificate, valid for two days, in the folder.
 * @param names DNS names that the certificate has besides localhost
 */
export async function makeServerCertificate(
  directory: string,
  names: readonly string[] = [],
  { days = Number(DAYS), elsewhere = false }: CertificateOptions = {},
): Promise<ServerCertificate> {
  const file = (name: string) => join(directory, name);
  const openssl = (...args: readonly string[]) => run('openssl', [...args], { cwd: directory, timeout: TIMEOUT_MS });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = ['-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', DAYS];
  await openssl('req', ...authority, '-subj', '/CN=Recoverage test authority');
  await openssl('req', '-new', ...newKey, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  await writeFile(
    file('server.ext'),
    `subjectAltName=${[...(elsewhere ? [] : ['IP:127.0.0.1', 'DNS:localhost']), ...names.map((name) => `DNS:${name}`)].join(',')}\n`,
  );
  const issuer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', String(days)];
  await openssl('x509', '-req', '-in', 'server.csr', ...issuer, '-extfile', 'server.ext', '-out', 'server.crt');
  return { caFile: file('ca.crt'), certificateFile: file('server.crt'), keyFile: file('server.key') };
}

/** A certificate that signed itself, with its RSA key, as one PEM text: what a program signs in to Microsoft Entra ID with. */
export async function makeClientCertificate(directory: string): Promise<string> {
  const names = ['-keyout', 'client.key', '-out', 'client.crt', '-days', DAYS, '-subj', '/CN=Recoverage test client'];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...names];
  await run('openssl', args, { cwd: directory, timeout: TIMEOUT_MS });
  const parts = ['client.key', 'client.crt'].map((name) => readFile(join(directory, name), 'utf8'));
  return (await Promise.all(parts)).join('');
}
