import type { Facts } from '../../../../model/facts.ts';
import { timelineOf } from '../../../formats/wal-segments.ts';
import { neededSegments } from '../archived-segments.ts';
import { readSegmentEnds } from '../segment-ends.ts';
import { isSegmentNamed } from '../segment-header.ts';
import type { BackupAccess } from './backup-reading.ts';
import { type Archived, headerOf, type LongHeader, type NeededWal, type SegmentContext } from './directory-segments.ts';
import { nameOf } from './paths.ts';

/** How many segments at the end of a timeline may be damaged before the rest is left to their names. */
const MOST_AT_END = 1000;

/** Each once, ascending; uncompressed ones of another size than the others are cut off. */
export function wholeSegments(
  archived: readonly Archived[],
  unmatched: Facts['unmatched-artifact'][],
): readonly Archived[] {
  const isPlain = ({ segment, file }: Archived): boolean => nameOf(file.path) === segment;
  const sizes = new Map<number, number>();
  for (const one of archived) if (isPlain(one)) sizes.set(one.file.bytes, (sizes.get(one.file.bytes) ?? 0) + 1);
  const [usual] = [...sizes].toSorted(
    ([size, count], [otherSize, otherCount]) => otherCount - count || otherSize - size,
  );
  const whole = new Map<string, Archived>();
  for (const one of archived) {
    const { path, bytes, modifiedAt } = one.file;
    if (bytes === 0 || (isPlain(one) && bytes !== usual?.[0])) {
      const what = `a WAL segment of ${bytes} bytes, which is not the size of the others: it is cut off`;
      unmatched.push({ path, bytes, modifiedAt, what, foundName: null });
    } else if (!whole.has(one.segment) || isPlain(one)) whole.set(one.segment, one);
  }
  return [...whole.values()].toSorted((a, b) => (a.segment < b.segment ? -1 : 1));
}

/**
 * What is archived last decides until when can be restored: the last of each timeline has to be the segment that it is
 * called, and so what lies before it where it is not.
 */
export async function withoutDamagedEnds(
  whole: readonly Archived[],
  access: BackupAccess,
  unmatched: Facts['unmatched-artifact'][],
): Promise<readonly Archived[]> {
  const damaged = new Set<Archived>();
  for (const segments of Map.groupBy(whole, ({ segment }) => timelineOf(segment)).values()) {
    for (const one of segments.slice(-MOST_AT_END).reverse()) {
      const because = await damageOf(one, null, access);
      if (because === null) break;
      unmatched.push(unrestorable(one, because));
      damaged.add(one);
    }
  }
  return whole.filter((one) => !damaged.has(one));
}

/** What is wrong with a segment by its first and last page; null where nothing is, or nothing can be told. */
async function damageOf(one: Archived, cluster: LongHeader, access: BackupAccess): Promise<string | null> {
  const header = await headerOf(one, access, readSegmentEnds);
  if (header.state === 'closed') return null;
  if (header.state === 'damaged') return header.because;
  if (cluster !== null && header.long.systemIdentifier !== cluster.systemIdentifier) return 'it is of another cluster';
  return isSegmentNamed(one.segment, header) ? null : 'it is another segment than its name says';
}

function unrestorable({ file: { path, bytes, modifiedAt } }: Archived, because: string): Facts['unmatched-artifact'] {
  return { path, bytes, modifiedAt, what: `a WAL segment that cannot be restored: ${because}`, foundName: null };
}

/** Those of one cluster and timeline without what its base backups need and could not be restored from. */
export async function withoutDamagedNeeds(
  run: readonly Archived[],
  cluster: LongHeader,
  segmentBytes: number,
  { access, needs, unmatched }: SegmentContext,
): Promise<readonly Archived[]> {
  const isOwn = ({ systemIdentifier: id }: NeededWal): boolean =>
    id === null || cluster === null || id === cluster.systemIdentifier;
  const needed = new Set(
    needs.filter(isOwn).flatMap((need) => neededSegments(need.firstSegment, need.lastSegment, segmentBytes)),
  );
  const damaged = new Set<Archived>();
  for (const one of needed.size === 0 ? [] : run) {
    const because = needed.has(one.segment) ? await damageOf(one, cluster, access) : null;
    if (because === null) continue;
    unmatched.push(unrestorable(one, because));
    damaged.add(one);
  }
  return damaged.size === 0 ? run : run.filter((one) => !damaged.has(one));
}
