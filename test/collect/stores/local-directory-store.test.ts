import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isEmptyDirectory, readLocalStore } from '../../../src/collect/stores/local-directory-store.ts';
import { scratchDirectory } from '../../services/scratch.ts';

describe('readLocalStore', () => {
  it('tells a directory and its file system', async () => {
    using scratch = scratchDirectory('store');
    const reading = await readLocalStore(scratch.path);
    expect(reading).toMatchObject({ answers: true, isDirectory: true });
    expect(reading.deviceId).toMatch(/^[0-9]+$/);
    expect(reading.freeBytes).toBeGreaterThan(0);
    expect((await readLocalStore(join(scratch.path, '..'))).deviceId).toBe(reading.deviceId);
  });

  it('tells a file from a directory', async () => {
    using scratch = scratchDirectory('store');
    await writeFile(join(scratch.path, 'file'), '');
    expect(await readLocalStore(join(scratch.path, 'file'))).toMatchObject({ isDirectory: false });
  });

  it('does not answer where nothing is', async () => {
    using scratch = scratchDirectory('store');
    await expect(readLocalStore(join(scratch.path, 'none'))).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'unreachable',
    });
    await writeFile(join(scratch.path, 'file'), '');
    await expect(readLocalStore(join(scratch.path, 'file', 'below'))).rejects.toMatchObject({ reason: 'unreachable' });
    await symlink(join(scratch.path, 'loop'), join(scratch.path, 'loop'));
    await expect(readLocalStore(join(scratch.path, 'loop'))).rejects.toMatchObject({ reason: 'unreachable' });
    await expect(readLocalStore('/a\0b')).rejects.toMatchObject({ name: 'SourceError' });
  });
});

const UNPRIVILEGED = 65_534;

describe('whether a directory is empty', () => {
  it('is told from the first name in it', async () => {
    using scratch = scratchDirectory('store');
    expect(await isEmptyDirectory(scratch.path)).toBe(true);
    await writeFile(join(scratch.path, 'file'), '');
    expect(await isEmptyDirectory(scratch.path)).toBe(false);
    await expect(isEmptyDirectory(join(scratch.path, 'none'))).rejects.toMatchObject({ reason: 'unreachable' });
  });

  it('is no defect where it may not be listed: the path is named, and what to grant', async () => {
    using scratch = scratchDirectory('store');
    const closed = join(scratch.path, 'closed');
    await mkdir(closed);
    await chmod(closed, 0o111);
    await chmod(scratch.path, 0o711);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(UNPRIVILEGED);
    try {
      expect(await readLocalStore(closed)).toMatchObject({ isDirectory: true });
      await expect(isEmptyDirectory(closed)).rejects.toMatchObject({
        name: 'SourceError',
        reason: 'unauthorized',
        message: `${closed} cannot be listed (EACCES)`,
        remedy: expect.stringContaining(`read and search that directory, such as by setfacl -m u:USER:rx ${closed}`),
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});
