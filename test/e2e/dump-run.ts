import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { plainDump } from '../../src/demo/dump-template.ts';
import type { Row, TableRows } from '../../src/demo/table-rows.ts';
import { toInstant } from '../../src/model/instant.ts';
import { debianPostgresTool } from '../services/postgres-debian.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import { waitUntil } from '../services/scratch.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 30_000;

/** Runs pg_dump as superuser against a database. @param args besides connection and database, e.g. `-Fc -f FILE` */
export async function pgDump(
  server: Pick<PostgresServer, 'uri'>,
  database: string,
  args: readonly string[],
  timeZone = 'UTC',
): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '', TZ: timeZone };
  await run(debianPostgresTool('pg_dump'), [...args, `--dbname=${server.uri(database)}`], { env, timeout: TIMEOUT_MS });
}

export interface DumpRunInputs {
  readonly server: PostgresServer;
  /** Directory of the dump location. */
  readonly directory: string;
  readonly database: string;
  readonly planId: string;
  readonly organizationId: string | null;
  /** What a stand-in holds where there is no pg_dump for the server; null: pg_dump is there. */
  readonly standIn: { readonly definitions: string; readonly rows: TableRows } | null;
}

/** Dumps a database into the location, `<database>/<time>.dump`. @returns the run record of it */
export async function dumpRun(inputs: DumpRunInputs): Promise<Row> {
  const { server, directory, database, standIn } = inputs;
  const now = () => {
    const startedAt = toInstant(Math.floor(Date.now() / 1000) * 1000);
    const stamp = `${startedAt.slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
    const path = `${database}/${stamp}.${standIn === null ? 'dump' : 'sql'}`;
    return { startedAt, stamp, path, file: join(directory, path) };
  };
  // Its name is of one second, in which a fast machine makes two.
  const { startedAt, stamp, path, file } = await waitUntil('the next second', async () => {
    const next = now();
    return existsSync(next.file) ? null : next;
  });
  await mkdir(dirname(file), { recursive: true });
  if (standIn === null) await pgDump(server, database, ['--format=custom', `--file=${file}`]);
  else await writeFile(file, plainDump({ database, startedAt, serverVersion: await versionOf(server), ...standIn }));
  return {
    run_id: `run-${database}-${stamp}`,
    plan_id: inputs.planId,
    organization_id: inputs.organizationId,
    database_name: database,
    status: 'succeeded',
    started_at: startedAt,
    finished_at: toInstant(Date.now()),
    artifact_uri: `nas://backup-host/dumps/${path}`,
    ...(await recordOf(file)),
    error: null,
  };
}

/** Size and checksum of a dump, as a run record states them. */
export async function recordOf(file: string): Promise<{ readonly artifact_bytes: number; readonly sha256: string }> {
  const { size } = await stat(file);
  return {
    artifact_bytes: size,
    sha256: createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  };
}

async function versionOf(server: PostgresServer): Promise<string> {
  const [row] = await server.query('SHOW server_version');
  return String(row?.['server_version'] ?? '');
}
