import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { getCACertificates, rootCertificates } from 'node:tls';
import { SourceError } from '../../model/source-error.ts';

/** For clients that are given connections and make none. */
export type HttpsAgent = Agent;

/**
 * Connections that verify the server's certificate, always.
 * @param caFile PEM file of an authority that is trusted besides those of Node.js; null for none
 * @throws SourceError unreachable where the file cannot be read
 */
export async function createHttpsAgent(caFile: string | null): Promise<Agent> {
  const ca = await trustedAuthorities(caFile);
  return new Agent({
    keepAlive: true,
    maxSockets: 16,
    rejectUnauthorized: true,
    ...(ca === null ? {} : { ca: [...ca] }),
  });
}

/**
 * The authorities whose certificates are trusted, in PEM; null: those of Node.js.
 * @param caFile PEM file of an authority that is trusted besides those of Node.js; null for none
 * @throws SourceError unreachable where the file cannot be read
 */
export async function trustedAuthorities(caFile: string | null): Promise<readonly string[] | null> {
  if (caFile === null) return null;
  const extra = await readFile(caFile, 'utf8').catch(() => {
    throw new SourceError(
      'unreachable',
      `the certificate authority file ${caFile} cannot be read`,
      'Check the path and the rights of the file.',
    );
  });
  // Node.js before 22.15 cannot tell its default authorities with the additions of the environment.
  const known = typeof getCACertificates === 'function' ? getCACertificates('default') : rootCertificates;
  return [...known, extra];
}
