import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PhysicalContents, PhysicalCopy } from '../../../../src/collect/backups/physical/physical-copy.ts';
import type { RepositoryReading } from '../../../../src/collect/backups/physical/repository-reading.ts';
import { settleCopies } from '../../../../src/collect/backups/physical/settle-copies.ts';
import { readWalGRepository } from '../../../../src/collect/backups/physical/wal-g-repository.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { SourceError } from '../../../../src/model/source-error.ts';
import { type ScratchDirectory, scratchDirectory } from '../../../services/scratch.ts';
import { firstPage, lsn, lz4Stored, put, putBackup, putWal, SYSTEM_IDENTIFIER, walFile } from './wal-g-layout.ts';

const FULL = 'base_000000010000000000000002';
const DELTA = 'base_000000010000000000000004_D_000000010000000000000002';
const DELTA_2 = 'base_000000010000000000000006_D_000000010000000000000004';
const BASE = 'basebackups_005';

const reading: RepositoryReading = {
  depth: 'structure',
  declaredServer: 'accounts',
  signal: new AbortController().signal,
  blindSpotOf: (error) =>
    error instanceof SourceError
      ? { reason: error.reason, detail: error.message, remedy: error.remedy }
      : { reason: 'malformed', detail: `defect: ${String(error)}`, remedy: '' },
};

let scratch: ScratchDirectory;
let root = '';
beforeEach(() => {
  scratch = scratchDirectory('wal-g');
  root = scratch.path;
});
afterEach(() => scratch[Symbol.dispose]());

function read(changes: Partial<RepositoryReading> = {}): Promise<PhysicalContents> {
  return readWalGRepository(localDirectoryTree({ root }), { ...reading, ...changes });
}

async function only(): Promise<PhysicalCopy> {
  const { copies } = await read();
  const [copy] = copies;
  if (copy === undefined || copies.length !== 1) throw new Error(`${copies.length} copies`);
  return copy;
}

const delta = (from: string, full: string) => ({
  DeltaLSN: lsn(2, 40),
  DeltaFrom: JSON.stringify(from),
  DeltaFullName: JSON.stringify(full),
  DeltaCount: '1',
});

describe('a WAL-G repository laid out by its public format', () => {
  test('a finished full backup, with everything that its sentinel tells', async () => {
    await putBackup(root, { name: FULL });
    await putWal(root, [2, 3, 4]);
    await put(root, 'wal_005/00000002.history.lz4', 'x');
    await put(root, 'wal_005/000000010000000000000002.00000028.backup.lz4', 'x');
    const contents = await read();
    expect(contents).toMatchObject({ blindSpot: null, unmatched: [], plans: [] });
    expect(contents.copies).toEqual([
      {
        label: FULL,
        path: `${BASE}/${FULL}`,
        method: 'wal-g',
        format: 'tar, lz4',
        kind: 'full',
        needs: [],
        cluster: { systemIdentifier: SYSTEM_IDENTIFIER, endpoints: [], declaredServer: 'accounts' },
        timeline: 1,
        databases: [
          { oid: 5, name: 'postgres' },
          { oid: 16384, name: 'hostile "name\u2028</script>' },
        ],
        startedAt: '2026-11-22T02:00:00.123Z',
        stoppedAt: '2026-11-22T02:05:00.987Z',
        timesFrom: 'the sentinel',
        wal: {
          startLsn: '0/2000028',
          stopLsn: '0/3000000',
          firstSegment: '000000010000000000000002',
          lastSegment: '000000010000000000000002',
          inside: false,
        },
        serverVersion: '15.20',
        toolVersion: null,
        bytes: expect.any(Number),
        modifiedAt: expect.any(String),
        integrity: 'complete',
        integrityBecause: expect.stringContaining('WAL-G keeps no checksum'),
        readToEnd: false,
        encrypted: false,
        lockedUntil: null,
        domain: null,
      },
    ]);
    expect(contents.archives).toEqual([
      expect.objectContaining({
        path: 'wal_005',
        segmentBytes: 16 * 1024 * 1024,
        cluster: { systemIdentifier: SYSTEM_IDENTIFIER, endpoints: [], declaredServer: 'accounts' },
        timelines: [
          expect.objectContaining({ firstSegment: '000000010000000000000002', gaps: [], missing: 0, timeline: 1 }),
        ],
      }),
    ]);
  });

  test('a sentinel of version 1 takes its times from metadata.json', async () => {
    await putBackup(root, { name: FULL, version: 1 });
    await rm(join(root, BASE, FULL, 'files_metadata.json'));
    const copy = await only();
    expect(copy).toMatchObject({
      integrity: 'complete',
      stoppedAt: '2026-11-22T02:05:00.987Z',
      timesFrom: 'metadata.json',
      databases: null,
    });
  });

  test('a sentinel of version 1 without metadata.json tells no time, and the storage’s is not taken for it', async () => {
    await putBackup(root, { name: FULL, version: 1 });
    await rm(join(root, BASE, FULL, 'metadata.json'));
    expect(await only()).toMatchObject({ integrity: 'complete', startedAt: null, stoppedAt: null });
  });

  test('a directory without sentinel is unfinished', async () => {
    await putBackup(root, { name: FULL });
    await rm(join(root, BASE, `${FULL}_backup_stop_sentinel.json`));
    expect(await only()).toMatchObject({
      integrity: 'incomplete',
      integrityBecause: expect.stringContaining('no sentinel'),
    });
  });

  test('a sentinel without parts is nothing', async () => {
    await putBackup(root, { name: FULL });
    await rm(join(root, BASE, FULL), { recursive: true });
    expect(await only()).toMatchObject({ integrity: 'incomplete' });
  });

  test.each([
    ['a missing part', (at: string) => rm(join(at, 'tar_partitions/part_004.tar.lz4')), /500 B are missing/],
    [
      'a part cut by a byte',
      (at: string) => truncate(join(at, 'tar_partitions/part_001.tar.lz4'), 999),
      /1 B are missing/,
    ],
    ['an empty part', (at: string) => truncate(join(at, 'tar_partitions/part_001.tar.lz4'), 0), /no byte/],
    [
      'no pg_control.tar',
      (at: string) => rm(join(at, 'tar_partitions/pg_control.tar.lz4')),
      /pg_control\.tar is missing/,
    ],
    ['no files_metadata.json', (at: string) => rm(join(at, 'files_metadata.json')), /files_metadata\.json is missing/],
  ])('%s makes it incomplete', async (_what, damage, because) => {
    await putBackup(root, { name: FULL });
    await damage(join(root, BASE, FULL));
    expect(await only()).toMatchObject({ integrity: 'incomplete', integrityBecause: expect.stringMatching(because) });
  });

  test('files_metadata.json may be missing where the sentinel says so', async () => {
    await putBackup(root, { name: FULL, sentinel: { FilesMetadataDisabled: 'true' } });
    await rm(join(root, BASE, FULL, 'files_metadata.json'));
    expect(await only()).toMatchObject({ integrity: 'complete', databases: null });
  });

  test.each([
    ['without a size', { CompressedSize: null }],
    ['with more bytes than recorded', { CompressedSize: '1' }],
  ])('%s nothing is proven', async (_what, sentinel) => {
    await putBackup(root, { name: FULL, sentinel });
    expect(await only()).toMatchObject({ integrity: 'unproven' });
  });

  test.each([
    ['{', /cut off/],
    ['', /cut off/],
    ['{"SystemIdentifier":1e30}', /SystemIdentifier/],
    ['{"SystemIdentifier":18446744073709551616}', /SystemIdentifier/],
    ['{"StartTime":"yesterday"}', /StartTime/],
    ['[1,2] x', /no JSON/],
  ])('the sentinel %j makes it incomplete and is no blind spot', async (text, because) => {
    await putBackup(root, { name: FULL });
    await writeFile(join(root, BASE, `${FULL}_backup_stop_sentinel.json`), text);
    const contents = await read();
    expect(contents.blindSpot).toBeNull();
    expect(contents.copies[0]).toMatchObject({
      integrity: 'incomplete',
      integrityBecause: expect.stringMatching(because),
    });
  });

  test('a delta needs every backup it is based on', async () => {
    await putBackup(root, { name: FULL });
    await putBackup(root, { name: DELTA, sentinel: delta(FULL, FULL) });
    await putBackup(root, { name: DELTA_2, sentinel: delta(DELTA, FULL) });
    const needs = new Map((await read()).copies.map((copy) => [copy.label, [copy.kind, copy.needs]]));
    expect(needs).toEqual(
      new Map([
        [FULL, ['full', []]],
        [DELTA, ['incremental', [FULL]]],
        [DELTA_2, ['incremental', [DELTA, FULL]]],
      ]),
    );
  });

  test('a delta whose chain is broken still names the full one at its end', async () => {
    await putBackup(root, { name: DELTA_2, sentinel: delta(DELTA, FULL) });
    expect(await only()).toMatchObject({ kind: 'incremental', needs: [DELTA, FULL] });
  });

  test('a delta that does not say what it is based on is incomplete', async () => {
    await putBackup(root, { name: DELTA });
    expect(await only()).toMatchObject({ kind: 'incremental', integrity: 'incomplete' });
  });

  test('a circle of deltas ends', async () => {
    await putBackup(root, { name: DELTA, sentinel: delta(DELTA_2, FULL) });
    await putBackup(root, { name: DELTA_2, sentinel: delta(DELTA, FULL) });
    expect((await read()).copies.map((copy) => copy.needs)).toEqual([
      [DELTA_2, DELTA, FULL],
      [DELTA, DELTA_2, FULL],
    ]);
  });

  test('parts that do not begin as their name says are encrypted', async () => {
    await putBackup(root, { name: FULL, encrypted: true });
    expect(await only()).toMatchObject({ encrypted: true, integrity: 'complete', format: 'tar, lz4, encrypted' });
  });

  test('a mark as permanent is known from metadata.json', async () => {
    await putBackup(root, { name: FULL });
    await put(root, `${BASE}/${FULL}/metadata.json`, '{"is_permanent":true}');
    expect((await only()).format).toBe('tar, lz4, permanent');
  });

  test.each(['.lz4', '.br', '.zst', '.lzma', ''])('holes in WAL named *%s are gaps', async (extension) => {
    await putBackup(root, { name: FULL });
    await putWal(root, [2, 3, 5, 6, 9], extension);
    expect((await read()).archives[0]?.timelines[0]).toMatchObject({
      gaps: [
        { first: '000000010000000000000004', last: '000000010000000000000004' },
        { first: '000000010000000000000007', last: '000000010000000000000008' },
      ],
      missing: 3,
    });
  });

  test.each([
    ['one byte', Buffer.from('x'), 'it has only 1 bytes'],
    ['zeros, compressed', lz4Stored(Buffer.alloc(8192)), 'does not begin with the first page'],
    ['of another cluster', lz4Stored(firstPage(2, { systemIdentifier: '7' })), 'of another cluster'],
    ['another segment', lz4Stored(firstPage(3)), 'another segment than its name says'],
    ['not what its name says', Buffer.alloc(8192, 0x5a), ''],
    ['cut off', lz4Stored(firstPage(2)).subarray(0, 40), ''],
  ])('WAL that a backup needs and that is %s counts as missing', async (_, segment, because) => {
    await putBackup(root, { name: FULL });
    await putWal(root, [3, 4]);
    await put(root, walFile(2), segment);
    const { copies, archives, unmatched } = await read();
    const what = expect.stringMatching(`^a WAL segment that cannot be restored: .*${because}`);
    expect(unmatched).toMatchObject([{ path: walFile(2), what }]);
    expect(archives).toMatchObject([{ timelines: [{ firstSegment: expect.stringMatching(/3$/) }] }]);
    expect(settleCopies(copies, archives)).toMatchObject([{ integrity: 'incomplete' }]);
  });

  test('the last WAL is one that can be restored; what may be encrypted is left to its name', async () => {
    await putBackup(root, { name: FULL });
    await putWal(root, [2, 3, 4]);
    await put(root, walFile(5), lz4Stored(Buffer.alloc(8192)));
    expect((await read()).archives).toMatchObject([{ timelines: [{ lastSegment: expect.stringMatching(/4$/) }] }]);
    await put(root, walFile(5), Buffer.alloc(8192, 0x5a));
    expect((await read()).archives).toMatchObject([{ timelines: [{ lastSegment: expect.stringMatching(/5$/) }] }]);
  });

  test('WAL of a backup that is encrypted itself is left to its name', async () => {
    await putBackup(root, { name: FULL, encrypted: true });
    await put(root, walFile(2), Buffer.alloc(8192, 0x5a));
    expect((await read()).archives).toMatchObject([{ timelines: [{ missing: 0 }] }]);
  });

  test('segments of 64 MiB are told by the name of the backup and its start', async () => {
    const start = 5n * 64n * 1024n * 1024n;
    const sentinel = { LSN: String(start + 40n), FinishLSN: String(start + 300n) };
    await putBackup(root, { name: 'base_000000010000000000000005', sentinel });
    const size = { segmentBytes: 64 * 1024 * 1024 };
    await put(root, 'wal_005/00000001000000000000003F.lz4', lz4Stored(firstPage(63, size)));
    await put(root, 'wal_005/000000010000000100000000.lz4', lz4Stored(firstPage(64, size)));
    expect((await read()).archives[0]).toMatchObject({
      segmentBytes: 64 * 1024 * 1024,
      timelines: [{ missing: 0 }],
    });
  });

  test('WAL of two clusters below one prefix is nobody’s', async () => {
    await putBackup(root, { name: FULL });
    await putBackup(root, { name: 'base_000000010000000000000009', sentinel: { SystemIdentifier: '7' } });
    await putWal(root, [2]);
    expect((await read()).archives[0]?.cluster.systemIdentifier).toBeNull();
  });

  test('several prefixes are told apart, and a declared server is only the one of its name', async () => {
    await putBackup(join(root, 'prod/accounts'), { name: FULL });
    await putBackup(join(root, 'prod/other'), { name: FULL });
    const copies = (await read()).copies.map((copy) => [copy.label, copy.cluster.declaredServer]);
    expect(copies).toEqual([
      [`prod/accounts/${FULL}`, 'accounts'],
      [`prod/other/${FULL}`, null],
    ]);
  });

  test('a sentinel of an old release that lists all files is read in bounded memory', async () => {
    const files = Array.from({ length: 60_000 }, (_, at) => `"/base/5/${at}":{"MTime":"2026-11-22T01:00:00Z"}`);
    await putBackup(root, { name: FULL, version: 1, sentinel: { Files: `{${files.join(',')}}` } });
    expect(await only()).toMatchObject({ integrity: 'complete', cluster: { systemIdentifier: SYSTEM_IDENTIFIER } });
  });

  test('what is no part of it is listed; no repository at all is a blind spot', async () => {
    await put(root, 'notes.txt', 'x');
    expect(await read()).toMatchObject({ copies: [], blindSpot: { reason: 'malformed' } });
    await putBackup(root, { name: FULL });
    await put(root, `${BASE}/stream_20260101T000000Z_backup_stop_sentinel.json`, '{}');
    await put(root, 'wal_005/\u202egnp.exe', 'x');
    await put(root, 'wal_005/000000010000000000000002.lz4', '');
    const { unmatched, archives, blindSpot } = await read();
    expect(blindSpot).toBeNull();
    expect(archives).toEqual([]);
    expect(unmatched.map(({ path }) => path).sort()).toEqual([
      `${BASE}/stream_20260101T000000Z_backup_stop_sentinel.json`,
      'notes.txt',
      'wal_005/000000010000000000000002.lz4',
      'wal_005/\u202egnp.exe',
    ]);
  });

  test('of many strays only the first are named, and the rest is counted', async () => {
    await putBackup(root, { name: FULL });
    for (let at = 0; at < 250; at += 1) await put(root, `stray-${at}`, 'x');
    const { unmatched } = await read();
    expect(unmatched).toHaveLength(201);
    expect(unmatched.at(-1)).toMatchObject({ bytes: 50, what: expect.stringContaining('(50 more)') });
  });

  test('nothing is written', async () => {
    await putBackup(root, { name: FULL });
    await putWal(root, [2]);
    const before = await digestOf(root);
    await read({ depth: 'full' });
    expect(await digestOf(root)).toBe(before);
  });
});

async function digestOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(directory, { recursive: true })).sort()) {
    const path = join(directory, name);
    const stats = await stat(path);
    hash.update(`${name}\0${stats.mode}\0${stats.mtimeMs}\0${stats.ctimeMs}\0${stats.size}\0`);
    if (stats.isFile()) hash.update(await readFile(path));
  }
  return hash.digest('hex');
}
