/**
 * Names of WAL segments: 24 upper-case hex digits, 8 each for the timeline, the high and the low part of the segment
 * number (PostgreSQL documentation, "WAL Internals"; XLogFileName in xlog_internal.h). With segments of 16 MiB the low
 * part runs from 00 to FF before the high part counts on.
 */

const SEGMENT = /^[0-9A-F]{24}$/;
const FOUR_GIB = 0x1_0000_0000;

/** True for the plain name of a complete segment: history files, `.partial` and `.backup` names are none. */
export function isSegmentName(name: string): boolean {
  return SEGMENT.test(name);
}

/** @throws RangeError when it is no name of a segment */
export function timelineOf(segment: string): number {
  return Number.parseInt(checked(segment).slice(0, 8), 16);
}

/** Position in its timeline, counted in segments from 0. @throws RangeError when it is no name of a segment */
export function segmentNumber(segment: string, segmentBytes: number): number {
  const high = Number.parseInt(checked(segment).slice(8, 16), 16);
  const low = Number.parseInt(segment.slice(16), 16);
  return high * segmentsPerHighPart(segmentBytes) + low;
}

/** How many segments there are until the high part of the number counts on. */
export function segmentsPerHighPart(segmentBytes: number): number {
  return FOUR_GIB / segmentBytes;
}

function checked(segment: string): string {
  if (!isSegmentName(segment)) throw new RangeError(`not a WAL segment name: ${JSON.stringify(segment.slice(0, 40))}`);
  return segment;
}
