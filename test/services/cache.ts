import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceRecipe } from './recipes.ts';

const LOCK_POLL_MS = 500;

/** Where built test servers are kept, outside the repository: `RECOVERAGE_TEST_CACHE`, else the user's cache folder. */
function serviceCache(): string {
  const stated = process.env['RECOVERAGE_TEST_CACHE'];
  if (stated) return stated;
  const userCache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(userCache, 'recoverage-test-services');
}

function serviceDirectory(recipe: ServiceRecipe): string {
  return join(serviceCache(), `${recipe.name}-${recipe.version}`);
}

/** Absolute path of the built program, or null when it is not in the cache. */
export function cachedProgram(recipe: ServiceRecipe): string | null {
  const program = join(serviceDirectory(recipe), recipe.executable);
  return existsSync(program) ? program : null;
}

function holderLives(lockFile: string): boolean {
  try {
    const pid = Number.parseInt(readFileSync(lockFile, 'utf8'), 10);
    if (!Number.isSafeInteger(pid)) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function takeLock(lockFile: string): Promise<AsyncDisposable> {
  for (;;) {
    try {
      const handle = await open(lockFile, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return { [Symbol.asyncDispose]: () => rm(lockFile, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      if (existsSync(lockFile) && !holderLives(lockFile)) await rm(lockFile, { force: true });
      else await sleep(LOCK_POLL_MS);
    }
  }
}

/**
 * Builds a service into the cache unless it is there. The lock only saves a second builder the work; what makes the
 * result sound is that a build happens under a temporary name and appears by one rename.
 *
 * @returns the absolute path of the program
 */
export async function installService(recipe: ServiceRecipe, log: (line: string) => void): Promise<string> {
  await mkdir(serviceCache(), { recursive: true });
  await using _lock = await takeLock(join(serviceCache(), `${recipe.name}-${recipe.version}.lock`));
  const present = cachedProgram(recipe);
  if (present) {
    log(`${recipe.name} ${recipe.version}: in the cache`);
    return present;
  }
  const startedAt = performance.now();
  log(`${recipe.name} ${recipe.version}: building`);
  const building = await mkdtemp(join(serviceCache(), `building-${recipe.name}-`));
  try {
    await recipe.build(building);
    await rm(serviceDirectory(recipe), { recursive: true, force: true });
    await rename(building, serviceDirectory(recipe));
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  const built = cachedProgram(recipe);
  if (!built) throw new Error(`building ${recipe.name} ${recipe.version} left no ${recipe.executable}`);
  log(`${recipe.name} ${recipe.version}: built in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  return built;
}
