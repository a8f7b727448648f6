import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { copyAt } from '../../../../src/model/copy-age.ts';
import { DAY, toInstant } from '../../../../src/model/instant.ts';
import { type ScratchDirectory, scratchDirectory } from '../../../services/scratch.ts';
import { SWITCH, WAL_SYSTEM_IDENTIFIER, writeWal } from '../../formats/base-backup/wal.ts';
import { PLAIN, TAR } from '../physical/small-base-backups.ts';
import { auditClusters, type ClusterAuditOptions } from './audited-clusters.ts';

let scratch: ScratchDirectory;
let backups: ScratchDirectory;
let file: string;
beforeEach(() => {
  scratch = scratchDirectory('cluster-verifications');
  backups = scratchDirectory('verified-clusters');
  file = join(scratch.path, 'verifications.ndjson');
});
afterEach(() => {
  scratch[Symbol.dispose]();
  backups[Symbol.dispose]();
});

const WRITTEN = 1_764_000_000;
const put = (path: string, bytes: Uint8Array, at: number): void => {
  const full = join(backups.path, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, bytes);
  utimesSync(full, at, at);
};
/** By its structure a compressed one is unproven, and a plain one complete. */
const compressed = (name: string, day = 0): void => {
  for (const [path, bytes] of TAR) {
    const isTar = path.endsWith('.tar');
    put(`${name}/${path}${isTar ? '.gz' : ''}`, isTar ? gzipSync(bytes) : bytes, WRITTEN + day * 86_400);
  }
};
const plain = (name: string, day = 0): void => {
  for (const [path, bytes] of PLAIN) put(`${name}/${path}`, bytes, WRITTEN + day * 86_400);
};
const run = (options: Partial<ClusterAuditOptions> = {}) =>
  auditClusters({
    places: { nas: { root: backups.path, purpose: 'base-backups' } },
    directory: scratch.path,
    servers: { main: WAL_SYSTEM_IDENTIFIER },
    ...options,
  });
/** Rewrites lines about copies of clusters. */
const edit = (change: (line: Record<string, unknown>) => void): void => {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const edited = lines.map((text) => {
    const line = JSON.parse(text) as Record<string, unknown>;
    if (line['type'] === 'cluster-copy') change(line);
    return JSON.stringify(line);
  });
  writeFileSync(file, `${edited.join('\n')}\n`);
};

describe('at depth mixed', () => {
  test('the newest copy of a cluster is read in full, remembered, and told with its date', async () => {
    compressed('a');
    compressed('b', 1);
    const first = await run();
    expect(first.read).toEqual(['nas/b/backup_manifest', 'nas/b/base.tar.gz', 'nas/b/pg_wal.tar.gz']);
    const told = first.copies.get('nas/b');
    expect(told).toMatchObject({ integrity: 'complete', readToEnd: true, byStructure: { integrity: 'unproven' } });
    expect(Math.abs(Date.now() - Date.parse(told?.verifiedAt ?? ''))).toBeLessThan(600_000);
    expect(first.copies.get('nas/a')).toMatchObject({ integrity: 'unproven', readToEnd: false, verifiedAt: null });
    expect(first.summary).toMatchObject({ read: 1, left: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const second = await run();
    expect(second.read).toEqual([]);
    expect(second.summary).toMatchObject({ read: 0, readBytes: 0, left: 0 });
    expect(second.copies).toEqual(first.copies);
    expect((await run({ depth: 'structure' })).copies).toEqual(first.copies);
  });

  test('a plain one is read where the budget allows, and else counts by its structure, which is said', async () => {
    plain('a');
    const left = await run({ budgetBytes: 0 });
    expect(left.read).toEqual([]);
    expect(left.summary).toMatchObject({ read: 0, left: 1, leftUnproven: 0 });
    const told = left.copies.get('nas/a');
    expect(told).toMatchObject({ integrity: 'complete', readToEnd: false, verifiedAt: null });
    expect(told?.integrityBecause).toMatch(/what is in them was not read; it was left for a later run/);
    expect((await run()).copies.get('nas/a')).toMatchObject({ readToEnd: true, verifiedAt: expect.any(String) });
  });

  test('one that only a full reading proves stays unproven where the budget is used up', async () => {
    compressed('a');
    const left = await run({ budgetBytes: 0 });
    expect(left.summary).toMatchObject({ read: 0, left: 1, leftUnproven: 1 });
    expect(left.copies.get('nas/a')).toMatchObject({ integrity: 'unproven', verifiedAt: null });
    expect(left.copies.get('nas/a')?.integrityBecause).toMatch(/the budget of this one was used up$/);
  });

  test('a copy of no server of the install is not read', async () => {
    compressed('a');
    expect((await run({ servers: { other: '1' } })).read).toEqual([]);
  });

  test('behind a damaged newest copy the one before it is read; damage is remembered, and looked at again', async () => {
    compressed('a');
    compressed('b', 1);
    // Whole by the rules of gzip and tar, and not what its manifest lists.
    const bytes = Buffer.from(TAR.get('base.tar') ?? '');
    bytes.writeUInt8(8, bytes.indexOf(Buffer.alloc(100, 7)) + 50);
    put('b/base.tar.gz', gzipSync(bytes), WRITTEN + 86_400);
    const first = await run();
    expect(first.copies.get('nas/b')).toMatchObject({ integrity: 'incomplete', verifiedAt: null });
    expect(first.copies.get('nas/a')).toMatchObject({ integrity: 'complete', readToEnd: true });
    const left = await run({ budgetBytes: 0 });
    expect(left.copies.get('nas/b')?.integrityBecause).toMatch(/, as it was read in full on 20\d\d-\d\d-\d\d$/);
    expect((await run()).read.every((path) => path.startsWith('nas/b/'))).toBe(true);
  });
});

describe('a reading counts for no other state of the copy:', () => {
  const flip = (path: string) => {
    const bytes = readFileSync(join(backups.path, path));
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0x55, bytes.length >> 1);
    put(path, bytes, WRITTEN);
  };
  test.each([
    ['an archive touched', () => utimesSync(join(backups.path, 'a/base.tar.gz'), WRITTEN + 1, WRITTEN + 1)],
    ['an archive changed under its size and time', () => flip('a/base.tar.gz')],
    ['the WAL changed under its size and time', () => flip('a/pg_wal.tar.gz')],
    ['a tablespace added', () => put('a/16385.tar.gz', gzipSync(Buffer.alloc(1024)), WRITTEN)],
    ['the WAL gone', () => rmSync(join(backups.path, 'a/pg_wal.tar.gz'))],
    ['the manifest gone', () => rmSync(join(backups.path, 'a/backup_manifest'))],
    ['the manifest longer', () => appendFileSync(join(backups.path, 'a/backup_manifest'), '\n')],
  ])('%s', async (_, change) => {
    compressed('a');
    expect((await run()).copies.get('nas/a')?.verifiedAt).toEqual(expect.any(String));
    change();
    expect((await run({ budgetBytes: 0 })).copies.get('nas/a')?.verifiedAt).toBeNull();
  });

  test('a file of a plain one, wherever it lies in it', async () => {
    for (const [path, { length }] of PLAIN) {
      if (length === 0) continue;
      plain('a');
      expect((await run()).copies.get('nas/a')?.verifiedAt, path).toEqual(expect.any(String));
      flip(`a/${path}`);
      expect((await run({ budgetBytes: 0 })).copies.get('nas/a')?.verifiedAt, path).toBeNull();
      rmSync(join(backups.path, 'a'), { recursive: true });
    }
  }, 120_000);

  test('under another name, and in another place', async () => {
    compressed('a');
    await run();
    renameSync(join(backups.path, 'a'), join(backups.path, 'c'));
    expect((await run({ budgetBytes: 0 })).copies.get('nas/c')?.verifiedAt).toBeNull();
    await run();
    const tree = { ...localDirectoryTree({ root: backups.path }), locator: '/elsewhere' };
    const moved = { nas: { root: backups.path, purpose: 'base-backups', tree } } as const;
    expect((await run({ places: moved, budgetBytes: 0 })).copies.get('nas/c')?.verifiedAt).toBeNull();
  });

  test('of other rules, from the future, or without its seal', async () => {
    compressed('a');
    const read = async () => (await run({ key: 'k' })).read.length > 0;
    for (const [name, value] of Object.entries({ rules: 0, verifiedAt: toInstant(Date.now() + DAY), identity: 'x' })) {
      rmSync(file, { force: true });
      await run({});
      edit((line) => Object.assign(line, { [name]: value }));
      expect((await run()).read.length, name).toBeGreaterThan(0);
    }
    expect(await read()).toBe(true);
    expect(await read()).toBe(false);
    edit((line) => Object.assign(line, { verifiedAt: toInstant(Date.now() - 1000) }));
    expect(await run({ key: 'k', budgetBytes: 0 })).toMatchObject({ refused: { seal: 1 } });
  });

  test('changed while it is read', async () => {
    compressed('a');
    const inner = localDirectoryTree({ root: backups.path });
    let listings = 0;
    const tree: typeof inner = {
      ...inner,
      list(...args) {
        listings += 1;
        if (listings === 2) utimesSync(join(backups.path, 'a/base.tar.gz'), WRITTEN + 5, WRITTEN + 5);
        return inner.list(...args);
      },
    };
    const { copies, read } = await run({ places: { nas: { root: backups.path, purpose: 'base-backups', tree } } });
    expect(read).not.toEqual([]);
    expect(copies.get('nas/a')).toMatchObject({ integrity: 'unproven', verifiedAt: null });
  });
});

test('what grew too old is renewed in time, counts until then, and lapses at the clock of the report', async () => {
  compressed('a');
  await run();
  const old = toInstant(Date.now() - 21 * DAY);
  edit((line) => Object.assign(line, { verifiedAt: old }));
  const left = await run({ budgetBytes: 0 });
  expect(left.summary).toMatchObject({ left: 1, leftUnproven: 0 });
  const told = left.copies.get('nas/a');
  expect(told).toMatchObject({ integrity: 'complete', verifiedAt: old });
  if (told === undefined) throw new Error('no copy');
  expect(copyAt(told, Date.now() + 8 * DAY, 30)).toBe(told);
  const lapsed = copyAt(told, Date.now() + 10 * DAY, 30);
  expect(lapsed).toMatchObject({ integrity: 'unproven', readToEnd: false, verifiedAt: null });
  expect(lapsed.integrityBecause).toMatch(
    /more than 30 days ago; .*only reading them to the end.*left for a later run/,
  );
  expect((await run()).read).not.toEqual([]);
  expect((await run()).read).toEqual([]);
});

test('at depth full every copy is read, every time; what is gone is forgotten', async () => {
  compressed('a');
  plain('b', 1);
  for (let time = 0; time < 2; time += 1) {
    const { copies, summary } = await run({ depth: 'full' });
    expect(summary).toMatchObject({ read: 2, left: 0 });
    for (const copy of copies.values()) expect(copy.verifiedAt).toEqual(expect.any(String));
  }
  rmSync(join(backups.path, 'a'), { recursive: true });
  await run({ depth: 'full' });
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.filter((line) => line.includes('"type":"cluster-copy"'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('\\u0000a"'))).toEqual([]);
});

test('a file that cannot be read leaves the copy unknown, and the place a blind spot', async () => {
  plain('a');
  const inner = localDirectoryTree({ root: backups.path });
  const tree: typeof inner = {
    ...inner,
    open: (path, abort) => inner.open(path === 'a/base/5/1259' ? 'a/gone' : path, abort),
  };
  // WAL beside it, which is the segment that it needs.
  put('wal/000000010000000000000003', writeWal(3, [100, 9000, 20, SWITCH]).bytes, WRITTEN);
  const { copies, blindSpots } = await run({ places: { nas: { root: backups.path, purpose: 'base-backups', tree } } });
  expect(copies.get('nas/a')).toMatchObject({ integrity: 'unproven', verifiedAt: null });
  // The WAL that would be replayed over it brings back no more than the copy does.
  expect(copies.get('nas/wal')).toMatchObject({ integrity: 'unproven', physical: { kind: 'continuous' } });
  expect(blindSpots.length).toBeGreaterThan(0);
  expect(readdirSync(scratch.path)).toContain('verifications.ndjson');
});
