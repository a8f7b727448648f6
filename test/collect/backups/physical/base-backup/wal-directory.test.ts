import { describe, expect, test } from 'vitest';
import type { PhysicalContents } from '../../../../../src/collect/backups/physical/physical-copy.ts';
import { settleCopies } from '../../../../../src/collect/backups/physical/settle-copies.ts';
import { SEGMENT_BYTES, SWITCH, writeWal } from '../../../formats/base-backup/wal.ts';
import { memoryTree } from '../../../memory-tree.ts';
import { readTree } from '../read-location.ts';
import { PLAIN } from '../small-base-backups.ts';

const name = (number: number): string => `0000000100000000${number.toString(16).toUpperCase().padStart(8, '0')}`;
/** The third is the one that the base backup needs. */
const NEEDED = name(3);
const WAL = new Map([2, 3, 4, 5].map((number) => [`wal/${name(number)}`, writeWal(number, [100, 20, SWITCH]).bytes]));
const BASE = [...PLAIN].filter(([path]) => !path.startsWith('pg_wal/'));

function read(segment: Buffer | null, ending = ''): Promise<PhysicalContents> {
  const wal = new Map(WAL);
  if (segment !== null) {
    wal.delete(`wal/${NEEDED}`);
    wal.set(`wal/${NEEDED}${ending}`, segment);
  }
  const files = [...BASE.map(([path, bytes]) => [`base/${path}`, bytes] as const), ...wal];
  return readTree(memoryTree(new Map(files)), 'structure');
}

function ofAnother(segment: Buffer): Buffer {
  const changed = Buffer.from(segment);
  changed.writeBigUInt64LE(7n, 24);
  return changed;
}

/** As a recycled file is: its last page is from when it was another segment. */
function endOfAnother(segment: Buffer): Buffer {
  const changed = Buffer.from(segment);
  writeWal(
    1,
    Array.from({ length: 26 }, () => 40_000),
  ).bytes.copy(changed, SEGMENT_BYTES / 2, SEGMENT_BYTES / 2);
  return changed;
}

const LZ4_OF_ZEROS = Buffer.concat([
  // A frame of one block that is stored as it is, and its end (LZ4 Frame Format 1.6.3).
  Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0x00, 0x02, 0x00, 0x80]),
  Buffer.alloc(512),
  Buffer.alloc(4),
]);

describe('WAL that a base backup needs, in a plain directory', () => {
  test('begins with the right page of the right cluster', async () => {
    const contents = await read(null);
    expect(contents).toMatchObject({ unmatched: [], blindSpot: null });
    expect(contents.archives).toMatchObject([{ timelines: [{ missing: 0 }] }]);
    const [base, continuous] = settleCopies(contents.copies, contents.archives);
    expect(base).toMatchObject({ integrity: 'complete' });
    expect(continuous).toMatchObject({ kind: 'continuous', integrity: 'complete' });
  });

  test.each([
    ['zeros', Buffer.alloc(SEGMENT_BYTES), '', 'does not begin with the first page'],
    ['of another cluster', ofAnother(writeWal(3, [100, SWITCH]).bytes), '', 'of another cluster'],
    ['another segment', writeWal(4, [100, SWITCH]).bytes, '', 'another segment than its name says'],
    ['zeros from the middle on', writeWal(3, [100, 400_000]).bytes, '', 'not written to its end'],
    ['its end of a file that was used before', endOfAnother(writeWal(3, [100]).bytes), '', 'not written to its end'],
    ['one byte called compressed', Buffer.from('x'), '.lz4', ''],
    ['zeros, compressed', LZ4_OF_ZEROS, '.lz4', 'does not begin with the first page'],
  ])('%s counts as missing', async (_, segment, ending, what) => {
    const contents = await read(segment, ending);
    expect(contents.unmatched).toMatchObject([
      {
        path: `wal/${NEEDED}${ending}`,
        what: expect.stringMatching(`^a WAL segment that cannot be restored: .*${what}`),
      },
    ]);
    const settled = settleCopies(contents.copies, contents.archives);
    expect(settled).toMatchObject([
      { integrity: 'incomplete', integrityBecause: expect.stringContaining('not whole') },
    ]);
  });

  test('is written to its end, or left by a switch wherever that lies', async () => {
    const full = writeWal(3, [500_000, 540_000, 100_000], 2).bytes.subarray(0, SEGMENT_BYTES);
    for (const segment of [full, ...[1, 8100, 8104, 8112, 8120].map((size) => writeWal(3, [size, SWITCH]).bytes)]) {
      expect(await read(segment)).toMatchObject({ unmatched: [], archives: [{ timelines: [{ missing: 0 }] }] });
    }
  });

  test('ends the archive where the last segment was not written to its end', async () => {
    const wal = new Map(WAL);
    wal.set(`wal/${name(6)}`, writeWal(6, [100, 20]).bytes);
    const contents = await readTree(
      memoryTree(new Map([...BASE.map(([path, bytes]) => [`base/${path}`, bytes] as const), ...wal])),
      'structure',
    );
    expect(contents.archives).toMatchObject([{ timelines: [{ lastSegment: name(5), missing: 0 }] }]);
    expect(contents.unmatched).toMatchObject([{ path: `wal/${name(6)}` }]);
  });

  test('what no base backup needs is not opened between the ends', async () => {
    const wal = new Map(WAL);
    wal.set(`wal/${name(4)}`, Buffer.alloc(SEGMENT_BYTES));
    const contents = await readTree(
      memoryTree(new Map([...BASE.map(([path, bytes]) => [`base/${path}`, bytes] as const), ...wal])),
      'structure',
    );
    expect(contents.archives).toMatchObject([{ timelines: [{ missing: 0 }] }]);
  });
});
