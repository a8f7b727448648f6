import { isSegmentName, type SegmentRange, segmentCount, timelineOf } from '../../formats/wal-segments.ts';
import type { PhysicalCopy, WalArchive } from './physical-copy.ts';

/** Whether WAL and copy are of one cluster: by its identifier, else by the server that their tool names. */
export function sameCluster(archive: WalArchive, copy: PhysicalCopy): boolean {
  const [one, other] = [archive.cluster.systemIdentifier, copy.cluster.systemIdentifier];
  if (one !== null && other !== null) return one === other;
  return archive.method === copy.method && archive.cluster.declaredServer === copy.cluster.declaredServer;
}

/** Whether a copy may be restored with WAL: it is of one cluster, and nothing in it differs from what the copy holds itself. */
export function belongsTo(archive: WalArchive, copy: PhysicalCopy): boolean {
  return sameCluster(archive, copy) && copy.otherWal?.some((one) => one.archive === archive.path) !== true;
}

/** Whether every segment from the first to the last is there. */
export function holds(archive: WalArchive, first: string, last: string): boolean {
  if (!isSegmentName(first) || !isSegmentName(last)) return false;
  return archive.timelines.some(
    (line) =>
      line.timeline === timelineOf(first) &&
      line.timeline === timelineOf(last) &&
      line.firstSegment <= first &&
      line.lastSegment >= last &&
      line.missing === shownMissing(line.gaps, archive.segmentBytes) &&
      !line.gaps.some((gap) => gap.first <= last && gap.last >= first),
  );
}

/** The storage class out of which a segment of a range must be restored first; null where all can be read. */
export function archivedClass({ archived }: WalArchive, first: string, last: string): string | null {
  const isArchived = archived?.segments.some((name) => name >= first && name <= last) === true;
  return isArchived ? archived.storageClass : null;
}

/** A list of gaps that was cut short cannot say that a range is whole. */
function shownMissing(gaps: readonly SegmentRange[], segmentBytes: number): number {
  return gaps.reduce((sum, gap) => sum + segmentCount(gap, segmentBytes), 0);
}
