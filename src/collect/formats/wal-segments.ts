import { isSegmentName, segmentNumber, segmentsPerHighPart, timelineOf } from '../../model/wal-segments.ts';

/** Ranges of WAL segments and what is missing in them; the names themselves are the model's. */
export { isSegmentName, segmentNumber, timelineOf };

/** A run of segments, both ends included. */
export interface SegmentRange {
  readonly first: string;
  readonly last: string;
}

const FOUR_GIB = 0x1_0000_0000;

/** Default of `initdb --wal-segsize`, in bytes. */
export const DEFAULT_SEGMENT_BYTES = 16 * 1024 * 1024;

/** The name of a segment by its timeline and position. */
export function segmentName(timeline: number, number: number, segmentBytes: number): string {
  const perHigh = segmentsPerHighPart(segmentBytes);
  return [timeline, Math.floor(number / perHigh), number % perHigh]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('');
}

/**
 * The segment that a log sequence number such as `0/C000028` lies in. An end position at the very start of a segment
 * belongs to the one before it: nothing of the later one is needed.
 *
 * @throws RangeError when the text is no log sequence number
 */
export function segmentOfLsn(
  lsn: string,
  timeline: number,
  segmentBytes: number,
  end: 'start' | 'stop' = 'start',
): string {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(lsn);
  if (match === null) throw new RangeError(`not a log sequence number: ${JSON.stringify(lsn.slice(0, 40))}`);
  const [, high = '0', low = '0'] = match;
  const position = Number.parseInt(high, 16) * FOUR_GIB + Number.parseInt(low, 16);
  const exact = position % segmentBytes === 0 && position > 0 && end === 'stop';
  return segmentName(timeline, Math.floor(position / segmentBytes) - (exact ? 1 : 0), segmentBytes);
}

/** What is missing between the first and the last of some segments of one timeline. Order and repetitions do not matter. */
export function missingSegments(segments: Iterable<string>, segmentBytes: number): readonly SegmentRange[] {
  const names = [...new Set(segments)].sort();
  const gaps: SegmentRange[] = [];
  for (const [index, name] of names.entries()) {
    const next = names[index + 1];
    if (next === undefined) break;
    const timeline = timelineOf(name);
    const from = segmentNumber(name, segmentBytes) + 1;
    const to = segmentNumber(next, segmentBytes) - 1;
    if (to < from) continue;
    gaps.push({ first: segmentName(timeline, from, segmentBytes), last: segmentName(timeline, to, segmentBytes) });
  }
  return gaps;
}

/** How many segments a range holds. */
export function segmentCount(range: SegmentRange, segmentBytes: number): number {
  return segmentNumber(range.last, segmentBytes) - segmentNumber(range.first, segmentBytes) + 1;
}
