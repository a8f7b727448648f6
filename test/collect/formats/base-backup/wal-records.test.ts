import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWalPage } from '../../../../src/collect/formats/base-backup/wal-page.ts';
import { createWalRecords } from '../../../../src/collect/formats/base-backup/wal-records.ts';
import { FormatDamage } from '../../../../src/collect/formats/format-damage.ts';
import { SEGMENT_BYTES, WAL_SYSTEM_IDENTIFIER, type WrittenWal, writeWal } from './wal.ts';

function follow({ bytes, start, end }: WrittenWal, piece = 10_000, systemIdentifier = WAL_SYSTEM_IDENTIFIER): void {
  const records = createWalRecords({ start, end, segmentBytes: SEGMENT_BYTES, timeline: 1, systemIdentifier });
  for (let at = 0; at < bytes.length; at += piece) records.write(bytes.subarray(at, at + piece));
  records.finish();
}

describe('the records of WAL', () => {
  it('are followed to the end, over pages and segments', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(200), fc.nat(30_000)), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 50_000 }),
        (contents, piece) => {
          follow(writeWal(3, contents), piece);
        },
      ),
      { numRuns: 60 },
    );
    follow(writeWal(3, [900_000, 400_000, 5], 2));
  });

  it('end in every place of a page, also right before its header', () => {
    for (let size = 8000; size < 8300; size += 1) follow(writeWal(1, [size, 10]));
  });

  it('are damaged where any bit of them is', () => {
    const wal = writeWal(3, [100, 9000, 20]);
    for (let at = wal.start; at < wal.end; at += 7) {
      const bytes = Buffer.from(wal.bytes);
      const offset = at - 3 * SEGMENT_BYTES;
      bytes[offset] = (bytes[offset] ?? 0) ^ 0x10;
      const isPageHeader = offset % 8192 < 24;
      // Alignment after a record, and of a page header, is not covered by any checksum.
      if (isPageHeader || isPadding(wal, at)) continue;
      expect(() => follow({ ...wal, bytes }), `byte ${offset}`).toThrow(FormatDamage);
    }
  });

  it('do not reach the end where WAL is cut off or of another cluster', () => {
    const wal = writeWal(3, [100, 9000, 20]);
    expect(() => follow({ ...wal, bytes: wal.bytes.subarray(0, 8192) })).toThrow('ends before');
    expect(() => follow({ ...wal, end: wal.end + 8 })).toThrow(FormatDamage);
    expect(() => follow({ ...wal, start: wal.start + 8 })).toThrow(FormatDamage);
    expect(() => follow(wal, 10_000, '1')).toThrow('another cluster');
    expect(() => follow({ ...wal, bytes: Buffer.alloc(SEGMENT_BYTES) })).toThrow(FormatDamage);
  });

  it('of bytes that are altered anywhere are followed or damaged', () => {
    const wal = writeWal(3, [100, 9000, 20, 20_000]);
    const patch = fc.tuple(fc.nat(40_000), fc.uint8Array({ minLength: 1, maxLength: 9 }));
    fc.assert(
      fc.property(fc.array(patch, { minLength: 1, maxLength: 4 }), (patches) => {
        const bytes = Buffer.from(wal.bytes.subarray(0, 65_536));
        for (const [at, piece] of patches) bytes.set(piece, at);
        try {
          follow({ ...wal, bytes });
        } catch (error) {
          expect(error).toBeInstanceOf(FormatDamage);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

it('a page of random bytes is parsed or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 60 }), (bytes) => {
      const page = parseWalPage(Buffer.from(bytes).fill(0xd1, 1, 2));
      expect(page === null || Number.isSafeInteger(page.address)).toBe(true);
    }),
  );
});

/** The up to seven bytes that follow a record of 124, 9024 and 44 bytes. */
function isPadding({ start }: WrittenWal, at: number): boolean {
  const first = start + 124;
  return (at >= first && at < first + 4) || at >= start + 128 + 9024 + 24 + 44;
}
