import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { DemoUnavailableError } from './demo-unavailable-error.ts';
import { type PostgresPrograms, postgresPrograms } from './postgres-programs.ts';
import { runProgram } from './run-program.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

const SUPERUSER = 'postgres';
const START_TIMEOUT_MILLIS = 30_000;
const STOP_TIMEOUT_MILLIS = 5_000;
const POLL_MILLIS = 25;

/** The PostgreSQL server of the demo, on 127.0.0.1 with password authentication. */
export interface DemoPostgres {
  readonly host: string;
  readonly port: number;
  readonly superuser: { readonly name: string; readonly password: string };
  /** Runs statements as superuser over one connection, which is closed afterwards. */
  inDatabase<T>(database: string, work: (client: Client) => Promise<T>): Promise<T>;
  /** Ends the server at once; its files are of no further use. */
  stop(): Promise<void>;
}

/**
 * Makes a cluster in a temporary directory and starts it. The directory is its own, as the server may run as another
 * user, who could not reach into directories of root.
 *
 * @param programs in place of those of the npm package
 * @throws DemoUnavailableError when the programs are missing or the server does not start
 */
export async function startDemoPostgres(
  signal: AbortSignal,
  programs: PostgresPrograms | null = null,
): Promise<DemoPostgres> {
  const directory = await temporaryDirectory('recoverage-demo-postgres-');
  try {
    return await startIn(directory, programs ?? (await postgresPrograms(join(directory.path, 'programs'))), signal);
  } catch (error) {
    await directory.remove();
    throw error;
  }
}

async function startIn(
  temporary: TemporaryDirectory,
  programs: PostgresPrograms,
  signal: AbortSignal,
): Promise<DemoPostgres> {
  const directory = temporary.path;
  const data = join(directory, 'data');
  const password = randomBytes(18).toString('base64url');
  if (programs.user !== null) chownSync(directory, programs.user.uid, programs.user.gid);
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (programs.user !== null) chownSync(passwordFile, programs.user.uid, programs.user.gid);
  const how = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C', '--no-sync'];
  const { initdb: program, user } = programs;
  await runProgram({ program, args: ['-D', data, '-U', SUPERUSER, ...how], cwd: directory, user, signal });
  const port = await freePort();
  const server = startServer(programs, directory, data, port);
  const endAtExit = () => server.kill('SIGKILL');
  // Before the directory's own removal at exit, which was registered earlier.
  process.prependOnceListener('exit', endAtExit);
  const stop = async () => {
    await ended(server);
    process.off('exit', endAtExit);
    await temporary.remove();
  };
  const access: ClientConfig = { host: '127.0.0.1', port, user: SUPERUSER, password };
  try {
    await untilItAnswers(access, server, join(directory, 'server.log'), signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host: '127.0.0.1',
    port,
    superuser: { name: SUPERUSER, password },
    inDatabase: async (database, work) => {
      signal.throwIfAborted();
      const client = new Client({ ...access, database });
      // A server that is stopped under an open connection must not end the process.
      client.on('error', () => undefined);
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    stop,
  };
}

function startServer(programs: PostgresPrograms, directory: string, data: string, port: number): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // Paths of Unix sockets may have some 100 bytes only; nobody needs one here.
    unix_socket_directories: '',
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_connections: '60',
  };
  const log = openSync(join(directory, 'server.log'), 'a');
  try {
    return spawn(
      programs.postgres,
      ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { cwd: directory, stdio: ['ignore', log, log], ...programs.user },
    ).on('error', () => undefined);
  } finally {
    closeSync(log);
  }
}

async function untilItAnswers(
  access: ClientConfig,
  server: ChildProcess,
  log: string,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MILLIS;
  for (;;) {
    signal.throwIfAborted();
    const client = new Client({ ...access, database: 'postgres', connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      if (hasEnded(server) || performance.now() > deadline) {
        const said = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').at(-1) ?? '';
        throw new DemoUnavailableError(`recoverage demo could not start its PostgreSQL server: ${said.slice(0, 300)}`);
      }
    }
    await sleep(POLL_MILLIS);
  }
}

function hasEnded(server: ChildProcess): boolean {
  return server.pid === undefined || server.exitCode !== null || server.signalCode !== null;
}

/** Immediate shutdown (PostgreSQL documentation, "Shutting Down the Server"): nothing in it is worth a checkpoint. */
async function ended(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return;
  const exit = once(server, 'exit');
  server.kill(process.platform === 'win32' ? 'SIGKILL' : 'SIGQUIT');
  const timer = setTimeout(() => server.kill('SIGKILL'), STOP_TIMEOUT_MILLIS);
  await exit;
  clearTimeout(timer);
}

/** A TCP port on 127.0.0.1 that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new DemoUnavailableError('recoverage demo found no free port on 127.0.0.1'));
      });
    });
  });
}
