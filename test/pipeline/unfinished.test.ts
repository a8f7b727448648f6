import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noteUnfinished, unfinishedPaths } from '../../src/model/unfinished.ts';
import { withScratch } from '../../src/pipeline/scratch.ts';
import { removeUnfinished } from '../../src/pipeline/unfinished.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';

let scratch: ScratchDirectory;
beforeEach(() => {
  scratch = scratchDirectory('unfinished');
});
afterEach(() => scratch[Symbol.dispose]());

describe('what is unfinished', () => {
  it('is removed at once, files and whole directories, and nothing else', () => {
    const file = join(scratch.path, 'bundle.part');
    const directory = join(scratch.path, '.report.part');
    const kept = join(scratch.path, 'report');
    mkdirSync(join(directory, 'deep'), { recursive: true });
    for (const one of [file, join(directory, 'deep', 'page.html'), kept]) writeFileSync(one, 'x');
    const finished = noteUnfinished(kept);
    const forget = [file, directory, join(scratch.path, 'never-made')].map(noteUnfinished);
    finished();
    removeUnfinished();
    for (const one of forget) one();
    expect(readdirSync(scratch.path)).toEqual(['report']);
    expect(unfinishedPaths()).toEqual([]);
  });
});

describe('a scratch directory', () => {
  it('is unfinished while the work lasts, lies with temporary files, and is gone afterwards', async () => {
    let seen = '';
    const result = await withScratch(async (directory) => {
      seen = directory;
      writeFileSync(join(directory, 'rows.ndjson'), '{}');
      expect(unfinishedPaths()).toEqual([directory]);
      return 42;
    });
    expect(result).toBe(42);
    expect(seen.startsWith(join(tmpdir(), 'recoverage-'))).toBe(true);
    expect(existsSync(seen)).toBe(false);
    expect(unfinishedPaths()).toEqual([]);
  });

  it('is gone after work that failed', async () => {
    let seen = '';
    const work = withScratch(async (directory) => {
      seen = directory;
      throw new Error('the work failed');
    });
    await expect(work).rejects.toThrow('the work failed');
    expect(existsSync(seen)).toBe(false);
    expect(unfinishedPaths()).toEqual([]);
  });
});
