import { execFile, spawn } from 'node:child_process';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolUnavailable } from './availability.ts';
import { debianPostgresTool, debianPostgresUnavailable, startDebianPostgres } from './postgres-debian.ts';
import type { PostgresServer } from './postgres-server.ts';
import { unprivilegedUser } from './run-as.ts';
import { scratchDirectory, waitUntil } from './scratch.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;
const SERVER = 'main';

/** A Barman home with one server, `main`, that backs up a cluster of its own by pg_basebackup; WAL comes by archive_command. */
export interface Barman extends AsyncDisposable {
  /** `barman_home`. */
  readonly home: string;
  readonly postgres: PostgresServer;
  /** Lets the WAL that the server has given out arrive at Barman, and has it archived. */
  readonly archiveWal: () => Promise<void>;
  /** Finishes a segment and has it archived. */
  readonly switchWal: () => Promise<void>;
  /** Takes a backup and gives its id. With `archive: false` the WAL it needs does not arrive: it stays WAITING_FOR_WALS. */
  readonly backup: (options?: { readonly archive?: boolean }) => Promise<string>;
  /** Begins a backup and kills pg_basebackup (it ends FAILED), or Barman as well (it stays STARTED); gives its id. */
  readonly brokenBackup: (kill: 'pg_basebackup' | 'both') => Promise<string>;
  /** `barman list-backup`: the state of each backup as Barman itself tells it. */
  readonly states: () => Promise<ReadonlyMap<string, string>>;
}

/** Why Barman cannot be had here, or null. */
export function barmanUnavailable(): string | null {
  return debianPostgresUnavailable() ?? toolUnavailable('barman', ['barman']);
}

/** Starts a cluster and puts it under Barman, with its first segment archived; disposal stops and removes both. */
export async function startBarman(): Promise<Barman> {
  await using cleanup = new AsyncDisposableStack();
  const user = unprivilegedUser();
  const scratch = cleanup.use(scratchDirectory('barman', user ?? undefined));
  const home = join(scratch.path, 'home');
  const incoming = join(home, SERVER, 'incoming');
  // Where the server puts finished segments until they are let through.
  const shipped = join(scratch.path, 'shipped');
  const as = user ?? {};
  await run('mkdir', ['-p', incoming, shipped, join(scratch.path, 'conf.d')], as);
  const settings = { archive_mode: 'on', archive_command: `cp %p ${shipped}/%f` };
  const postgres = cleanup.use(await startDebianPostgres({ settings }));
  const { stdout: account } = await run('id', ['-un', ...(user === null ? [] : [String(user.uid)])]);
  const write = async (name: string, extra: string): Promise<string> => {
    const file = join(scratch.path, name);
    await writeFile(file, configuration({ home, directory: scratch.path, account: account.trim(), postgres, extra }));
    return file;
  };
  const usual = await write('barman.conf', '');
  // Slow enough to be caught in the act: pg_basebackup's lowest rate is 32 kB/s.
  const slow = await write('slow.conf', 'bandwidth_limit = 32\n');
  const environment = { env: { ...process.env, HOME: scratch.path }, cwd: scratch.path, timeout: TIMEOUT_MS, ...as };
  const barman = async (...args: readonly string[]): Promise<string> =>
    (await run('barman', ['-c', usual, ...args], environment)).stdout;
  const ids = async (): Promise<readonly string[]> =>
    (await readdir(join(home, SERVER, 'base')).catch(() => [])).filter((name) => /^\d{8}T\d{6}$/.test(name)).sort();
  const newId = async (before: readonly string[]): Promise<string> => {
    const id = (await ids()).find((one) => !before.includes(one));
    if (id === undefined) throw new Error('Barman made no backup');
    return id;
  };
  const archiveWal = async () => {
    for (const name of await readdir(shipped)) await rename(join(shipped, name), join(incoming, name));
    await barman('archive-wal', SERVER);
  };
  const switchWal = async () => {
    await postgres.query('create table if not exists filler (n int); insert into filler values (1)');
    const [row] = await postgres.query('select pg_walfile_name(pg_current_wal_lsn()) as name, pg_switch_wal()');
    const segment = String(row?.['name']);
    await waitUntil(`${segment} is given out`, async () => {
      const [archiver] = await postgres.query('select last_archived_wal from pg_stat_archiver');
      const last = archiver?.['last_archived_wal'];
      // Null until the first is archived.
      return typeof last === 'string' && last >= segment ? true : null;
    });
    await archiveWal();
  };

  await barman('check', SERVER).catch(() => undefined);
  await switchWal();
  const owned = cleanup.move();
  return {
    home,
    postgres,
    archiveWal,
    switchWal,
    async backup({ archive = true } = {}) {
      const before = await ids();
      // An id is a time to the second.
      await waitUntil('a new second', async () => ((await newSecond(before)) ? true : null));
      await barman('backup', SERVER);
      const id = await newId(before);
      if (archive) {
        await archiveWal();
        await barman('check-backup', SERVER, id);
      }
      return id;
    },
    async brokenBackup(kill) {
      const before = await ids();
      await waitUntil('a new second', async () => ((await newSecond(before)) ? true : null));
      const child = spawn('barman', ['-c', slow, 'backup', SERVER], { ...environment, stdio: 'ignore' });
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
      const basebackup = await waitUntil('pg_basebackup copies', () => copyingDescendant(child.pid ?? 0));
      if (kill === 'both') child.kill('SIGKILL');
      process.kill(basebackup, 'SIGTERM');
      await ended;
      return newId(before);
    },
    async states() {
      const answer: unknown = JSON.parse(await barman('--format', 'json', 'list-backup', SERVER));
      const rows = Object.values(answer as Record<string, readonly { backup_id: string; status: string }[]>)[0] ?? [];
      return new Map(rows.map((row) => [row.backup_id, row.status]));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function configuration(values: {
  readonly home: string;
  readonly directory: string;
  readonly account: string;
  readonly postgres: PostgresServer;
  readonly extra: string;
}): string {
  const { home, directory, account, postgres, extra } = values;
  const connection = `host=${postgres.host} port=${postgres.port} user=${postgres.user} dbname=postgres`;
  return `[barman]
barman_user = ${account}
barman_home = ${home}
configuration_files_directory = ${join(directory, 'conf.d')}
log_file = ${join(directory, 'barman.log')}

[${SERVER}]
description = a cluster of the tests
conninfo = ${connection}
streaming_conninfo = ${connection}
backup_method = postgres
archiver = on
immediate_checkpoint = true
path_prefix = ${join(debianPostgresTool('pg_basebackup'), '..')}
${extra}`;
}

async function newSecond(before: readonly string[]): Promise<boolean> {
  const now = new Date();
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return !before.includes(`${day}T${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`);
}

/** Process id of the pg_basebackup below a process that takes a copy and not only tells its version (proc(5)). */
async function copyingDescendant(pid: number): Promise<number | null> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean);
  for (const child of children.map(Number)) {
    const words = (await readFile(`/proc/${child}/cmdline`, 'utf8')).split('\0');
    if (words[0]?.endsWith('/pg_basebackup') === true && words.some((word) => word.startsWith('--pgdata')))
      return child;
    const below = await copyingDescendant(child);
    if (below !== null) return below;
  }
  return null;
}
