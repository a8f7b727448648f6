import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBtrfsListing } from '../../../../../src/collect/backups/physical/filesystem/btrfs-listing.ts';
import { readFilesystemSnapshots } from '../../../../../src/collect/backups/physical/filesystem/filesystem-snapshots.ts';
import { readLvmListing } from '../../../../../src/collect/backups/physical/filesystem/lvm-listing.ts';
import type { SnapshotSettings } from '../../../../../src/collect/backups/physical/filesystem/snapshot-listing.ts';
import { readZfsListing } from '../../../../../src/collect/backups/physical/filesystem/zfs-listing.ts';
import { settleCopies } from '../../../../../src/collect/backups/physical/settle-copies.ts';
import { localDirectoryTree } from '../../../../../src/collect/trees/local-directory.ts';
import { SourceError } from '../../../../../src/model/source-error.ts';
import { scratchDirectory } from '../../../../services/scratch.ts';

/** In the forms that the tools document: no file system of these kinds is made here. */
const ZFS = [
  'tank/pg@daily-1\t1795222800\t1048576\t100',
  'tank/pg@daily-2\t1795309200\t2048\t200',
  'tank/wal@daily-2\t1795309200\t512\t200',
  'tank/wal@daily-1\t1795222801\t512\t101',
  'tank/home@daily-2\t1795309200\t-\t200',
].join('\n');
const LVM = JSON.stringify({
  report: [
    {
      lv: [
        { lv_name: 'pg', vg_name: 'vg0', origin: '', lv_time: '2026-01-01 00:00:00 +0000', lv_attr: 'owi-aos---' },
        {
          lv_name: 'pg-1',
          vg_name: 'vg0',
          origin: 'pg',
          lv_time: '2026-11-22 02:00:03 +0100',
          lv_attr: 'swi-a-s---',
          lv_size: '1073741824',
        },
        {
          lv_name: 'pg-0',
          vg_name: 'vg0',
          origin: 'pg',
          lv_time: '2026-11-21 02:00:03 +0100',
          lv_attr: 'swi-I-s---',
          lv_size: '1073741824',
        },
        { lv_name: 'thin-1', vg_name: 'vg0', origin: 'pg', lv_time: '2026-11-20 02:00:03', lv_attr: 'Vwi---tz-k' },
      ],
    },
  ],
});
const UUID = '6b9f2f3e-3a1c-8f4e-9e3a-0123456789ab';
const BTRFS = [
  `ID 258 gen 10 cgen 10 top level 5 otime 2026-11-22 02:00:01 parent_uuid ${UUID} uuid 11111111-3a1c-8f4e-9e3a-0123456789ab path .snapshots/pg 1`,
  'ID 259 gen 11 cgen 11 top level 5 otime 2026-11-22 02:00:02 path other/1',
].join('\n');

const NOW = '2026-11-22T12:00:00.000Z';

async function read(
  text: string,
  change: Partial<SnapshotSettings>,
  { timeZone = null, writtenAt = '2026-11-22T11:00:00Z' }: { timeZone?: string | null; writtenAt?: string } = {},
) {
  using directory = scratchDirectory('listing');
  const file = join(directory.path, 'listing');
  writeFileSync(file, text);
  utimesSync(file, new Date(writtenAt), new Date(writtenAt));
  return await readFilesystemSnapshots(localDirectoryTree({ root: directory.path }), {
    settings: {
      listing: 'listing',
      format: 'zfs',
      sources: ['tank/pg'],
      server: 'main',
      directories: [],
      holdsEverything: true,
      ...change,
    },
    timeZone,
    now: NOW,
    signal: new AbortController().signal,
    blindSpotOf: (error) => {
      if (!(error instanceof SourceError)) throw error;
      return { reason: error.reason, detail: error.message, remedy: error.remedy };
    },
  });
}

describe('snapshots of file systems, from listings of the shapes that the tools document', () => {
  test('ZFS: those of the dataset, each as of its creation, complete where everything is stated to be inside', async () => {
    const contents = await read(ZFS, {});
    expect(contents.blindSpot).toBeNull();
    expect(
      contents.copies.map(({ label, stoppedAt, integrity, bytes }) => [label, stoppedAt, integrity, bytes]),
    ).toEqual([
      ['tank/pg@daily-1', '2026-11-21T01:00:00.000Z', 'complete', 1048576],
      ['tank/pg@daily-2', '2026-11-22T01:00:00.000Z', 'complete', 2048],
    ]);
    const [settled] = settleCopies(contents.copies, []);
    expect(settled?.moment).toEqual({
      notBefore: '2026-11-21T01:00:00.000Z',
      notAfter: '2026-11-21T01:00:00.000Z',
      origin: 'creation of the snapshot, from the listing of zfs',
    });
    expect(settled?.copy).toMatchObject({
      kind: 'snapshot',
      method: 'filesystem-snapshot',
      cluster: { declaredServer: 'main' },
    });
    const doubtful = await read(ZFS, { holdsEverything: false });
    expect(doubtful.copies.map(({ integrity }) => integrity)).toEqual(['unproven', 'unproven']);
  });

  test('ZFS: several datasets are one copy only where they were snapshot in one transaction', async () => {
    const { copies } = await read(ZFS, { sources: ['tank/pg', 'tank/wal'] });
    expect(copies.map(({ label, integrity }) => [label, integrity])).toEqual([
      ['@daily-1', 'incomplete'],
      ['@daily-2', 'complete'],
    ]);
    expect(copies[0]?.integrityBecause).toContain('of no one moment');
    const withoutNumbers = ZFS.replaceAll(/\t\d+$/gm, '');
    const untold = await read(withoutNumbers, { sources: ['tank/pg', 'tank/wal'] });
    expect(untold.copies.map(({ integrity }) => integrity)).toEqual(['incomplete', 'unproven']);
    const lacking = await read(ZFS, { sources: ['tank/pg', 'tank/tablespaces'] });
    expect(lacking.copies.every(({ integrity }) => integrity === 'incomplete')).toBe(true);
  });

  test('LVM: by its own offset; an overflowed snapshot is damaged; a time without zone is an interval', async () => {
    const { copies, blindSpot } = await read(LVM, { format: 'lvm', sources: ['vg0/pg'] });
    expect(blindSpot).toBeNull();
    expect(copies.map(({ label, stoppedAt, integrity }) => [label, stoppedAt, integrity])).toEqual([
      ['vg0/pg-1', '2026-11-22T01:00:03.000Z', 'complete'],
      ['vg0/pg-0', '2026-11-21T01:00:03.000Z', 'incomplete'],
      ['vg0/thin-1', null, 'complete'],
    ]);
    const moments = settleCopies(copies, []).map(({ moment }) => moment);
    expect(moments[2]).toMatchObject({ notBefore: '2026-11-19T12:00:03.000Z', notAfter: '2026-11-20T16:00:03.000Z' });
    const zoned = await read(LVM, { format: 'lvm', sources: ['vg0/pg'] }, { timeZone: 'Europe/Berlin' });
    expect(zoned.copies[2]?.stoppedAt).toBe('2026-11-20T01:00:03.000Z');
  });

  test('Btrfs: by the UUID of the subvolume or a path; a time without zone ends with the listing', async () => {
    const byUuid = await read(BTRFS, { format: 'btrfs', sources: [UUID] });
    expect(byUuid.copies.map(({ label }) => label)).toEqual(['.snapshots/pg 1']);
    expect(byUuid.unmatched).toMatchObject([{ path: 'other/1', what: expect.stringContaining('source') }]);
    const [settled] = settleCopies(byUuid.copies, []);
    expect(settled?.moment).toMatchObject({
      notBefore: '2026-11-21T12:00:01.000Z',
      notAfter: '2026-11-22T11:00:00.000Z',
    });
    const byPath = await read(BTRFS, { format: 'btrfs', sources: ['other'] }, { timeZone: 'UTC' });
    expect(byPath.copies).toMatchObject([{ label: 'other/1', stoppedAt: '2026-11-22T02:00:02.000Z' }]);
  });

  test('a listing older than a day, from the future, or not there tells of no copy', async () => {
    for (const writtenAt of ['2026-11-21T11:59:00Z', '2026-11-22T12:06:00Z']) {
      const { copies, blindSpot } = await read(ZFS, {}, { writtenAt });
      expect(copies).toEqual([]);
      expect(blindSpot).toMatchObject({ reason: 'stale' });
    }
    const missing = await read(ZFS, { listing: 'nothing' });
    expect(missing.blindSpot).toMatchObject({ reason: 'unreachable' });
  });

  test('lines that cannot be read are told by their numbers, and do not hide the others', async () => {
    const { copies, blindSpot } = await read(`NAME CREATION\n${ZFS}\ntank/pg@x\tyesterday\t1`, {});
    expect(copies).toHaveLength(2);
    expect(blindSpot?.detail).toContain('number 1, 7');
    expect((await read('{}', { format: 'lvm' })).blindSpot).toMatchObject({ reason: 'malformed' });
  });

  test('any text gives a listing or a SourceError', () => {
    const random = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .constantFrom(ZFS, LVM, BTRFS)
        .chain((text) =>
          fc
            .tuple(fc.nat(text.length), fc.nat(text.length), fc.string())
            .map(([a, b, s]) => text.slice(0, a) + s + text.slice(b)),
        ),
    );
    fc.assert(
      fc.property(random, (text) => {
        readZfsListing(text);
        readBtrfsListing(text, null);
        try {
          readLvmListing(text, 'Europe/Berlin');
        } catch (error) {
          expect(error).toBeInstanceOf(SourceError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
