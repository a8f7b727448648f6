import type { Moment } from '../../../model/facts.ts';
import { counted } from '../../../model/text.ts';
import { segmentNumber, timelineOf } from '../../formats/wal-segments.ts';
import { mustBeRestored } from '../archived-objects.ts';
import { allNeeded, chainsOf, type Settlement, SOUND, worst } from './copy-chains.ts';
import { momentOf, momentOfWal } from './copy-moments.ts';
import { followedBy, stretchesTo } from './followed-timelines.ts';
import { archivedClass, belongsTo, holds, sameCluster } from './held-wal.ts';
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

/**
 * What base copies and archive bring back together: the newest base copy from which WAL is unbroken to the archive's
 * end. A range that a service promises is a copy that its reader tells of.
 */
function continuous(archive: WalArchive, settled: readonly SettledCopy[]): readonly SettledCopy[] {
  const line = archive.timelines.at(-1);
  if (line === undefined) return [];
  const bases = settled
    .filter(({ copy, integrity }) => integrity !== 'incomplete' && belongsTo(archive, copy))
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
