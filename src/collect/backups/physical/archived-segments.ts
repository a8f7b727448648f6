import { type Instant, MINUTE, SECOND, toMillis } from '../../../model/instant.ts';
import {
  isSegmentName,
  missingSegments,
  segmentCount,
  segmentName,
  segmentNumber,
  timelineOf,
} from '../../formats/wal-segments.ts';
import type { ArtifactFile } from '../../trees/artifact-tree.ts';
import type { WalArchive } from './physical-copy.ts';

const MOST_GAPS = 50;
/** A backup waits for few; a range that would name more is one that its catalogue tells wrongly. */
const MOST_NEEDED = 64;
/** How many segments at the end of a timeline may be damaged before the rest is left to their names. */
const MOST_AT_END = 1000;

/** True where the name is one that segments of this size can have: the low part of their number does not reach further. */
export function isSegmentOfSize(name: string, segmentBytes: number): boolean {
  return isSegmentName(name) && Number.parseInt(name.slice(16), 16) < 2 ** 32 / segmentBytes;
}

const AT_ONCE = 8;
const FEWEST_AT_ONCE = 3;

/**
 * Whether storage times cannot be taken for those at which one segment after the other was archived: an earlier one is
 * later than the last by more than archiving in parallel explains, or the last ones all came to lie there at once.
 *
 * @param times by ascending segments
 */
export function isRetimed(times: readonly Instant[]): boolean {
  const last = times.at(-1);
  if (last === undefined || last === '') return false;
  const newest = times.toSorted().at(-1) ?? last;
  if (toMillis(newest) - toMillis(last) > MINUTE) return true;
  const final = times.slice(-AT_ONCE);
  const oldest = final.toSorted()[0] ?? last;
  return final.length >= FEWEST_AT_ONCE && toMillis(last) - toMillis(oldest) <= 2 * SECOND;
}

/** What is there and what is missing of each timeline. @param segments names of complete segments with their storage time */
export function archivedTimelines(
  segments: ReadonlyMap<string, Instant>,
  segmentBytes: number,
): WalArchive['timelines'] {
  const byTimeline = Map.groupBy([...segments.keys()].sort(), timelineOf);
  return [...byTimeline].map(([timeline, names]) => {
    const [first = '', last = '', previous] = [names[0], names.at(-1), names.at(-2)];
    const gaps = missingSegments(names, segmentBytes);
    return {
      timeline,
      firstSegment: first,
      lastSegment: last,
      gaps: gaps.slice(0, MOST_GAPS),
      missing: gaps.reduce((sum, gap) => sum + segmentCount(gap, segmentBytes), 0),
      lastArchivedAt: segments.get(last) ?? '',
      previousArchivedAt: previous === undefined ? null : (segments.get(previous) ?? null),
      ...(isRetimed(names.map((name) => segments.get(name) ?? '')) ? { isRetimed: true } : {}),
    };
  });
}

/** The first segment from `first` to `last`, both included, that is not there; null where all are. @throws RangeError when the two are of different timelines or sizes */
export function firstMissingSegment(
  first: string,
  last: string,
  segmentBytes: number,
  isThere: (name: string) => boolean,
): string | null {
  const timeline = timelineOf(first);
  const to = segmentNumber(last, segmentBytes);
  const fits = isSegmentOfSize(first, segmentBytes) && isSegmentOfSize(last, segmentBytes);
  if (!fits || timeline !== timelineOf(last) || segmentNumber(first, segmentBytes) > to) {
    throw new RangeError(`no range of segments: ${first} to ${last}`);
  }
  for (let number = segmentNumber(first, segmentBytes); number <= to; number += 1) {
    const name = segmentName(timeline, number, segmentBytes);
    if (!isThere(name)) return name;
  }
  return null;
}

/** Names of the segments that a backup needs, from its first to its last; none where the two are no names of that size. */
export function neededSegments(first: string | null, last: string | null, segmentBytes: number): readonly string[] {
  if (first === null || last === null) return [];
  if (!isSegmentOfSize(first, segmentBytes) || !isSegmentOfSize(last, segmentBytes)) return [];
  const from = segmentNumber(first, segmentBytes);
  const to = Math.min(segmentNumber(last, segmentBytes), from + MOST_NEEDED - 1);
  const names = new Set<string>();
  for (let number = from; number <= to; number += 1) names.add(segmentName(timelineOf(first), number, segmentBytes));
  return [...names.add(last)];
}

/**
 * Takes the damaged ones out of `segments`: of those that backups need, and at the end of each timeline, which decides
 * until when can be restored.
 *
 * @param damageOf what is wrong with a segment; null where nothing is, or nothing can be told
 * @throws SourceError as `damageOf` does
 */
export async function dropDamaged(
  segments: Map<string, ArtifactFile>,
  needed: Iterable<string>,
  damageOf: (name: string, file: ArtifactFile) => Promise<string | null>,
  onDamaged: (file: ArtifactFile, what: string) => void,
): Promise<void> {
  const drop = async (name: string): Promise<boolean> => {
    const file = segments.get(name);
    // Nothing can be told of what must be restored first.
    const because = file === undefined || file.archivedIn !== undefined ? null : await damageOf(name, file);
    if (file === undefined || because === null) return false;
    onDamaged(file, `a WAL segment that cannot be restored: ${because}`);
    segments.delete(name);
    return true;
  };
  for (const name of new Set(needed)) await drop(name);
  for (const names of Map.groupBy([...segments.keys()].sort(), timelineOf).values()) {
    for (const name of names.slice(-MOST_AT_END).reverse()) if (!(await drop(name))) break;
  }
}
