import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { z } from 'zod';
import { makeServerCertificate } from './certificates.ts';
import type { ScratchDirectory } from './scratch.ts';
import { freePort, scratchDirectory, waitUntil } from './scratch.ts';
import type { ServerProcess } from './server-process.ts';
import { startServerProcess } from './server-process.ts';

const run = promisify(execFile);
const INITDB_TIMEOUT_MS = 120_000;
const SUPERUSER = 'postgres';

export interface PostgresOptions {
  /** Method of pg_hba.conf for every connection; trust unless stated. `password` is the cleartext one. */
  readonly authentication?: 'trust' | 'password' | 'scram-sha-256';
  /** Serve TLS with a certificate of an authority made for this server (needs openssl). */
  readonly tls?: boolean;
  /** Further settings of postgresql.conf, by name, values unquoted. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Size of a segment of WAL in MiB, a power of two; 16 unless stated. */
  readonly walSegmentMebibytes?: number;
}

/** Where the programs are and who may run them. `user` is null when the current user may. */
export interface PostgresPrograms {
  readonly binaries: string;
  readonly user: { readonly uid: number; readonly gid: number } | null;
}

/** One statement a client sent, or one replication command, from the server's own log. */
export interface LoggedStatement {
  readonly user: string;
  readonly database: string | null;
  readonly application: string;
  readonly backendPid: number;
  readonly statement: string;
}

/** A PostgreSQL cluster of its own on 127.0.0.1, superuser `postgres`. Disposal stops it and removes its files. */
export interface PostgresServer extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Folder of its Unix socket; also free for the test's own files, owned by the user who runs the server. */
  readonly directory: string;
  readonly dataDirectory: string;
  /** PEM file of the authority to trust, null without TLS. */
  readonly caFile: string | null;
  /** Connection URI of the superuser, without TLS parameters. */
  readonly uri: (database?: string) => string;
  /** Runs one statement as superuser in the database (default `postgres`) and returns its rows. */
  readonly query: (sql: string, database?: string) => Promise<readonly Record<string, unknown>[]>;
  /** Every statement logged until now, the helpers' own left out unless by `query`; optionally of one user only. */
  readonly statements: (user?: string) => Promise<readonly LoggedStatement[]>;
  /** Fast shutdown. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

const MARKER = 'recoverage_test_log_marker';
const logEntry = z.object({
  user: z.string().optional(),
  dbname: z.string().optional(),
  application_name: z.string().default(''),
  pid: z.int(),
  message: z.string().default(''),
});
const LOGGED = /^(?:statement|execute [^:]*|fastpath function call|received replication command): ([\s\S]*)$/;

function parseStatements(log: string): readonly LoggedStatement[] {
  return log.split('\n').flatMap((line) => {
    if (line === '') return [];
    const entry = logEntry.parse(JSON.parse(line));
    const statement = LOGGED.exec(entry.message)?.[1];
    if (statement === undefined || entry.user === undefined) return [];
    const { user, dbname: database = null, application_name: application, pid: backendPid } = entry;
    return [{ user, database, application, backendPid, statement }];
  });
}

async function settingsOf(
  { tls, settings }: PostgresOptions,
  { directory, port, user }: { directory: string; port: number; user: PostgresPrograms['user'] },
): Promise<{ readonly text: string; readonly caFile: string | null }> {
  const certificate = tls ? await makeServerCertificate(directory) : null;
  if (certificate && user) await chown(certificate.keyFile, user.uid, user.gid);
  const secured = certificate
    ? { ssl: 'on', ssl_cert_file: certificate.certificateFile, ssl_key_file: certificate.keyFile }
    : {};
  const all: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: directory,
    fsync: 'off',
    logging_collector: 'on',
    log_destination: 'jsonlog',
    log_directory: directory,
    log_filename: 'server.log',
    log_file_mode: '0644',
    log_rotation_age: '0',
    log_rotation_size: '0',
    log_statement: 'all',
    log_replication_commands: 'on',
    ...secured,
    ...settings,
  };
  const quoted = Object.entries(all).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  return { text: quoted.join(''), caFile: certificate?.caFile ?? null };
}

/** Makes a cluster (checksums, UTF-8, locale C) in a scratch folder and starts it; its log is JSON. Needs PostgreSQL 15 or later. */
export async function startPostgresServer(
  { binaries, user }: PostgresPrograms,
  options: PostgresOptions = {},
): Promise<PostgresServer> {
  await using cleanup = new AsyncDisposableStack();
  const scratch: ScratchDirectory = cleanup.use(scratchDirectory('pg', user ?? undefined));
  const directory = scratch.path;
  const dataDirectory = join(directory, 'data');
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password);
  const method = `--auth=${options.authentication ?? 'trust'}`;
  const how = [method, `--pwfile=${passwordFile}`, '--data-checksums', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const segment = options.walSegmentMebibytes === undefined ? [] : [`--wal-segsize=${options.walSegmentMebibytes}`];
  const initdb = ['-D', dataDirectory, '-U', SUPERUSER, ...how, ...segment];
  await run(join(binaries, 'initdb'), initdb, { cwd: directory, timeout: INITDB_TIMEOUT_MS, ...(user ?? {}) });
  const port = await freePort();
  const { text, caFile } = await settingsOf(options, { directory, port, user });
  await writeFile(join(dataDirectory, 'postgresql.auto.conf'), text);

  async function query(sql: string, database = 'postgres'): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ host: '127.0.0.1', port, user: SUPERUSER, password, database });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  let server: ServerProcess | null = null;
  async function stop(): Promise<void> {
    await server?.[Symbol.asyncDispose]();
    server = null;
  }
  async function start(): Promise<void> {
    const started = await startServerProcess({
      program: join(binaries, 'postgres'),
      args: ['-D', dataDirectory],
      cwd: directory,
      user,
      logFile: join(directory, 'startup.log'),
      stopSignal: 'SIGINT',
    });
    server = started;
    await waitUntil('PostgreSQL answers', () => query('select 1'), 60_000, started.ended);
  }

  cleanup.defer(stop);
  await start();
  const owned = cleanup.move();
  return {
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password,
    directory,
    dataDirectory,
    caFile,
    uri: (database = 'postgres') => `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`,
    query,
    async statements(wanted) {
      const marker = `select '${MARKER} ${randomUUID()}'`;
      await query(marker);
      const logged = await waitUntil('the log holds the marker', async () => {
        const text = await readFile(join(directory, 'server.json'), 'utf8');
        return text.includes(marker) && text.endsWith('\n') ? parseStatements(text) : null;
      });
      return logged.filter((one) => !one.statement.includes(MARKER) && (wanted === undefined || one.user === wanted));
    },
    stop,
    start,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
