import { type CommandIo, UsageError } from '../io.ts';
import type { DatabaseDraft } from './draft.ts';

/** What the command line says about the install database. */
export interface ConnectionOptions {
  readonly host?: string;
  readonly port?: string;
  readonly database?: string;
  readonly user?: string;
  readonly passwordRef?: string;
  readonly tls?: string;
  readonly caFile?: string;
}

const DEFAULTS = { host: 'localhost', port: '5432', database: 'novantra', user: 'recoverage' } as const;
const DEFAULT_VARIABLE = 'RECOVERAGE_DB_PASSWORD';

/**
 * How to reach the install database: from options, at a terminal by asking for what they leave out, else defaults.
 *
 * @throws UsageError for an option that cannot be one; never repeats what was given as a password
 */
export async function connectionSettings(options: ConnectionOptions, io: CommandIo): Promise<DatabaseDraft> {
  const orAsked = async (given: string | undefined, question: string, otherwise: string) => {
    if (given !== undefined || !io.isInteractive) return given ?? otherwise;
    return (await io.ask(`${question} [${otherwise}]: `)).trim() || otherwise;
  };
  const host = await orAsked(options.host, 'Host of the install database', DEFAULTS.host);
  const port = Number(await orAsked(options.port, 'Port', DEFAULTS.port));
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new UsageError('The port of the install database is a number from 1 to 65535.');
  }
  const name = await orAsked(options.database, 'Name of the install database', DEFAULTS.database);
  const user = await orAsked(options.user, 'Role to read it with', DEFAULTS.user);
  const isSet = (io.environment[DEFAULT_VARIABLE] ?? '') !== '';
  const reference = await orAsked(
    options.passwordRef,
    'Where its password is, env:NAME or file:PATH, or none',
    isSet ? `env:${DEFAULT_VARIABLE}` : 'none',
  );
  if (reference !== 'none' && !/^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/.test(reference)) {
    throw new UsageError('The password is named by a reference, env:NAME or file:PATH, and never given itself.');
  }
  const tls = await orAsked(options.tls, 'TLS, verify-full or disable', 'verify-full');
  if (tls !== 'verify-full' && tls !== 'disable') {
    throw new UsageError('--tls is verify-full or disable.');
  }
  return {
    host,
    port,
    name,
    user,
    password: reference === 'none' ? null : reference,
    tls,
    caFile: options.caFile ?? null,
  };
}
