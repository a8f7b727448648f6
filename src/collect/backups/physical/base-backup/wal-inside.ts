import { lsnPosition } from '../../../../model/lsn.ts';
import type { WalRange } from '../../../formats/base-backup/backup-manifest.ts';
import { isSegmentSize } from '../../../formats/base-backup/wal-page.ts';
import { createWalRecords, type WalRecords } from '../../../formats/base-backup/wal-records.ts';
import { DEFAULT_SEGMENT_BYTES, segmentName, segmentOfLsn, timelineOf } from '../../../formats/wal-segments.ts';
import type { BackupReading } from './backup-reading.ts';

/** Whether the WAL that a backup needs lies in it. */
export type WalPresence = 'all' | 'some' | 'none';

/** Size of the segments in a copy: what most of them have, the default where there are none. */
export function segmentBytesIn(segments: ReadonlyMap<string, number>): number {
  for (const bytes of segments.values()) if (isSegmentSize(bytes)) return bytes;
  return DEFAULT_SEGMENT_BYTES;
}

/** Segments that a range of WAL reaches over, in order; as many as asked for, as damaged ranges may reach over millions. */
export function* segmentsOf(range: WalRange, segmentBytes: number): Generator<string, void> {
  const [start, end] = [lsnPosition(range.startLsn), lsnPosition(range.endLsn)];
  const first = Math.floor(start / segmentBytes);
  const last = Math.max(first, Math.ceil(end / segmentBytes) - 1);
  for (let number = first; number <= last; number += 1) yield segmentName(range.timeline, number, segmentBytes);
}

const SIZES = [16, 1, 2, 4, 8, 32, 64, 128, 256, 512, 1024].map((mebibytes) => mebibytes * 2 ** 20);

/** Size of the segments that the server writes: what those inside have, else what fits the name in the label. */
export function segmentBytesOf({ segments, label }: Pick<BackupReading, 'segments' | 'label'>): number {
  if (segments !== null && segments.size > 0) return segmentBytesIn(segments);
  if (label === null) return DEFAULT_SEGMENT_BYTES;
  const { startLsn, startSegment } = label;
  const fits = (bytes: number): boolean => segmentOfLsn(startLsn, timelineOf(startSegment), bytes) === startSegment;
  return SIZES.find(fits) ?? DEFAULT_SEGMENT_BYTES;
}

/** By names and sizes: a segment of another size is cut off. */
export function walPresence(segments: ReadonlyMap<string, number>, ranges: readonly WalRange[]): WalPresence {
  const segmentBytes = segmentBytesIn(segments);
  let [there, all] = [false, true];
  for (const range of ranges) {
    for (const name of segmentsOf(range, segmentBytes)) {
      if (segments.get(name) === segmentBytes) there = true;
      else all = false;
      if (!all && (there || segments.size === 0)) return there ? 'some' : 'none';
      // However long the range: what lies outside of what is there is missing.
      if (!all) break;
    }
  }
  if (all) return ranges.length > 0 ? 'all' : 'none';
  return there || segments.size > 0 ? 'some' : 'none';
}

/** First and last segment that a backup needs, on the timelines it begins and ends on; null for a range that is none. */
export function segmentSpan(
  ranges: readonly WalRange[],
  segmentBytes: number,
): { readonly first: string; readonly last: string } | null {
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined) return null;
  return {
    first: segmentOfLsn(first.startLsn, first.timeline, segmentBytes),
    last: segmentOfLsn(last.endLsn, last.timeline, segmentBytes, 'stop'),
  };
}

/** Follows the records of every range, given the segments in ascending order. */
export interface WalFollower {
  /** What takes the content of the segment; null where no range reaches over it, or one before it did not come. */
  segment(name: string): WalRecords[];
  /** @throws FormatDamage when the records do not reach the end of a range */
  finish(): void;
}

export function createWalFollower(
  ranges: readonly WalRange[],
  segmentBytes: number,
  systemIdentifier: string | null,
): WalFollower {
  const followed = ranges.map((range) => {
    const names = segmentsOf(range, segmentBytes);
    const [start, end] = [lsnPosition(range.startLsn), lsnPosition(range.endLsn)];
    const records = createWalRecords({ start, end, segmentBytes, timeline: range.timeline, systemIdentifier });
    return { names, records, next: names.next().value ?? null };
  });
  return {
    segment: (name) =>
      followed.flatMap((one) => {
        if (one.next !== name) return [];
        one.next = one.names.next().value ?? null;
        return [one.records];
      }),
    finish: () => {
      for (const { records } of followed) records.finish();
    },
  };
}
