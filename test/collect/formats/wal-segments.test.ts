import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_SEGMENT_BYTES,
  missingSegments,
  segmentCount,
  segmentName,
  segmentNumber,
  segmentOfLsn,
  timelineOf,
} from '../../../src/collect/formats/wal-segments.ts';

const MIB = 1024 * 1024;
const SIZES = [1, 2, 16, 64, 1024].map((mib) => mib * MIB);

describe('names of WAL segments', () => {
  it('count on in the high part after FF', () => {
    expect(missingSegments(['0000000100000000000000FE', '000000010000000100000001'], DEFAULT_SEGMENT_BYTES)).toEqual([
      { first: '0000000100000000000000FF', last: '000000010000000100000000' },
    ]);
  });

  it('have no gap where they follow each other, in any order', () => {
    const names = ['000000010000000100000000', '0000000100000000000000FF', '0000000100000000000000FF'];
    expect(missingSegments(names, DEFAULT_SEGMENT_BYTES)).toEqual([]);
  });

  it('are found for the position of a backup label', () => {
    expect(segmentOfLsn('0/C000028', 1, DEFAULT_SEGMENT_BYTES)).toBe('00000001000000000000000C');
    expect(segmentOfLsn('1/FF000000', 2, DEFAULT_SEGMENT_BYTES)).toBe('0000000200000001000000FF');
  });

  it('leave out a segment of which an end position needs nothing', () => {
    expect(segmentOfLsn('0/D000000', 1, DEFAULT_SEGMENT_BYTES, 'stop')).toBe('00000001000000000000000C');
    expect(segmentOfLsn('0/D000001', 1, DEFAULT_SEGMENT_BYTES, 'stop')).toBe('00000001000000000000000D');
  });

  it('refuse what is none', () => {
    expect(() => timelineOf('00000001000000000000000C.partial')).toThrow(RangeError);
    expect(() => segmentOfLsn('C000028', 1, DEFAULT_SEGMENT_BYTES)).toThrow(RangeError);
  });

  it('come back from their number for every size of segment', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 0xffff }),
        fc.nat(2 ** 31 - 1),
        fc.constantFrom(...SIZES),
        (line, number, size) => {
          const name = segmentName(line, number, size);
          expect(timelineOf(name)).toBe(line);
          expect(segmentNumber(name, size)).toBe(number);
        },
      ),
    );
  });

  it('miss exactly what was taken out', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(...SIZES),
        (start, gap, rest, size) => {
          const kept = [start, ...Array.from({ length: rest }, (_, index) => start + gap + 1 + index)];
          const found = missingSegments(
            kept.map((number) => segmentName(1, number, size)),
            size,
          );
          expect(found).toHaveLength(1);
          expect(found.reduce((sum, range) => sum + segmentCount(range, size), 0)).toBe(gap);
        },
      ),
    );
  });
});
