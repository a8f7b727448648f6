import type { Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { MINUTE, toMillis } from '../model/instant.ts';
import { isSegmentName, segmentNumber, timelineOf } from '../model/wal-segments.ts';

type Archiver = Facts['archiver'];

/** Completed segments that were not archived: how many, and the bounds of how long the first of them waits. */
export interface Backlog {
  readonly waiting: number;
  /** Milliseconds; infinite where nothing bounds it. */
  readonly atLeast: number;
  readonly atMost: number;
}

/**
 * The segment that a file of the WAL archive is or belongs to: a segment itself, its `.partial`, or the `.backup` file
 * of a base backup, which is named after the segment the backup began in; null for a timeline's `.history`
 * (PostgreSQL documentation, "Continuous Archiving and Point-in-Time Recovery").
 */
export function segmentIn(file: string): string | null {
  const name = file.slice(0, 24);
  return isSegmentName(name) && (file.length === 24 || file[24] === '.') ? name : null;
}

/**
 * What waits by the server's own statistics and its latest checkpoint: a segment before the checkpoint's was complete by
 * then, a later one was not. Null where the statistics name no segment.
 *
 * @param now when the server was asked, in milliseconds since 1970
 */
export function backlogOf(archiver: Archiver, now: number): Backlog | null {
  const { lastArchivedWal, currentWal, checkpointWal, checkpointAt, segmentBytes } = archiver;
  const last = lastArchivedWal === null ? null : segmentIn(lastArchivedWal);
  if (last === null || currentWal === null || !isSegmentName(currentWal)) return null;
  const first = segmentNumber(last, segmentBytes) + 1;
  const waiting = Math.max(0, segmentNumber(currentWal, segmentBytes) - first);
  if (waiting === 0 || checkpointWal == null || checkpointAt == null || !isSegmentName(checkpointWal)) {
    return { waiting, atLeast: 0, atMost: Number.POSITIVE_INFINITY };
  }
  const sinceCheckpoint = Math.max(0, now - toMillis(checkpointAt));
  return segmentNumber(checkpointWal, segmentBytes) > first
    ? { waiting, atLeast: sinceCheckpoint, atMost: Number.POSITIVE_INFINITY }
    : { waiting, atLeast: 0, atMost: sinceCheckpoint };
}

/** An archiver that was not woken looks by itself every minute (PGARCH_AUTOWAKE_INTERVAL in pgarch.c). */
export const ARCHIVER_PAUSE = MINUTE;

/** The file whose last attempt failed and that was not archived since; null where none waits so. */
export function failedFile(archiver: Archiver): string | null {
  const { lastFailedWal, lastFailedAt, lastArchivedAt } = archiver;
  if (lastFailedWal === null || lastFailedAt === null) return null;
  return lastArchivedAt === null || lastFailedAt > lastArchivedAt ? lastFailedWal : null;
}

/** True for a server that writes WAL of its own and archives it; a standby writes none. */
export function archivesOwnWal({ value }: Observation<'archiver'>): boolean {
  return value.mode !== 'off' && value.currentWal !== null;
}

/** True where an archive that was looked into holds every segment that the server has completed. */
export function holdsAllCompleted(archive: Facts['wal-archive'], { currentWal, segmentBytes }: Archiver): boolean {
  const { lastSegment, missing, timeline } = archive;
  if (lastSegment === null || currentWal === null || missing > 0) return false;
  if (!isSegmentName(lastSegment) || !isSegmentName(currentWal) || timeline !== timelineOf(currentWal)) return false;
  return segmentNumber(lastSegment, segmentBytes) >= segmentNumber(currentWal, segmentBytes) - 1;
}
