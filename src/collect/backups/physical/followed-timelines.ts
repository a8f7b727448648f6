import { lsnPosition } from '../../../model/lsn.ts';
import { SourceError } from '../../../model/source-error.ts';
import { UnsupportedCompression } from '../../formats/compression/wrapping.ts';
import { FormatDamage } from '../../formats/format-damage.ts';
import { type Ancestor, LARGEST_HISTORY, parseTimelineHistory } from '../../formats/timeline-history.ts';
import { segmentName, segmentNumber, timelineOf } from '../../formats/wal-segments.ts';
import type { PhysicalCopy, WalArchive } from './physical-copy.ts';

/**
 * What the history file of the newest timeline tells; nothing where it is damaged, closed or empty.
 * @throws SourceError when it cannot be read
 */
export async function ancestorsIn(
  content: AsyncIterable<Uint8Array>,
  timeline: number,
): Promise<readonly Ancestor[] | null> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of content) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > LARGEST_HISTORY) return null;
    }
    const ancestors = parseTimelineHistory(Buffer.concat(pieces).toString('utf8'), timeline);
    return ancestors.length === 0 ? null : ancestors;
  } catch (error) {
    const isDamaged = error instanceof SourceError && error.reason === 'malformed';
    if (isDamaged || error instanceof FormatDamage || error instanceof UnsupportedCompression) return null;
    throw error;
  }
}

/**
 * What the history of the newest timeline in the archives beside a copy says of the copy's: where that history left it,
 * `leftAt` null where it does not go back to it. Null where no history was read, or the copy is of that newest timeline.
 */
export function followedBy(
  copy: PhysicalCopy,
  archives: readonly WalArchive[],
): { readonly timeline: number; readonly leftAt: string | null } | null {
  const known = archives.flatMap(({ cluster, history, timelines }) => {
    const newest = timelines.at(-1)?.timeline;
    const isOwn = cluster.systemIdentifier !== null && cluster.systemIdentifier === copy.cluster.systemIdentifier;
    return isOwn && history !== undefined && newest !== undefined ? [{ history, newest }] : [];
  });
  const [first] = known.sort((a, b) => b.newest - a.newest);
  if (first === undefined || copy.timeline === null || copy.timeline >= first.newest) return null;
  const left = first.history.find(({ timeline }) => timeline === copy.timeline);
  return { timeline: first.newest, leftAt: left?.switchLsn ?? null };
}

/** A stretch of WAL on one timeline, both ends included. */
export interface Stretch {
  readonly first: string;
  readonly last: string;
}

/**
 * The stretches of WAL that recovery of a copy goes through up to a segment of the newest timeline, oldest first: it
 * leaves each timeline in the segment of the switch, which the next one has as well (PostgreSQL source,
 * `XLogFileReadAnyTLI`). Null where that timeline does not go back to the copy's, or left it before the copy's end.
 */
export function stretchesTo(copy: PhysicalCopy, archive: WalArchive, last: string): readonly Stretch[] | null {
  const { firstSegment = null, lastSegment = null, stopLsn = null } = copy.wal ?? {};
  if (firstSegment === null) return null;
  const [from, to] = [timelineOf(firstSegment), timelineOf(last)];
  if (from === to) return [{ first: firstSegment, last }];
  const history = archive.history ?? [];
  const begin = history.findIndex(({ timeline }) => timeline === from);
  const [left] = history.slice(begin, begin + 1);
  if (begin < 0 || left === undefined || lastSegment === null || stopLsn === null) return null;
  if (timelineOf(lastSegment) !== from || !(lsnPosition(stopLsn) <= lsnPosition(left.switchLsn))) return null;
  const { segmentBytes } = archive;
  const stretches: Stretch[] = [];
  let at = segmentNumber(firstSegment, segmentBytes);
  for (const { timeline, switchLsn } of history.slice(begin)) {
    const leaves = Math.floor(lsnPosition(switchLsn) / segmentBytes);
    if (leaves > at) {
      stretches.push({
        first: segmentName(timeline, at, segmentBytes),
        last: segmentName(timeline, leaves - 1, segmentBytes),
      });
    }
    at = Math.max(at, leaves);
  }
  const end = segmentNumber(last, segmentBytes);
  return at > end ? null : [...stretches, { first: segmentName(to, at, segmentBytes), last }];
}
