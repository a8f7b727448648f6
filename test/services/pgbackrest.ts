import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolUnavailable } from './availability.ts';
import { debianPostgresUnavailable, startDebianPostgres } from './postgres-debian.ts';
import type { PostgresServer } from './postgres-server.ts';
import { unprivilegedUser } from './run-as.ts';
import { scratchDirectory, waitUntil } from './scratch.ts';

const run = promisify(execFile);
const COMMAND_TIMEOUT_MS = 120_000;

/** Why pgBackRest, or the PostgreSQL it backs up, cannot be had here, or null. */
export function pgBackRestUnavailable(): string | null {
  return toolUnavailable('pgbackrest', ['pgbackrest']) ?? debianPostgresUnavailable();
}

/** Settings of one repository of a stanza, by option name without `repoN-`, e.g. `bundle: 'y'`; one with a `path` is no new directory. */
export type RepositoryOptions = Readonly<Record<string, string>>;

/** A cluster of PostgreSQL 15 that archives into repositories of its own. */
export interface BackedUpCluster extends AsyncDisposable {
  readonly server: PostgresServer;
  /** Directories of the repositories, in the order they were asked for. */
  readonly repositories: readonly string[];
  /** Runs a command of pgbackrest for this stanza and gives what it printed. */
  readonly command: (name: string, ...args: readonly string[]) => Promise<string>;
  /** Makes one backup in a repository, counted from 1, and gives its label. */
  readonly backup: (type: 'full' | 'diff' | 'incr', repository: number, ...args: readonly string[]) => Promise<string>;
  /** Begins a full backup in a repository and kills it before it has written its manifest; gives its label. */
  readonly abandonBackup: (repository: number) => Promise<string>;
  /** Makes the server begin a new WAL segment, and waits until the finished one is archived. */
  readonly archiveSegment: () => Promise<void>;
}

export interface StanzaOptions {
  readonly stanza: string;
  readonly repositories: readonly RepositoryOptions[];
  /** Directories of existing repositories to use in place of new ones. */
  readonly at?: readonly string[];
  /** The stanza is there and was another cluster's: it is upgraded to this one. */
  readonly upgrade?: boolean;
  /** Size of a segment of the cluster's WAL; PostgreSQL's own unless stated. */
  readonly walSegmentMebibytes?: number;
}

/** Starts a cluster and makes a stanza of it in each repository. */
export async function startBackedUpCluster({
  stanza,
  repositories: options,
  at = [],
  upgrade = false,
  walSegmentMebibytes,
}: StanzaOptions): Promise<BackedUpCluster> {
  await using cleanup = new AsyncDisposableStack();
  const user = unprivilegedUser();
  const scratch = cleanup.use(scratchDirectory('pgbackrest', user ?? undefined)).path;
  const settings = { archive_mode: 'on', wal_level: 'replica', archive_command: '', autovacuum: 'off' };
  const size = walSegmentMebibytes === undefined ? {} : { walSegmentMebibytes };
  const server = cleanup.use(await startDebianPostgres({ settings, ...size }));

  const repositories = options.map(({ path }, index) => at[index] ?? path ?? join(scratch, `repository${index + 1}`));
  for (const path of repositories.filter((_, index) => options[index]?.['path'] === undefined)) {
    await mkdir(path, { recursive: true });
    if (user) await chown(path, user.uid, user.gid);
  }
  const configuration = join(scratch, 'pgbackrest.conf');
  await writeFile(configuration, configurationText(stanza, server, scratch, repositories, options));

  const invocation = (name: string, args: readonly string[]) => [
    `--config=${configuration}`,
    `--stanza=${stanza}`,
    ...args,
    name,
  ];
  const environment = { cwd: scratch, env: { PATH: process.env['PATH'] ?? '', HOME: scratch }, ...(user ?? {}) };
  const command = async (name: string, ...args: readonly string[]): Promise<string> => {
    const limits = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
    return (await run('pgbackrest', invocation(name, args), { ...environment, ...limits })).stdout;
  };
  await command(upgrade ? 'stanza-upgrade' : 'stanza-create');
  await server.query(
    `alter system set archive_command = 'pgbackrest --config=${configuration} --stanza=${stanza} archive-push %p'`,
  );
  await server.query('select pg_reload_conf()');

  const labels = async (repository: number): Promise<readonly string[]> => {
    const entries = await readdir(join(repositories[repository - 1] ?? '', 'backup', stanza), { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && /^\d/.test(entry.name)).map((entry) => entry.name);
  };
  const archiveSegment = async (): Promise<void> => {
    const [row] = await server.query(
      `select pg_walfile_name(pg_current_wal_lsn()) as segment, pg_logical_emit_message(true, 'test', 'x')::text`,
    );
    await server.query('select pg_switch_wal()');
    await waitUntil('the segment is archived', async () => {
      const [archiver] = await server.query('select last_archived_wal from pg_stat_archiver');
      const last = archiver?.['last_archived_wal'];
      // Null until the first is archived.
      return typeof last === 'string' && last >= String(row?.['segment']) ? true : null;
    });
  };

  const owned = cleanup.move();
  return {
    server,
    repositories,
    command,
    archiveSegment,
    async backup(type, repository, ...args) {
      const before = new Set(await labels(repository));
      await command('backup', `--type=${type}`, `--repo=${repository}`, ...args);
      const [made] = (await labels(repository)).filter((label) => !before.has(label));
      if (made === undefined) throw new Error(`no new directory in ${repositories[repository - 1]}`);
      return made;
    },
    async abandonBackup(repository) {
      const before = new Set(await labels(repository));
      const slow = ['--type=full', `--repo=${repository}`, '--buffer-size=16KiB', '--compress-level=9'];
      const child = spawn('pgbackrest', invocation('backup', slow), {
        ...environment,
        stdio: 'ignore',
        detached: true,
      });
      const ended = exitOf(child);
      const label = await waitUntil('an unfinished backup lies there', async () => {
        const begun = (await labels(repository)).find((label) => !before.has(label));
        if (begun === undefined) return null;
        const files = await readdir(join(repositories[repository - 1] ?? '', 'backup', stanza, begun));
        return files.includes('backup.manifest.copy') ? begun : null;
      });
      // The whole group: its worker processes would write on.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await ended;
      return label;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function configurationText(
  stanza: string,
  server: PostgresServer,
  scratch: string,
  repositories: readonly string[],
  options: readonly RepositoryOptions[],
): string {
  const ofRepositories = repositories.flatMap((path, index) => [
    `repo${index + 1}-path=${path}`,
    ...Object.entries(options[index] ?? {})
      .filter(([name]) => name !== 'path')
      .map(([name, value]) => `repo${index + 1}-${name}=${value}`),
  ]);
  const directories = ['log', 'lock', 'spool'].map((name) => `${name}-path=${join(scratch, name)}`);
  const speed = ['start-fast=y', 'compress-level=1', 'log-level-console=error'];
  const cluster = [
    `pg1-path=${server.dataDirectory}`,
    `pg1-port=${server.port}`,
    `pg1-socket-path=${server.directory}`,
    `pg1-user=${server.user}`,
  ];
  return ['[global]', ...ofRepositories, ...directories, ...speed, `[${stanza}]`, ...cluster, ''].join('\n');
}

function exitOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', reject);
  });
}
