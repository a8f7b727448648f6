import type { Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { MINUTE, SECOND, toMillis } from '../model/instant.ts';
import { lsnPosition } from '../model/lsn.ts';
import { isSegmentName } from '../model/wal-segments.ts';

type Physical = NonNullable<Facts['copy']['physical']>;
type Server = NonNullable<Facts['database-state']['server']>;
type Ancestry = readonly [Truth, string];

/** How far the clocks of server, storage and auditor may be apart, with the time that asking all servers takes. */
const ASKING = 10 * MINUTE;
/** How far clocks that are kept by NTP are, with what storage rounds off: WAL from after the asking may lie further. */
const KEPT_CLOCKS = 5 * SECOND;

/**
 * Whether the live server goes back to a copy that bears its system identifier, which clones and restored servers bear
 * as well: whether it lies on the server's timeline, or on one before it and not beyond the point where that was left.
 * Where copy or server does not tell where it is, only a configuration that names the server can carry it.
 */
export function timelineAncestry(copy: Facts['copy'], physical: Physical, live: Server): Ancestry {
  const { timeline } = physical;
  if (live.timeline === null) return untold(physical, 'the live server does not tell which timeline it writes');
  if (timeline === null) return untold(physical, 'it does not tell which timeline it is of');
  if (timeline > live.timeline) {
    return ['fails', `it is of timeline ${timeline}, and the live server is on timeline ${live.timeline}`];
  }
  const own = timeline === live.timeline ? onLiveTimeline(copy, physical, live) : onEarlierTimeline(physical, live);
  if (physical.contradicts === undefined || own[0] === 'fails') return own;
  const { label, location, by, what = 'a file' } = physical.contradicts;
  const other = location === copy.location ? label : `${label} in ${location}`;
  const isOther = 'one of the two is of another server that goes back to the same one, such as a clone';
  switch (by) {
    case 'wal':
      return ['unknown', `${what} inside it differs from that of ${other}: ${isOther}, or damaged`];
    case 'history':
      return ['unknown', `it and ${other} have different histories of its timeline (${what}): ${isOther}`];
    default:
      return ['unknown', `by time and by place in the log it and ${other} come in different orders: ${isOther}`];
  }
}

/**
 * True for a copy of an earlier timeline from beyond the point where the live server left it: of a clone, or of a past
 * that the server gave up when it was restored to an earlier moment. Which of the two it is, nothing inside tells.
 */
export function isOffLine(copy: Facts['copy'], state: Facts['database-state'] | undefined): boolean {
  const { physical, nameAgrees } = copy;
  const live = state?.server;
  if (physical === undefined || live === undefined || nameAgrees === false) return false;
  const { systemIdentifier, timeline } = physical;
  if (systemIdentifier === null || systemIdentifier !== live.systemIdentifier) return false;
  if (timeline === null || live.timeline === null || timeline >= live.timeline) return false;
  return onEarlierTimeline(physical, live)[0] === 'fails';
}

/**
 * A server goes on writing where it is: WAL that lies further on its timeline, and was there before the server told what
 * it writes, was written by another server with the same past, as a clone is.
 */
function onLiveTimeline(copy: Facts['copy'], { lastWal }: Physical, { writing }: Server): Ancestry {
  const beyond = beyondWriting(lastWal, writing);
  if (beyond === null) return HOLDS;
  const where = `${beyond} of the same timeline`;
  if (copy.moment === null) return ['unknown', `${where}, and it does not tell when it was taken`];
  if (writing === undefined) return HOLDS;
  const end = toMillis(copy.moment.notAfter);
  if (end > toMillis(writing.askedFrom ?? writing.askedUntil) - KEPT_CLOCKS) return HOLDS;
  if (end > toMillis(writing.askedUntil) - ASKING) {
    return [
      'unknown',
      `${where}, though it is from shortly before that was asked: the clocks differ, or it is of another server that goes back to the same one, such as a clone`,
    ];
  }
  return ['fails', `${where}: it is of another server that goes back to the same one, such as a clone`];
}

/** A timeline is left for good, so when the copy was taken does not matter. */
function onEarlierTimeline(physical: Physical, live: Server): Ancestry {
  const { timeline, lastWal, stopLsn, followed } = physical;
  const history = followed?.timeline === live.timeline ? followed : undefined;
  if (history !== undefined && history.leftAt === null) {
    return ['fails', `the live server’s timeline ${live.timeline} does not go back to its timeline ${timeline}`];
  }
  const left = lsnPosition(history?.leftAt ?? '');
  const end = lsnPosition(stopLsn ?? '');
  if (end > left) {
    return [
      'fails',
      `it ends at ${stopLsn} of timeline ${timeline}, and the live server left that at ${history?.leftAt}${LEFT}`,
    ];
  }
  const beyond = beyondWriting(lastWal, live.writing);
  if (beyond !== null) return ['fails', `${beyond}${LEFT}`];
  if (end <= left || (lastWal !== undefined && live.writing !== undefined)) return HOLDS;
  return untold(physical, `nothing tells whether it ends before the live server left timeline ${timeline}`);
}

function untold({ declaredServer }: Physical, what: string): Ancestry {
  if (!declaredServer) return ['unknown', `${what}, and no configuration names the server of what lies there`];
  return ['holds', `system identifier and the server that the configuration names agree, though ${what}`];
}

const LEFT =
  ': it is of another server that goes back to the same one, such as a clone, or of a past that was given up';
const HOLDS: Ancestry = ['holds', 'system identifier, timeline and declared location agree with the live server'];

/** Where WAL lies further in the log than what the live server writes, on whichever timeline; null where it does not. */
function beyondWriting(lastWal: string | undefined, writing: Server['writing']): string | null {
  if (lastWal === undefined || writing === undefined) return null;
  const { segment } = writing;
  if (!isSegmentName(lastWal) || !isSegmentName(segment) || positionIn(lastWal) <= positionIn(segment)) return null;
  return `its WAL reaches to ${lastWal}, and the live server writes ${segment}`;
}

/** What is left of a name without its timeline sorts by position. */
function positionIn(segment: string): string {
  return segment.slice(8);
}
