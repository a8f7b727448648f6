import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { toInstant } from '../model/instant.ts';
import type { DemoPostgres } from './demo-postgres.ts';
import { NAMES } from './organizations.ts';
import type { Row } from './table-rows.ts';

const run = promisify(execFile);
const TIMEOUT_MILLIS = 60_000;

/**
 * The pg_dump to use: one found on PATH that is at least as new as the server, as pg_dump refuses newer servers
 * (PostgreSQL documentation, pg_dump, "Notes"). Null where there is none.
 */
export async function usablePgDump(serverVersion: string, program = 'pg_dump'): Promise<string | null> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: TIMEOUT_MILLIS });
    return majorOf(stdout) >= majorOf(serverVersion) ? program : null;
  } catch {
    return null;
  }
}

function majorOf(text: string): number {
  return Number(/\b(\d+)(?:\.\d+|devel|beta\d|rc\d)/.exec(text)?.[1] ?? Number.NaN);
}

/**
 * Dumps a database in custom format, now, and says what its run record says. The header of that format holds local time
 * without a zone, which is made that of the location: UTC.
 */
export async function realDump(
  program: string,
  server: DemoPostgres,
  database: string,
  directory: string,
  signal: AbortSignal,
): Promise<Row> {
  const startedAt = toInstant(Date.now());
  const path = `${database}/${startedAt.slice(0, 19).replaceAll(/[-:]/g, '')}Z.dump`;
  const file = join(directory, path);
  await mkdir(dirname(file), { recursive: true });
  const args = ['--format=custom', `--file=${file}`, '--host', server.host, '--port', String(server.port)];
  await run(program, [...args, '--username', server.superuser.name, '--no-password', database], {
    timeout: TIMEOUT_MILLIS,
    signal,
    env: { ...process.env, TZ: 'UTC', PGPASSWORD: server.superuser.password },
  });
  const bytes = await readFile(file);
  return {
    started_at: startedAt,
    finished_at: toInstant(Date.now()),
    artifact_uri: `nas://${NAMES.copyHost}/dumps/${path}`,
    artifact_bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}
