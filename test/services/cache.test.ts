import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cachedProgram, installService } from './cache.ts';
import type { ServiceRecipe } from './recipes.ts';
import type { ScratchDirectory } from './scratch.ts';
import { scratchDirectory } from './scratch.ts';

let cache: ScratchDirectory;
beforeEach(() => {
  cache = scratchDirectory('cache');
  vi.stubEnv('RECOVERAGE_TEST_CACHE', cache.path);
});
afterEach(() => {
  vi.unstubAllEnvs();
  cache[Symbol.dispose]();
});

function recipe(build: ServiceRecipe['build']): ServiceRecipe {
  return { name: 'vault', version: '0.0.0', executable: 'vault', build };
}
const quiet = (): void => undefined;

describe('cache of test servers', () => {
  it('builds once for two builders at a time', async () => {
    const build = vi.fn(async (directory: string) => {
      await sleep(100);
      await writeFile(join(directory, 'vault'), 'program');
    });
    const [one, two] = await Promise.all([installService(recipe(build), quiet), installService(recipe(build), quiet)]);
    expect(build).toHaveBeenCalledTimes(1);
    expect(one).toBe(two);
    expect(readFileSync(one, 'utf8')).toBe('program');
    expect(readdirSync(cache.path)).toEqual(['vault-0.0.0']);
  });

  it('keeps nothing of a build that fails, and builds again', async () => {
    const failing = recipe(async (directory) => {
      await writeFile(join(directory, 'vault'), 'half');
      throw new Error('out of disk');
    });
    await expect(installService(failing, quiet)).rejects.toThrow('out of disk');
    expect(cachedProgram(failing)).toBeNull();
    expect(readdirSync(cache.path)).toEqual([]);
    const working = recipe((directory) => writeFile(join(directory, 'vault'), 'whole'));
    expect(existsSync(await installService(working, quiet))).toBe(true);
  });

  it('does not wait for a builder that died', async () => {
    const noSuchProcess = 2 ** 22 + 1;
    await writeFile(join(cache.path, 'vault-0.0.0.lock'), String(noSuchProcess));
    const working = recipe((directory) => writeFile(join(directory, 'vault'), 'whole'));
    expect(existsSync(await installService(working, quiet))).toBe(true);
  });
});
