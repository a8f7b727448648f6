import type { Observation } from '../model/control.ts';
import { HOUR, MINUTE, toMillis } from '../model/instant.ts';
import type { Limit } from '../model/policy.ts';
import { counted, instantText } from '../model/text.ts';
import { isSegmentName, segmentNumber, timelineOf } from '../model/wal-segments.ts';
import { archivesOwnWal } from './archiving.ts';

type Archiver = Observation<'archiver'>;
type Archive = Observation<'wal-archive'>;

/** Whether what a server says that it archived is in a place where its WAL was looked at. */
export type Arrival =
  /** Some place has it. */
  | { readonly is: 'there' }
  /** Nothing can be compared: no WAL of the server was seen, or it names no segment. */
  | { readonly is: 'not comparable' }
  | { readonly is: 'on its way'; readonly because: string }
  | { readonly is: 'lacking' | 'on another timeline'; readonly because: string; readonly cites: readonly Archive[] };

const BACKUP_HISTORY = /^([0-9A-F]{24})\.[0-9A-F]{8}\.backup$/;

/**
 * An archive_command that succeeds and stores nothing, such as `/bin/true`, looks healthy in pg_stat_archiver: the
 * segment that it reports must be in the archive. Files may be on their way through a spool, for the limit at most;
 * where segments follow each other faster than that, the archive stands still once its last is an hour older and not the
 * one before.
 *
 * @param limit minutes that a segment may take
 */
export function arrivalOf(archives: readonly Archive[], archiver: Archiver, limit: Limit): Arrival {
  const { lastArchivedWal, lastArchivedAt } = archiver.value;
  const archived = lastArchivedWal === null ? null : wholeSegment(lastArchivedWal);
  if (archived === null || lastArchivedAt === null || !archivesOwnWal(archiver)) return { is: 'not comparable' };
  const places = [...Map.groupBy(archives, archiveText).values()];
  if (places.some((place) => place.some(({ value }) => hasReached(value, archived)))) return { is: 'there' };
  const lacking = archives.filter(({ value }) => value.lastSegment !== null && isSegmentName(value.lastSegment));
  const due = lacking.filter((archive) => isDue(archive, archiver, { archived, at: lastArchivedAt }, limit));
  const onTimeline = due.filter(({ value }) => value.timeline === timelineOf(archived));
  const farthest = (onTimeline.length > 0 ? onTimeline : due).toSorted(byPosition)[0];
  if (farthest === undefined) {
    const [last] = lacking.toSorted(byPosition);
    if (last === undefined) return { is: 'not comparable' };
    return { is: 'on its way', because: `the WAL in ${archiveText(last)} ends at ${last.value.lastSegment} so far` };
  }
  const { lastSegment } = farthest.value;
  const reported = `the server reports that ${archived} was archived at ${instantText(lastArchivedAt)}`;
  const ends = `the WAL in ${archiveText(farthest)} ends at ${lastSegment}${untilText(farthest)}`;
  const more = places.length > 1 ? `, farthest of ${counted(places.length, 'place')}` : '';
  if (onTimeline.length > 0) return { is: 'lacking', because: `${reported}, and ${ends}${more}`, cites: archives };
  const because = `${reported}, and no place that was read shows WAL of its timeline ${timelineOf(archived)}: ${ends}${more}`;
  return { is: 'on another timeline', because, cites: archives };
}

/** How people find an archive. */
export function archiveText({ value }: Archive): string {
  return `${value.path} in ${value.location}`;
}

/** The `.partial` of a timeline that was left is kept apart, so it is not looked for among whole segments. */
function wholeSegment(file: string): string | null {
  return isSegmentName(file) ? file : (BACKUP_HISTORY.exec(file)?.[1] ?? null);
}

/** A service tells a range of time and no segments. */
function hasReached({ timeline, lastSegment }: Archive['value'], archived: string): boolean {
  if (timeline === null) return true;
  return timeline === timelineOf(archived) && lastSegment !== null && lastSegment >= archived;
}

/** Servers are asked before archives are listed; of both instants the earlier counts, as a listing may be recorded late. */
function isDue(
  archive: Archive,
  archiver: Archiver,
  last: { readonly archived: string; readonly at: string },
  limit: Limit,
): boolean {
  const looked = Math.min(toMillis(archiver.collectedAt), toMillis(archive.collectedAt));
  if (looked - toMillis(last.at) > limit.value * MINUTE) return true;
  const { restorableTo, timeline, lastSegment } = archive.value;
  if (restorableTo === null || lastSegment === null || timeline !== timelineOf(last.archived)) return false;
  const { segmentBytes } = archiver.value;
  if (segmentNumber(last.archived, segmentBytes) - segmentNumber(lastSegment, segmentBytes) < 2) return false;
  return toMillis(last.at) - toMillis(restorableTo) > HOUR;
}

function untilText({ value: { restorableTo } }: Archive): string {
  return restorableTo === null ? '' : ` of ${instantText(restorableTo)}`;
}

function byPosition(a: Archive, b: Archive): number {
  return (b.value.lastSegment ?? '').localeCompare(a.value.lastSegment ?? '');
}
