import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostProbe } from '../../src/collect/hosts/probe/host-probe.ts';
import { localFileProbe } from '../../src/collect/local-file-probe.ts';
import type { FoundFile } from '../../src/collect/stores/file-probe.ts';
import { OneFileError, stepsBelow } from '../../src/collect/stores/file-probe.ts';
import { scratchDirectory } from '../services/scratch.ts';

const signal = new AbortController().signal;
const scratch = scratchDirectory('file-probe');
const root = join(scratch.path, 'acme');

beforeAll(async () => {
  await mkdir(join(root, 'documents/deep'), { recursive: true });
  await mkdir(join(scratch.path, 'globex'));
  await mkdir(join(scratch.path, 'empty'));
  await writeFile(join(root, 'documents/one.txt'), 'twelve bytes');
  await writeFile(join(scratch.path, 'globex/secret.txt'), 'of another');
  await symlink(join(scratch.path, 'globex'), join(root, 'elsewhere'));
  await symlink('one.txt', join(root, 'documents/link.txt'));
});

afterAll(() => scratch[Symbol.dispose]());

const look = (key: string, where = root) => localFileProbe(where, { probe: hostProbe, signal }).look(key);

describe('a file below a directory', () => {
  it('is told with its size', async () => {
    expect(await look('documents/one.txt')).toMatchObject({ is: 'found', bytes: 12, sha256: null, locked: false });
    expect(await look('documents//one.txt')).toMatchObject({ is: 'found' });
  });

  it.each(['documents/two.txt', 'nowhere/one.txt', 'documents', 'documents/one.txt/more', `${'x'.repeat(300)}`])(
    'is missing: %s',
    async (key) => {
      expect(await look(key)).toEqual({ is: 'missing' });
    },
  );

  it.each([
    '/etc/passwd',
    '../globex/secret.txt',
    'documents/../../globex/secret.txt',
    './documents/one.txt',
    '',
    'a\0b',
    'C:\\files\\one.txt',
    '..\\globex',
  ])('is not followed: %j', async (key) => {
    expect(await look(key)).toEqual({ is: 'refused' });
  });

  it.each(['elsewhere/secret.txt', 'documents/link.txt'])('is a link, which is not followed: %j', async (key) => {
    expect(await look(key)).toEqual({ is: 'link' });
  });

  it('gives the checksum of what it holds, and none where it is too large', async () => {
    const probe = localFileProbe(root, { probe: hostProbe, signal });
    const file = (await probe.look('documents/one.txt')) as FoundFile;
    expect(await probe.checksum('documents/one.txt', file)).toBe(
      createHash('sha256').update('twelve bytes').digest('hex'),
    );
    expect(await probe.checksum('documents/one.txt', { ...file, bytes: 2 ** 40 })).toBeNull();
  });

  it('gives no checksum where it is taken away or no file any more', async () => {
    const probe = localFileProbe(root, { probe: hostProbe, signal });
    const file = (await probe.look('documents/one.txt')) as FoundFile;
    for (const key of ['documents/gone.txt', 'documents/link.txt', 'documents/deep']) {
      await expect(probe.checksum(key, file)).rejects.toBeInstanceOf(OneFileError);
    }
  });

  it('is asked for in vain where the directory is not there, or empty as an unmounted share', async () => {
    await expect(look('documents/one.txt', join(scratch.path, 'nowhere'))).rejects.toMatchObject({
      reason: 'unreachable',
    });
    await expect(look('documents/one.txt', join(scratch.path, 'empty'))).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining('may be unmounted'),
    });
  });
});

it('names of files lead below the store or nowhere', () => {
  expect(stepsBelow('a/b c/d.txt')).toEqual(['a', 'b c', 'd.txt']);
  expect(stepsBelow('a/..b/c')).toEqual(['a', '..b', 'c']);
  for (const key of ['/a', '..', 'a/..', 'a/../b', '.', '', 'D:/a']) expect(stepsBelow(key)).toBeNull();
});
