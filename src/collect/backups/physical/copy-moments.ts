import type { Moment } from '../../../model/facts.ts';
import type { Instant } from '../../../model/instant.ts';
import type { PhysicalCopy, WalArchive } from './physical-copy.ts';

/**
 * Until when WAL brings back: at least until the end of the base copy, and until the newest time in the last segments
 * where they tell one. A storage time bounds it from below only where nothing contradicts that it is the time of
 * archiving: then what the last segment holds was written after the one before it was archived.
 */
export function momentOfWal(line: WalArchive['timelines'][number], base: Moment | null): Moment | null {
  const { lastWrittenAt, previousArchivedAt, isRetimed = false } = line;
  const archived = line.lastArchivedAt;
  const end = base?.notBefore ?? null;
  if (lastWrittenAt !== undefined) {
    const origin = 'newest transaction or checkpoint in the last archived WAL, and its storage time';
    return interval(latest(lastWrittenAt, end), archived, origin);
  }
  if (isRetimed) {
    if (end === null) return null;
    const origin =
      'end of the base copy, and storage time of the last archived WAL segment: times of segments are not in their order, or of one copying';
    return interval(end, archived, origin);
  }
  const after = previousArchivedAt ?? archived;
  return interval(latest(earliest(after, archived), end), archived, 'storage time of the last archived WAL segment');
}

function earliest(one: Instant, other: Instant): Instant {
  return [one, other].sort()[0] ?? one;
}

function latest(one: Instant, other: Instant | null): Instant {
  return other !== null && other > one ? other : one;
}

/** What is inside was there when it was stored; where clocks or kept times say otherwise, what is inside counts. */
function interval(notBefore: Instant, notAfter: Instant, origin: string): Moment {
  return { notBefore, notAfter: latest(notAfter, notBefore), origin };
}

/** A base copy is consistent as of its end. */
export function momentOf(copy: PhysicalCopy): Moment | null {
  if (copy.stoppedAt !== null) {
    const what = copy.method === 'filesystem-snapshot' ? 'creation of the snapshot' : 'end of the backup';
    return { notBefore: copy.stoppedAt, notAfter: copy.stoppedAt, origin: `${what}, from ${copy.timesFrom}` };
  }
  if (copy.startedAt === null) return null;
  const [, notAfter = copy.startedAt] = [copy.startedAt, copy.modifiedAt].sort();
  return { notBefore: copy.startedAt, notAfter, origin: `start of the backup, from ${copy.timesFrom}, and file time` };
}
