import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ArtifactFile, type ArtifactTree, filesBelow } from '../../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { programOnPath } from '../../services/availability.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { collected } from './collected.ts';

const mkfifo = programOnPath(['mkfifo']) ?? '';
const UNPRIVILEGED = 65_534;
const signal = new AbortController().signal;
let cleanup = new DisposableStack();
afterEach(() => {
  cleanup.dispose();
  cleanup = new DisposableStack();
});

function scratch(): string {
  const { path } = cleanup.use(scratchDirectory('tree'));
  chmodSync(path, 0o755);
  return path;
}

async function listed(tree: ArtifactTree): Promise<readonly ArtifactFile[]> {
  return (await collected(tree.list(signal))).toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

async function paths(tree: ArtifactTree): Promise<readonly string[]> {
  return (await listed(tree)).map(({ path }) => path);
}

describe('listing a directory', () => {
  it('gives regular files with size and time, at any depth', async () => {
    const root = scratch();
    mkdirSync(join(root, 'a/b'), { recursive: true });
    mkdirSync(join(root, 'empty'));
    writeFileSync(join(root, 'a/b/c.dump'), 'four');
    writeFileSync(join(root, 'top'), '');
    utimesSync(join(root, 'a/b/c.dump'), 1_700_000_000.25, 1_700_000_000.25);
    const files = await listed(localDirectoryTree({ root }));
    expect(files).toEqual([
      {
        path: 'a/b/c.dump',
        bytes: 4,
        modifiedAt: '2023-11-14T22:13:20.250Z',
        version: expect.stringMatching(/^ctime \d/),
      },
      { path: 'top', bytes: 0, modifiedAt: expect.any(String), version: expect.any(String) },
    ]);
  });

  it('gives what lies below one directory of it, by the same paths, and nothing outside', async () => {
    const root = scratch();
    const outside = scratch();
    for (const path of ['a/b/c', 'a/d', 'ab/e', 'f']) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), 'x');
    }
    const tree = localDirectoryTree({ root });
    const below = async (directory: string) => (await filesBelow(tree, directory, signal)).map(({ path }) => path);
    expect((await below('a')).toSorted()).toEqual(['a/b/c', 'a/d']);
    expect((await below('')).toSorted()).toEqual(['a/b/c', 'a/d', 'ab/e', 'f']);
    await expect(below('gone')).rejects.toBeInstanceOf(SourceError);
    writeFileSync(join(outside, 'secret'), 'x');
    symlinkSync(outside, join(root, 'link'));
    await expect(below('link')).rejects.toMatchObject({ reason: 'unsupported' });
    await expect(below('../')).rejects.toBeInstanceOf(SourceError);
  });

  it('leaves out links, pipes and whatever else is no regular file', async () => {
    const root = scratch();
    const outside = scratch();
    writeFileSync(join(outside, 'secret'), 'x');
    symlinkSync(outside, join(root, 'link'));
    symlinkSync(join(outside, 'secret'), join(root, 'file-link'));
    symlinkSync(root, join(root, 'loop'));
    execFileSync(mkfifo, [join(root, 'pipe')], { timeout: 5000 });
    symlinkSync(join(root, 'nothing'), join(root, 'broken'));
    expect(await paths(localDirectoryTree({ root }))).toEqual([]);
    const out: string[] = [];
    const tree = localDirectoryTree({ root });
    for await (const file of tree.list(new AbortController().signal, ({ path, special }) =>
      out.push(special === undefined ? path : `${path}: ${special}`),
    )) {
      expect(file).toBeUndefined();
    }
    expect(out.sort()).toEqual(['file-link', 'link', 'pipe: a named pipe']);
  });

  it('survives hostile names', async () => {
    const root = scratch();
    const names = ['a\nb', '-rf', ' ', '"\'`$(x)', '\u202e', 'ä', '..a'];
    for (const name of names) writeFileSync(join(root, name), name);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0x41])]), 'not UTF-8');
    mkdirSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xfe])]));
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xfe]), Buffer.from('/x')]), 'below');
    const tree = localDirectoryTree({ root });
    expect(new Set(await paths(tree))).toEqual(new Set([...names, '\\xffA', '\\xfe/x']));
    for (const name of names) {
      const reader = await tree.open(name, signal);
      expect(Buffer.from(await reader.read(0, 100)).toString('utf8')).toBe(name);
      await reader.close();
    }
    for (const [name, content] of Object.entries({ '\\xffA': 'not UTF-8', '\\xfe/x': 'below' })) {
      const reader = await tree.open(name, signal);
      expect(Buffer.from(await reader.read(0, 100)).toString('utf8')).toBe(content);
      await reader.close();
    }
    await expect(tree.open('\ufffdA', signal)).rejects.toMatchObject({ reason: 'unreachable' });
  });

  it('of 5000 files holds none of them in memory and can be left early', async () => {
    const root = scratch();
    for (let number = 0; number < 5000; number += 1) writeFileSync(join(root, `${number}.dump`), '');
    const tree = localDirectoryTree({ root });
    let count = 0;
    for await (const _file of tree.list(signal)) count += 1;
    expect(count).toBe(5000);
    for await (const { bytes } of tree.list(signal)) {
      expect(bytes).toBe(0);
      break;
    }
  });

  it('tells a missing root, one that is a file, and an interruption apart from an empty one', async () => {
    const root = scratch();
    expect(await paths(localDirectoryTree({ root }))).toEqual([]);
    writeFileSync(join(root, 'file'), '');
    for (const absent of [join(root, 'none'), join(root, 'file')]) {
      await expect(paths(localDirectoryTree({ root: absent }))).rejects.toMatchObject({ reason: 'unreachable' });
    }
    const stopped = collected(localDirectoryTree({ root }).list(AbortSignal.abort()));
    await expect(stopped).rejects.toMatchObject({ name: 'SourceError', reason: 'not-asked' });
  });

  it.skipIf(process.getuid?.() !== 0)(
    'refuses to take an unreadable directory for an empty one (needs root)',
    async () => {
      const root = scratch();
      mkdirSync(join(root, 'closed'), { mode: 0o700 });
      writeFileSync(join(root, 'closed/x'), '');
      writeFileSync(join(root, 'private'), '', { mode: 0o600 });
      const tree = localDirectoryTree({ root });
      process.seteuid?.(UNPRIVILEGED);
      try {
        await expect(paths(tree)).rejects.toMatchObject({ reason: 'unauthorized' });
        await expect(tree.open('private', signal)).rejects.toMatchObject({ reason: 'unauthorized' });
        await expect(tree.open('closed/x', signal)).rejects.toMatchObject({ reason: 'unauthorized' });
      } finally {
        process.seteuid?.(0);
      }
      expect(await paths(tree)).toEqual(['closed/x', 'private']);
    },
  );

  it.skipIf(process.getuid?.() !== 0)(
    'lists everything else before it says what may not be read, and passes lost+found over at the top (needs root)',
    async () => {
      const root = scratch();
      for (const name of ['a', 'closed', 'z', 'z/lost+found', 'names-only', 'lost+found']) mkdirSync(join(root, name));
      for (const name of ['a/1', 'closed/2', 'z/3', 'names-only/4', '5']) writeFileSync(join(root, name), '');
      for (const name of ['closed', 'z/lost+found', 'lost+found']) chmodSync(join(root, name), 0o700);
      chmodSync(join(root, 'names-only'), 0o744);
      const attempt = async () => {
        const found: string[] = [];
        const errors: string[] = [];
        process.seteuid?.(UNPRIVILEGED);
        try {
          for await (const { path } of localDirectoryTree({ root }).list(signal)) found.push(path);
        } catch (error) {
          errors.push(String(error));
        } finally {
          process.seteuid?.(0);
        }
        return { found: found.sort(), errors };
      };
      // No path below it: what is told here is told to every organization.
      const unread = `SourceError: a part of ${JSON.stringify(root)} may not be read`;
      expect(await attempt()).toEqual({
        found: ['5', 'a/1', 'z/3'],
        errors: [unread],
      });
      for (const name of ['closed', 'names-only']) chmodSync(join(root, name), 0o755);
      const below = await attempt();
      expect(below.found).toEqual(['5', 'a/1', 'closed/2', 'names-only/4', 'z/3']);
      expect(below.errors).toEqual([unread]);
      chmodSync(join(root, 'z/lost+found'), 0o755);
      expect(await attempt()).toEqual({ ...below, errors: [] });
    },
  );
});

describe('opening a file of a directory', () => {
  it('reads ranges and streams, and stops where the file stops', async () => {
    const root = scratch();
    const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, index) => index % 251));
    writeFileSync(join(root, 'f'), bytes);
    const before = statSync(join(root, 'f'));
    await using tree = { ...localDirectoryTree({ root }), [Symbol.asyncDispose]: async () => undefined };
    const reader = await tree.open('f', signal);
    expect(reader.bytes).toBe(600_000);
    expect(Buffer.from(await reader.read(500, 1000)).equals(bytes.subarray(500, 1500))).toBe(true);
    expect(await reader.read(599_999, 1000)).toHaveLength(1);
    expect(await reader.read(700_000, 1000)).toHaveLength(0);
    expect(Buffer.concat(await collected(reader.stream(7))).equals(bytes.subarray(7))).toBe(true);
    truncateSync(join(root, 'f'), 1000);
    expect(Buffer.concat(await collected(reader.stream()))).toHaveLength(1000);
    await reader.close();
    expect(statSync(join(root, 'f')).ino).toBe(before.ino);
  });

  it('refuses every way out of the directory', async () => {
    const root = scratch();
    const outside = scratch();
    writeFileSync(join(outside, 'secret'), 'x');
    writeFileSync(join(root, 'inside'), 'x');
    mkdirSync(join(root, 'folder'));
    symlinkSync(outside, join(root, 'out'));
    symlinkSync(join(outside, 'secret'), join(root, 'link'));
    execFileSync(mkfifo, [join(root, 'pipe')], { timeout: 5000 });
    const tree = localDirectoryTree({ root });
    const refused = [
      '',
      '.',
      '..',
      '../x',
      'a/../../x',
      '/etc/passwd',
      'folder//x',
      'x\0',
      'out/secret',
      'link',
      'pipe',
      'folder',
    ];
    for (const path of refused) {
      await expect(tree.open(path, signal), path).rejects.toMatchObject({ name: 'SourceError' });
    }
    await expect(tree.open('none', signal)).rejects.toMatchObject({ reason: 'unreachable' });
    await (await tree.open('inside', signal)).close();
  });
});
