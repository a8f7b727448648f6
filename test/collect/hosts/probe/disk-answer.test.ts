import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createHostProbe } from '../../../../src/collect/hosts/probe/host-probe.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
const BYTES = 1024 ** 2;

async function disksOf(paths: readonly string[]) {
  const probe = createHostProbe();
  const answers = [];
  for (const path of paths) answers.push((await probe.ask({ ask: 'directory', path }, signal)).disk);
  probe.close();
  return answers;
}

describe.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('what a directory lies on', () => {
  it('is told by its mount: whether it is one itself, its type, and what is left of bytes and inodes', async (context) => {
    await using scratch = scratchDirectory('disk');
    const point = join(scratch.path, 'mount');
    const below = join(point, 'store');
    const link = join(scratch.path, 'link');
    await mkdir(point);
    await symlink(point, link);
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${BYTES},nr_inodes=100`, 'tmpfs', point]);
    } catch {
      context.skip('nothing may be mounted here');
      return;
    }
    try {
      await mkdir(below);
      const empty = { fileSystem: 'tmpfs', totalBytes: BYTES, freeBytes: BYTES, totalInodes: 100, freeInodes: 98 };
      expect(await disksOf([point, below, link, scratch.path])).toEqual([
        { ...empty, ownMount: true },
        { ...empty, ownMount: false },
        { ...empty, ownMount: true },
        expect.objectContaining({ ownMount: false, totalBytes: expect.any(Number) }),
      ]);
      await writeFile(join(below, 'file'), Buffer.alloc(BYTES / 4));
      const [filled] = await disksOf([below]);
      expect(filled).toMatchObject({ freeBytes: (BYTES / 4) * 3, freeInodes: 97 });
    } finally {
      await run('umount', [point]);
    }
  });
});
