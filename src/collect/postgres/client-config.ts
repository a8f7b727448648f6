import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { ClientConfig } from 'pg';
import { SourceError } from '../../model/source-error.ts';
import {
  DEFAULT_CONNECT_TIMEOUT_MILLIS,
  locatorOf,
  type PostgresSettings,
  sessionOptions,
} from './postgres-settings.ts';

/**
 * What `pg` is given: nothing is left to its defaults that it would take from the environment or from files.
 * @throws SourceError when the file of certificate authorities cannot be read
 */
export async function clientConfig(settings: PostgresSettings, socket: Socket): Promise<ClientConfig> {
  const encrypted = settings.tls !== 'disable' && !settings.host.startsWith('/');
  return {
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    // A function, so that pg looks for a password neither in the environment nor in a file.
    password: () => settings.password?.reveal() as string,
    ssl: encrypted && { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(await trustedAuthorities(settings)) },
    stream: () => socket,
    application_name: 'recoverage',
    options: sessionOptions(settings),
    connectionTimeoutMillis: settings.connectTimeoutMillis ?? DEFAULT_CONNECT_TIMEOUT_MILLIS,
    keepAlive: true,
  };
}

async function trustedAuthorities(settings: PostgresSettings): Promise<{ ca?: Buffer }> {
  if (settings.caFile === undefined) return {};
  try {
    return { ca: await readFile(settings.caFile) };
  } catch {
    const message = `${locatorOf(settings)}: the certificate authority file ${settings.caFile} cannot be read`;
    throw new SourceError('unreachable', message, 'Correct caFile, or the rights on that file.');
  }
}
