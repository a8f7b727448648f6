import { appendFileSync } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copiedTreeDigest } from '../../../../src/collect/hosts/copied-tree.ts';
import { hostProbe } from '../../../../src/collect/hosts/probe/host-probe.ts';
import { digestTree } from '../../../../src/collect/hosts/probe/tree-digest.ts';
import { filesBelow } from '../../../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

const KEY = 'a key of the tests';
const { signal } = new AbortController();

async function write(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), contents, { mode: 0o640 });
  }
}

const STATE = { 'state.json': '{}', 'deep/er/a.txt': 'a', 'deep-er/b.txt': 'b', 'deep.er': 'c' };

describe('the digest of a tree', () => {
  it('is the same for the same files, wherever they lie and whenever they were written', async () => {
    await using scratch = scratchDirectory('tree');
    const [one, other] = [join(scratch.path, 'one'), join(scratch.path, 'other')];
    await write(one, STATE);
    await write(other, Object.fromEntries(Object.entries(STATE).reverse()));
    await utimes(join(other, 'state.json'), 1000, 1000);
    expect(digestTree(one, { key: KEY }).digest).toBe(digestTree(other, { key: KEY }).digest);
    expect(digestTree(one, { key: KEY })).toMatchObject({ files: 4, bytes: 5, links: 0, setupSecrets: 0 });
  });

  it.each([
    ['other contents', { ...STATE, 'state.json': '[]' }],
    ['a further file', { ...STATE, 'more.txt': '' }],
    ['a file less', { 'state.json': '{}', 'deep/er/a.txt': 'a', 'deep-er/b.txt': 'b' }],
    ['another name', { ...STATE, 'deep/er/a.txt': undefined, 'deep/er/A.txt': 'a' }],
    ['contents that moved from one file to another', { ...STATE, 'deep/er/a.txt': 'b', 'deep-er/b.txt': 'a' }],
  ])('is another for %s', async (_, changed) => {
    await using scratch = scratchDirectory('tree');
    const [one, other] = [join(scratch.path, 'one'), join(scratch.path, 'other')];
    await write(one, STATE);
    await write(
      other,
      Object.fromEntries(Object.entries(changed).filter((entry) => entry[1] !== undefined)) as Record<string, string>,
    );
    expect(digestTree(one, { key: KEY }).digest).not.toBe(digestTree(other, { key: KEY }).digest);
  });

  it('is another under another key', async () => {
    await using scratch = scratchDirectory('tree');
    await write(scratch.path, STATE);
    expect(digestTree(scratch.path, { key: KEY }).digest).not.toBe(digestTree(scratch.path, { key: 'other' }).digest);
  });

  it('tells permissions apart from contents', async () => {
    await using scratch = scratchDirectory('tree');
    await write(scratch.path, STATE);
    const before = digestTree(scratch.path, { key: KEY });
    await chmod(join(scratch.path, 'state.json'), 0o600);
    const after = digestTree(scratch.path, { key: KEY });
    expect(after.digest).toBe(before.digest);
    expect(after.digestOfModes).not.toBe(before.digestOfModes);
  });

  it('leaves out what is regenerated: caches, logs, binaries', async () => {
    await using scratch = scratchDirectory('tree');
    await write(scratch.path, STATE);
    const before = digestTree(scratch.path, { key: KEY });
    await write(scratch.path, {
      '.next/server.js': 'x',
      'deep/cache/y': 'y',
      'logs/today': 'z',
      'server.log': '1',
      'server.log.1.gz': '2',
      'bin/novantra': 'elf',
      'native.node': 'elf',
      'run.pid': '1',
    });
    expect(digestTree(scratch.path, { key: KEY })).toEqual(before);
  });

  it('follows no symbolic link, and counts it', async () => {
    await using scratch = scratchDirectory('tree');
    await write(scratch.path, { 'state/a': 'a', 'outside/secret': 'secret' });
    const root = join(scratch.path, 'state');
    const before = digestTree(root, { key: KEY });
    await symlink(join(scratch.path, 'outside'), join(root, 'link'));
    await symlink('loop', join(root, 'loop'));
    expect(digestTree(root, { key: KEY })).toEqual({ ...before, links: 2 });
  });

  it('notices secrets of a setup in progress by their names alone', async () => {
    await using scratch = scratchDirectory('tree');
    await write(scratch.path, {
      ...STATE,
      'setup-token': 'hidden',
      'deep/setup.secret.json': 'hidden',
      'setup.md': '',
    });
    expect(digestTree(scratch.path, { key: KEY }).setupSecrets).toBe(2);
  });

  it('takes names as bytes, and files of any size', async () => {
    await using scratch = scratchDirectory('tree');
    const [one, other] = [join(scratch.path, 'one'), join(scratch.path, 'other')];
    for (const root of [one, other]) {
      await write(root, { 'grün/ü.txt': 'x'.repeat(200_000) });
      await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]), 'no text');
    }
    expect(digestTree(one, { key: KEY }).digest).toBe(digestTree(other, { key: KEY }).digest);
    expect(digestTree(one, { key: KEY })).toMatchObject({ files: 2, bytes: 200_007 });
    await writeFile(join(other, 'grün/ü.txt'), `${'x'.repeat(199_999)}y`);
    expect(digestTree(one, { key: KEY }).digest).not.toBe(digestTree(other, { key: KEY }).digest);
  });

  it('throws for what may not be read, and for what is not there', async () => {
    await using scratch = scratchDirectory('tree');
    expect(() => digestTree(join(scratch.path, 'none'), { key: KEY })).toThrow(/ENOENT/);
  });

  it('reads a file again that was written to meanwhile, and gives up the third time', async () => {
    await using scratch = scratchDirectory('tree');
    const file = join(scratch.path, 'large');
    await write(scratch.path, { large: 'x'.repeat(100 * 1024) });
    // Called while the file is read, after its first part.
    const writing = (most: number) => {
      let times = 0;
      const onProgress = () => {
        times += 1;
        if (times <= most) appendFileSync(file, 'y');
      };
      return { onProgress, times: () => times };
    };
    const once = writing(1);
    const settled = digestTree(scratch.path, { key: KEY, onProgress: once.onProgress });
    expect(once.times()).toBe(2);
    expect(settled).toEqual(digestTree(scratch.path, { key: KEY }));
    expect(settled.bytes).toBe(100 * 1024 + 1);
    const always = writing(Number.POSITIVE_INFINITY);
    const digested = () => digestTree(scratch.path, { key: KEY, onProgress: always.onProgress });
    expect(digested).toThrow(expect.objectContaining({ name: 'TreeDigestError', code: 'CHANGING' }));
    expect(always.times()).toBe(3);
  });

  it('outlives files that come and go while it is taken', async () => {
    await using scratch = scratchDirectory('tree');
    await write(scratch.path, STATE);
    const end = Date.now() + 300;
    const churn = (async () => {
      for (let turn = 0; Date.now() < end; turn += 1) {
        await writeFile(join(scratch.path, 'new'), String(turn));
        await rename(join(scratch.path, 'new'), join(scratch.path, 'deep', 'moving'));
        await rm(join(scratch.path, 'deep', 'moving'));
      }
    })();
    while (Date.now() < end) {
      const { files } = await hostProbe.ask({ ask: 'tree', path: scratch.path, key: KEY, except: null }, signal);
      expect(files).toBeGreaterThanOrEqual(4);
      expect(files).toBeLessThanOrEqual(6);
    }
    await churn;
  });
});

describe('the digest of a copy', () => {
  const names = fc.stringMatching(/^[a-cA. -]{1,3}$/).filter((name) => !/^\.+$/.test(name));
  const paths = fc.uniqueArray(fc.array(names, { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 12,
    selector: (segments) => segments.join('/'),
  });

  it('from the listing of a bucket is that of the directory, whatever the names', async () => {
    await fc.assert(
      fc.asyncProperty(paths, async (all) => {
        await using scratch = scratchDirectory('tree');
        const files = all.map((segments) => segments.join('/'));
        // No file where another path has a directory.
        const own = files.filter((path) => !files.some((other) => other.startsWith(`${path}/`)));
        await write(scratch.path, Object.fromEntries(own.map((path, index) => [path, `contents ${index}`])));
        const local = localDirectoryTree({ root: scratch.path });
        const listed = await filesBelow(local, '', signal);
        const bucket = { ...local, locator: 's3://bucket/' };
        const access = { probe: hostProbe, digestKey: new Secret(KEY), signal };
        const copied = { path: '', files: listed, except: null };
        const fromBucket = await copiedTreeDigest({ ...copied, tree: bucket }, access);
        expect(fromBucket).toEqual({ digest: digestTree(scratch.path, { key: KEY }).digest, digestOfModes: null });
      }),
      { numRuns: 40 },
    );
  });

  it('leaves out the completion marker, and comes with permissions from a directory', async () => {
    await using scratch = scratchDirectory('tree');
    await write(scratch.path, STATE);
    await symlink('/elsewhere', join(scratch.path, 'link'));
    const { digest, digestOfModes } = digestTree(scratch.path, { key: KEY });
    await write(scratch.path, { COMPLETE: '' });
    const tree = localDirectoryTree({ root: scratch.path });
    const access = { probe: hostProbe, digestKey: new Secret(KEY), signal };
    expect(await copiedTreeDigest({ tree, path: '', files: [], except: 'COMPLETE' }, access)).toEqual({
      digest,
      digestOfModes,
      links: 1,
    });
  });
});
