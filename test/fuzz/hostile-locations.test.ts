import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBarmanCatalog } from '../../src/collect/backups/physical/barman-catalog.ts';
import { readBaseBackups } from '../../src/collect/backups/physical/base-backups.ts';
import { readPgBackRestRepository } from '../../src/collect/backups/physical/pgbackrest-repository.ts';
import type { PhysicalContents } from '../../src/collect/backups/physical/physical-copy.ts';
import { readWalGRepository } from '../../src/collect/backups/physical/wal-g-repository.ts';
import { readDumpFile } from '../../src/collect/formats/pg-dump/read-dump.ts';
import type { ArtifactFile, ArtifactTree } from '../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../src/collect/trees/local-directory.ts';
import { SourceError } from '../../src/model/source-error.ts';
import { fixture } from '../collect/formats/pg-dump/dump-fixtures.ts';
import { readingOf } from '../collect/formats/pg-dump/fixtures.ts';
import { alteredTree } from '../collect/trees/altered-tree.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
const options = {
  depth: 'full',
  declaredServer: null,
  passphrase: null,
  signal,
  blindSpotOf: (error: unknown) => {
    if (!(error instanceof SourceError)) throw error;
    return { reason: error.reason, detail: error.message, remedy: error.remedy };
  },
} as const;

type Reader = (tree: ArtifactTree) => Promise<PhysicalContents>;
const READERS: readonly (readonly [name: string, read: Reader])[] = [
  ['pgBackRest', (tree) => readPgBackRestRepository(tree, options)],
  ['Barman', (tree) => readBarmanCatalog(tree, options)],
  ['WAL-G', (tree) => readWalGRepository(tree, options)],
  [
    'base backups',
    async (tree) => {
      const files: ArtifactFile[] = [];
      for await (const file of tree.list(signal)) files.push(file);
      return readBaseBackups(tree, files, options);
    },
  ],
];

/** A directory of so many levels, each called `d`, with a file at the bottom. No path to it could be named at once. */
async function dig(root: string, levels: number): Promise<void> {
  const script = `for (let left = ${levels}; left > 0; left -= 1) { fs.mkdirSync('d'); process.chdir('d'); }
    fs.writeFileSync('bottom', 'x');`;
  await run(process.execPath, ['-e', `const fs = require('node:fs'); ${script}`], { cwd: root, timeout: 60_000 });
}

describe('a location with 10,000 directories inside each other', () => {
  let scratch: ScratchDirectory;
  let root: string;
  beforeAll(async () => {
    scratch = scratchDirectory('deep');
    root = join(scratch.path, 'deep');
    mkdirSync(root);
    await dig(root, 10_000);
    writeFileSync(join(root, 'beside'), 'x');
  });
  // Node.js removes by paths, which are too long here.
  afterAll(() => run('rm', ['-rf', scratch.path], { timeout: 60_000 }));

  it('is listed as far as paths reach, and is not taken for all there is', async () => {
    const seen: string[] = [];
    const listing = (async () => {
      for await (const file of localDirectoryTree({ root }).list(signal)) seen.push(file.path);
    })();
    await expect(listing).rejects.toBeInstanceOf(SourceError);
    expect(seen).toEqual(['beside']);
  });

  it.each(READERS)('%s: a blind spot, or an error of a source', async (_, read) => {
    const told = await read(localDirectoryTree({ root })).then(
      ({ blindSpot, copies }) => ({ blind: blindSpot !== null, copies: copies.length }),
      (error: unknown) => ({ blind: error instanceof SourceError, copies: 0 }),
    );
    expect(told).toEqual({ blind: true, copies: 0 });
  });

  it('of 1,000 is read to its bottom', async () => {
    using shallow = scratchDirectory('deep');
    await dig(shallow.path, 1000);
    const seen: number[] = [];
    for await (const file of localDirectoryTree({ root: shallow.path }).list(signal))
      seen.push(file.path.split('/').length);
    expect(seen).toEqual([1001]);
  });
});

describe('a location with links in circles and out of it, and names that are no UTF-8', () => {
  let scratch: ScratchDirectory;
  let root: string;
  beforeAll(() => {
    scratch = scratchDirectory('hostile');
    root = join(scratch.path, 'location');
    const outside = join(scratch.path, 'outside');
    for (const directory of ['backup/main', 'archive/main', 'main/base', 'main/wals', 'basebackups_005', 'wal_005']) {
      mkdirSync(join(root, directory), { recursive: true });
      symlinkSync(root, join(root, directory, 'circle'));
      symlinkSync(outside, join(root, directory, 'out'));
      symlinkSync('itself', join(root, directory, 'itself'));
      for (const name of [[0xff, 0xfe], [0xc3], [0x5c, 0x78, 0x66, 0x66]]) {
        writeFileSync(Buffer.concat([Buffer.from(`${join(root, directory)}/`), Buffer.from(name)]), 'x');
      }
    }
    mkdirSync(outside);
    writeFileSync(join(outside, 'backup_manifest'), '{}');
    for (const name of ['backup.info', 'archive.info', 'backup_manifest', 'PG_VERSION']) {
      symlinkSync(join(outside, 'backup_manifest'), join(root, 'backup/main', name));
    }
  });
  afterAll(() => scratch[Symbol.dispose]());

  it.each(READERS)('%s: no copy, and no name that breaks anything', async (name, read) => {
    const { copies, unmatched, blindSpot } = await read(localDirectoryTree({ root }));
    expect(copies).toEqual([]);
    // Base backups may lie between files of other purposes, whose readers tell of the rest.
    if (name !== 'base backups') expect(unmatched.length + (blindSpot === null ? 0 : 1)).toBeGreaterThan(0);
    const told = JSON.stringify(unmatched);
    expect(told).not.toContain('\ufffd');
    expect(told).not.toContain('outside');
  });
});

describe('a file that changes while it is read', () => {
  const content = fixture('pg15-plain.sql');
  // Larger than what is read in one step.
  const rows = `COPY public.filler (a) FROM stdin;\n${'one row of many\n'.repeat(600_000)}\\.\n\n`;
  const whole = Buffer.concat([
    content.subarray(0, content.indexOf('COPY public')),
    Buffer.from(rows),
    content.subarray(content.indexOf('COPY public')),
  ]);

  /** Reads the file to its end and changes it when its first bytes have come. */
  async function readWhile(change: (file: string) => void): Promise<string> {
    using scratch = scratchDirectory('changing');
    const file = join(scratch.path, 'a.sql');
    writeFileSync(file, whole);
    const reader = await localDirectoryTree({ root: scratch.path }).open('a.sql', signal);
    let changed = false;
    const watched = {
      ...reader,
      async *stream(offset?: number) {
        for await (const chunk of reader.stream(offset)) {
          yield chunk;
          if (!changed) change(file);
          changed = true;
        }
      },
    };
    try {
      return readingOf(await readDumpFile(watched, { depth: 'full', signal })).integrity.state;
    } finally {
      await reader.close();
    }
  }

  it('and only is looked at, is complete', async () => {
    expect(await readWhile((file) => readFileSync(file))).toBe('complete');
  });
  it('and grows, is read as it was when it was opened', async () => {
    expect(await readWhile((file) => appendFileSync(file, 'more'))).toBe('complete');
  });
  it('and vanishes, is read on: whoever opened it still has it', async () => {
    expect(await readWhile((file) => rmSync(file))).toBe('complete');
  });
  it('and is cut off, is incomplete', async () => {
    expect(await readWhile((file) => truncateSync(file, 3_000_000))).toBe('incomplete');
  });
  it('and is emptied and grows again with other bytes, is incomplete', async () => {
    expect(
      await readWhile((file) => {
        truncateSync(file, 0);
        writeFileSync(file, Buffer.alloc(whole.length, 0x20));
      }),
    ).toBe('incomplete');
  });
});

it('a file that is listed and gone when it is opened, is no copy and not passed over', async () => {
  using scratch = scratchDirectory('gone');
  const files = { 'base/backup_manifest': Buffer.from('{}'), 'base/PG_VERSION': Buffer.from('15\n') };
  const tree = alteredTree(localDirectoryTree({ root: scratch.path }), files);
  const gone: ArtifactTree = { ...tree, open: (path) => localDirectoryTree({ root: scratch.path }).open(path, signal) };
  const listed: ArtifactFile[] = [];
  for await (const file of gone.list(signal)) listed.push(file);
  const { copies, blindSpot } = await readBaseBackups(gone, listed, options);
  expect(copies.map(({ integrity }) => integrity)).not.toContain('complete');
  expect(blindSpot).not.toBeNull();
});
