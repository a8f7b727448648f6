import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { listLocation } from '../../../src/collect/backups/list-location.ts';
import { type Listing, listInThread } from '../../../src/collect/backups/threads/listing-threads.ts';
import type { ArtifactFile } from '../../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { scratchDirectory } from '../../services/scratch.ts';

const UNPRIVILEGED = 65_534;
const MANY = 3000;
const { signal } = new AbortController();
let cleanup = new DisposableStack();
afterEach(() => {
  cleanup.dispose();
  cleanup = new DisposableStack();
});

function scratch(): string {
  const { path } = cleanup.use(scratchDirectory('listing'));
  chmodSync(path, 0o755);
  return path;
}

function bytesBelow(root: string, ...name: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)]);
}

/** Names, links and whatever else a directory of backups may hold, and a directory that is closed. */
function odd(root: string): void {
  const outside = scratch();
  for (const name of ['a/b', 'a b/\n', 'ä', 'closed', 'lost+found']) mkdirSync(join(root, name), { recursive: true });
  for (const name of ['a/b/c.dump', 'a b/\n/"', 'ä/\u202e', '\\x41', '\\xff', 'closed/x', 'empty'])
    writeFileSync(join(root, name), name === 'empty' ? '' : name);
  mkdirSync(bytesBelow(root, 0xfe));
  writeFileSync(bytesBelow(root, 0xfe, 0x2f, 0xff, 0x5c), 'no UTF-8');
  writeFileSync(bytesBelow(root, 0xef, 0xbb, 0xbf, 0x41), 'a name that begins with a mark of byte order');
  writeFileSync(join(outside, 'secret'), 'x');
  symlinkSync(outside, join(root, 'out'));
  symlinkSync(join(outside, 'secret'), bytesBelow(root, 0xfd));
  symlinkSync(join(root, 'a'), join(root, 'in'));
  symlinkSync(join(root, 'nothing'), join(root, 'broken'));
  for (const name of ['closed', 'lost+found']) chmodSync(join(root, name), 0o700);
}

function many(root: string): void {
  mkdirSync(join(root, 'below'));
  for (let number = 0; number < MANY; number += 1)
    writeFileSync(join(root, number % 2 === 0 ? 'below' : '', `${number}.dump`), String(number));
  symlinkSync('/', join(root, 'out'));
}

/** What is listed, in the order of its paths, as the order of a directory is nobody's business. */
function sorted({ files, links, failure }: Listing): unknown {
  const byPath = (all: readonly ArtifactFile[]) => all.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  const error = failure?.error;
  const why =
    error instanceof SourceError ? { reason: error.reason, message: error.message, remedy: error.remedy } : error;
  return { files: byPath(files), links: byPath(links), why };
}

async function listedHere(root: string): Promise<Listing> {
  const files: ArtifactFile[] = [];
  const links: ArtifactFile[] = [];
  try {
    for await (const file of localDirectoryTree({ root }).list(signal, (link) => links.push(link))) files.push(file);
  } catch (error) {
    return { files, links, failure: { error } };
  }
  return { files, links, failure: null };
}

async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return action();
  process.seteuid?.(UNPRIVILEGED);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

describe('what a thread lists', () => {
  it.each<readonly [string, (root: string) => void]>([
    ['odd names, links and a closed directory', odd],
    ['many files', many],
    ['nothing', () => undefined],
    ['no directory', (root) => rmSync(root, { recursive: true })],
    [
      'a file in its place',
      (root) => {
        rmSync(root, { recursive: true });
        writeFileSync(root, '');
      },
    ],
  ])('is what is listed without one: %s', async (_, fill) => {
    const root = scratch();
    fill(root);
    const here = await asNobody(() => listedHere(root));
    const inThread = await asNobody(() => listInThread(root, signal));
    expect(sorted(inThread)).toEqual(sorted(here));
  });

  it('holds what the test means to compare', async () => {
    const root = scratch();
    odd(root);
    const { files, links, failure } = await asNobody(() => listInThread(root, signal));
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['a/b/c.dump', '\\xfe/\\xff\\x5c', '\\x5cxff']),
    );
    expect(links.map(({ path }) => path).toSorted()).toEqual(['\\xfd', 'out']);
    if (process.getuid?.() === 0) expect(String(failure?.error)).toContain('a part of');
  });

  it('ends with a reason where the audit is interrupted, or the thread ends', async () => {
    const root = scratch();
    await expect(listInThread(root, AbortSignal.abort())).resolves.toMatchObject({
      failure: { error: { name: 'SourceError', reason: 'not-asked' } },
    });
    const program = (name: string) => new URL(`threads/${name}`, import.meta.url);
    const interruption = new AbortController();
    const endless = listInThread(root, interruption.signal, program('endless-thread.mjs'));
    setTimeout(() => interruption.abort(), 20);
    await expect(endless).resolves.toMatchObject({ failure: { error: { name: 'SourceError', reason: 'not-asked' } } });
    await expect(listInThread(root, signal, program('ending-thread.mjs'))).resolves.toMatchObject({
      files: [{ path: 'seen' }],
      failure: { error: { name: 'SourceError', reason: 'unsupported' } },
    });
  });
});

describe('a location', () => {
  it('of many files is listed whole, and once', async () => {
    const root = scratch();
    many(root);
    const listing = await listLocation(localDirectoryTree({ root }), signal);
    expect(listing.files).toHaveLength(MANY);
    expect(listing.links).toHaveLength(1);
    expect(sorted(listing)).toEqual(sorted(await listedHere(root)));
  });

  it('of another kind is listed by itself, however many files it holds', async () => {
    const file = (path: string): ArtifactFile => ({ path, bytes: 1, modifiedAt: '2026-11-22T12:00:00.000Z' });
    const tree = {
      ...localDirectoryTree({ root: scratch() }),
      async *list() {
        for (let number = 0; number < MANY; number += 1) yield file(String(number));
        throw new SourceError('timeout', 'listing took too long', 'Try again.');
      },
    };
    const { files, failure } = await listLocation(tree, signal);
    expect(files).toHaveLength(MANY);
    expect(failure?.error).toMatchObject({ reason: 'timeout' });
  });
});
