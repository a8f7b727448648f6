import type { Moment } from '../../../model/facts.ts';
import type { Instant } from '../../../model/instant.ts';
import { counted } from '../../../model/text.ts';
import {
  isSegmentName,
  type SegmentRange,
  segmentCount,
  segmentNumber,
  timelineOf,
} from '../../formats/wal-segments.ts';
import { mustBeRestored } from '../archived-objects.ts';
import { followedBy, stretchesTo } from './followed-timelines.ts';
import type { PhysicalCopy, WalArchive } from './physical-copy.ts';

/** A copy with everything looked at that it leans on: the copies it builds on, and the WAL that makes it consistent. */
export interface SettledCopy {
  readonly copy: PhysicalCopy;
  /** As the fact states it; `continuous` stands for a base copy with all WAL after it, or a range that a service promises. */
  readonly kind: PhysicalCopy['kind'] | 'continuous';
  readonly label: string;
  readonly path: string;
  /** Every copy without which it restores nothing, those that it names itself first. */
  readonly builtOn: readonly string[];
  /** Of the continuous one that of its last segment; null where it is not told. */
  readonly timeline: number | null;
  /** Last segment of the WAL that it is restored with; null where it is not told. */
  readonly lastWal: string | null;
  /** What the history of a later timeline says of this one; null where there is none, see {@link followedBy}. */
  readonly followed: ReturnType<typeof followedBy>;
  readonly moment: Moment | null;
  readonly integrity: PhysicalCopy['integrity'];
  readonly integrityBecause: string;
}

/**
 * Settles the copies of one repository. A copy that builds on a missing or damaged one restores nothing, nor does one
 * whose own WAL is missing; one whose WAL nobody found is unproven.
 *
 * @param copies all copies of the repository, of any cluster
 * @param archives those that lie beside them, and so outlive or share the same losses
 * @param elsewhere those of other locations: what leans on them leans on two places
 */
export function settleCopies(
  copies: readonly PhysicalCopy[],
  archives: readonly WalArchive[],
  elsewhere: readonly WalArchive[] = [],
): readonly SettledCopy[] {
  const chains = chainsOf(copies);
  const byLabel = new Map(copies.map((copy) => [copy.label, copy]));
  const settled = copies.map((copy): SettledCopy => {
    const [integrity, integrityBecause] = worst([
      [copy.integrity, copy.integrityBecause],
      chains(copy),
      ownWal(copy, archives, elsewhere),
    ]);
    const { label, path, timeline } = copy;
    const builtOn = allNeeded(copy, byLabel);
    const isWindow = archives.some((archive) => archive.window !== null && archive.path === path);
    const kind = isWindow ? 'continuous' : copy.kind;
    return {
      copy,
      kind,
      label,
      path,
      builtOn,
      timeline,
      lastWal: copy.wal?.lastSegment ?? null,
      followed: followedBy(copy, archives),
      moment: momentOf(copy),
      integrity,
      integrityBecause,
    };
  });
  return [...settled, ...archives.flatMap((archive) => continuous(archive, settled))];
}

/** A chain of more links is no work of backup tools; what it names beyond was never read. */
const MOST_LINKS = 2000;

/** Most tools name the whole chain; incremental base backups name only the one before. */
function allNeeded(copy: PhysicalCopy, byLabel: ReadonlyMap<string, PhysicalCopy>): readonly string[] {
  const all = new Set(copy.needs);
  // What is added on the way is gone through as well.
  for (const label of all) {
    if (all.size > MOST_LINKS) return [...all, `more than ${MOST_LINKS} others`];
    for (const further of byLabel.get(label)?.needs ?? []) if (further !== copy.label) all.add(further);
  }
  return [...all];
}

type Settlement = readonly [PhysicalCopy['integrity'], string];
const SOUND: Settlement = ['complete', ''];

/** The worst decides; where all are complete, the copy's own reason stands, and what it leans on is added. */
function worst(settlements: readonly Settlement[]): Settlement {
  for (const state of ['incomplete', 'unproven'] as const) {
    const found = settlements.find(([integrity]) => integrity === state);
    if (found !== undefined) return found;
  }
  return [
    'complete',
    settlements
      .map(([, because]) => because)
      .filter((because) => because !== '')
      .join(', '),
  ];
}

/** What the copies that one builds on make of it; each is settled once, however many build on it. */
function chainsOf(copies: readonly PhysicalCopy[]): (copy: PhysicalCopy) => Settlement {
  const byLabel = new Map(copies.map((copy) => [copy.label, copy]));
  const settled = new Map<string, Settlement | 'open'>();
  const linkOf = (label: string): Settlement => {
    const needed = byLabel.get(label);
    if (needed === undefined) return ['incomplete', `it builds on ${label}, which is not there`];
    if (needed.integrity === 'incomplete') {
      return ['incomplete', `it builds on ${label}, which is damaged: ${needed.integrityBecause}`];
    }
    if (needed.integrity === 'unproven') {
      return ['unproven', `it builds on ${label}, which is not proven: ${needed.integrityBecause}`];
    }
    return settledOf(label);
  };
  const settledOf = (label: string): Settlement => {
    const known = settled.get(label);
    return known === undefined || known === 'open' ? ['incomplete', 'it builds on itself in a circle'] : known;
  };
  const settle = (copy: PhysicalCopy): void => {
    const [integrity, because] = worst(copy.needs.map(linkOf));
    const all = integrity === 'complete' && copy.needs.length > 0;
    settled.set(copy.label, all ? ['complete', 'every copy it builds on is there'] : [integrity, because]);
  };
  /** By a list of its own and not by calling itself: what a catalogue names can be a chain of any length. */
  const settleAll = (first: PhysicalCopy): void => {
    const waiting = [first];
    for (let copy = waiting.at(-1); copy !== undefined; copy = waiting.at(-1)) {
      const state = settled.get(copy.label);
      if (state === undefined) {
        settled.set(copy.label, 'open');
        const needed = copy.needs.map((label) => byLabel.get(label));
        for (const one of needed) if (one !== undefined && settled.get(one.label) === undefined) waiting.push(one);
        continue;
      }
      waiting.pop();
      if (state === 'open') settle(copy);
    }
  };
  return (copy) => {
    settleAll(copy);
    return settledOf(copy.label);
  };
}

/** The WAL from the start to the end of the backup, without which it never becomes consistent. */
function ownWal(copy: PhysicalCopy, archives: readonly WalArchive[], elsewhere: readonly WalArchive[]): Settlement {
  if (copy.wal === null || copy.wal.inside) return SOUND;
  const { firstSegment, lastSegment } = copy.wal;
  if (firstSegment === null || lastSegment === null) return ['unproven', 'it does not tell which WAL it needs'];
  const own = archives.filter((archive) => sameCluster(archive, copy));
  const other = elsewhere.find((archive) => sameCluster(archive, copy) && holds(archive, firstSegment, lastSegment));
  const leansOnTwo: Settlement = [
    'unproven',
    `the WAL it needs lies only in another archive (${other?.path}, of ${other?.method}): configure one location that holds both`,
  ];
  if (own.length === 0) {
    if (other !== undefined) return leansOnTwo;
    return ['unproven', 'the WAL it needs is not inside it, and no archive of that WAL was found'];
  }
  const holding = own.filter((archive) => holds(archive, firstSegment, lastSegment));
  if (holding.length > 0) {
    const closed = holding.map((archive) => archivedClass(archive, firstSegment, lastSegment));
    const [storageClass = null] = closed;
    return storageClass === null || closed.includes(null)
      ? ['complete', 'the WAL it needs is in the archive']
      : ['unproven', `the WAL it needs ${mustBeRestored(storageClass)}`];
  }
  // A tool that keeps an archive of its own restores from no other.
  if (other !== undefined && copy.method === 'pg_basebackup') return leansOnTwo;
  return ['incomplete', `the WAL it needs (${firstSegment} to ${lastSegment}) is not whole in the archive`];
}

function sameCluster(archive: WalArchive, copy: PhysicalCopy): boolean {
  const [one, other] = [archive.cluster.systemIdentifier, copy.cluster.systemIdentifier];
  if (one !== null && other !== null) return one === other;
  return archive.method === copy.method && archive.cluster.declaredServer === copy.cluster.declaredServer;
}

function holds(archive: WalArchive, first: string, last: string): boolean {
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
function archivedClass({ archived }: WalArchive, first: string, last: string): string | null {
  const isArchived = archived?.segments.some((name) => name >= first && name <= last) === true;
  return isArchived ? archived.storageClass : null;
}

/** A list of gaps that was cut short cannot say that a range is whole. */
function shownMissing(gaps: readonly SegmentRange[], segmentBytes: number): number {
  return gaps.reduce((sum, gap) => sum + segmentCount(gap, segmentBytes), 0);
}

/**
 * What base copies and archive bring back together: the newest base copy from which WAL is unbroken to the archive's
 * end. A range that a service promises is a copy that its reader tells of.
 */
function continuous(archive: WalArchive, settled: readonly SettledCopy[]): readonly SettledCopy[] {
  const line = archive.timelines.at(-1);
  if (line === undefined) return [];
  const bases = settled
    .filter(({ copy, integrity }) => integrity !== 'incomplete' && sameCluster(archive, copy))
    .filter(({ copy }) => {
      const stretches = stretchesTo(copy, archive, line.lastSegment);
      return stretches?.every(({ first, last }) => holds(archive, first, last)) === true;
    })
    .sort((a, b) => (b.moment?.notBefore ?? '').localeCompare(a.moment?.notBefore ?? ''));
  const base = bases.find(({ integrity }) => integrity === 'complete') ?? bases[0];
  if (base === undefined) return [];
  const from = base.copy.wal?.firstSegment ?? line.firstSegment;
  const isFollowed = timelineOf(from) !== line.timeline;
  const followed = isFollowed
    ? `, timeline ${timelineOf(from)} followed to timeline ${line.timeline} by its history`
    : '';
  const storageClass = archivedClass(archive, from, line.lastSegment);
  const isClosed = storageClass !== null && base.integrity === 'complete';
  const segments =
    segmentNumber(line.lastSegment, archive.segmentBytes) - segmentNumber(from, archive.segmentBytes) + 1;
  return [
    {
      copy: base.copy,
      kind: 'continuous',
      label: `WAL up to ${line.lastSegment}`,
      path: archive.path,
      builtOn: [base.label, ...base.builtOn],
      timeline: line.timeline,
      lastWal: line.lastSegment,
      followed: null,
      moment: momentOfWal(line, base.moment),
      integrity: isClosed ? 'unproven' : base.integrity,
      integrityBecause: isClosed
        ? `WAL from ${base.label} on ${mustBeRestored(storageClass)}`
        : `${base.integrityBecause}; ${counted(segments, 'WAL segment')} from ${base.label} on, none missing${followed}`,
    },
  ];
}

/**
 * Until when WAL brings back: at least until the end of the base copy, and until the newest time in the last segments
 * where they tell one. A storage time bounds it from below only where nothing contradicts that it is the time of
 * archiving: then what the last segment holds was written after the one before it was archived.
 */
function momentOfWal(line: WalArchive['timelines'][number], base: Moment | null): Moment | null {
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
function momentOf(copy: PhysicalCopy): Moment | null {
  if (copy.stoppedAt !== null) {
    const what = copy.method === 'filesystem-snapshot' ? 'creation of the snapshot' : 'end of the backup';
    return { notBefore: copy.stoppedAt, notAfter: copy.stoppedAt, origin: `${what}, from ${copy.timesFrom}` };
  }
  if (copy.startedAt === null) return null;
  const [, notAfter = copy.startedAt] = [copy.startedAt, copy.modifiedAt].sort();
  return { notBefore: copy.startedAt, notAfter, origin: `start of the backup, from ${copy.timesFrom}, and file time` };
}
