import type { Facts } from '../../../../model/facts.ts';
import type { Instant } from '../../../../model/instant.ts';
import type { WalPage } from '../../../formats/base-backup/wal-page.ts';
import { type Compression, compressionOf } from '../../../formats/decompressed.ts';
import { timelineOfHistory } from '../../../formats/timeline-history.ts';
import { DEFAULT_SEGMENT_BYTES, missingSegments, segmentCount, timelineOf } from '../../../formats/wal-segments.ts';
import type { ArtifactFile } from '../../../trees/artifact-tree.ts';
import { isRetimed, neededSegments } from '../archived-segments.ts';
import { historyInFile, newestTimeInFile, withLastWritten } from '../last-written.ts';
import type { WalArchive } from '../physical-copy.ts';
import { readSegmentEnds } from '../segment-ends.ts';
import { isSegmentNamed, readSegmentHeader, type SegmentHeader } from '../segment-header.ts';
import { type BackupAccess, withFile } from './backup-reading.ts';
import { directoryOf, nameOf } from './paths.ts';

const SEGMENT = /^([0-9A-F]{24})(\.(?:gz|zst|lz4|bz2|xz|lzo|age|gpg|enc))?$/;
const PARTIAL = /^[0-9A-F]{24}(?:\.(?:gz|zst|lz4))?\.partial(?:\.(?:gz|zst|lz4))?$/;
const MOST_GAPS = 50;
/** How many segments at the end of a timeline may be damaged before the rest is left to their names. */
const MOST_AT_END = 1000;

/** One complete segment of a directory. */
interface Archived {
  readonly segment: string;
  readonly file: ArtifactFile;
}

/** WAL that a base backup of the location does not hold itself. */
export interface NeededWal {
  readonly systemIdentifier: string | null;
  readonly firstSegment: string;
  readonly lastSegment: string;
}

export interface WalDirectories {
  readonly archives: readonly WalArchive[];
  readonly unmatched: readonly Facts['unmatched-artifact'][];
}

/**
 * Directories into which an `archive_command` or pg_receivewal puts WAL. Which cluster it is of stands in the first
 * page of a segment: the first and the last of a timeline are read, and where they differ, the place where one cluster
 * follows the other (pg_upgrade goes on counting) is looked for in between. Of those that a base backup needs each has to
 * begin with the page that its name says, of the cluster around it, and to be written to its end: what is not counts as
 * missing.
 *
 * @throws SourceError when a segment cannot be read
 */
export async function readWalDirectories(
  files: readonly ArtifactFile[],
  access: BackupAccess,
  declaredServer: string | null,
  needs: readonly NeededWal[] = [],
): Promise<WalDirectories> {
  const byDirectory = new Map<string, Archived[]>();
  const histories = new Map<string, Map<number, ArtifactFile>>();
  const unmatched: Facts['unmatched-artifact'][] = [];
  for (const file of files) {
    const { path, bytes, modifiedAt } = file;
    const timeline = timelineOfHistory(nameOf(path));
    if (timeline !== null) {
      const known = histories.get(directoryOf(path)) ?? new Map<number, ArtifactFile>();
      histories.set(directoryOf(path), known.set(timeline, file));
      continue;
    }
    const segment = SEGMENT.exec(nameOf(path))?.[1];
    if (segment === undefined) {
      const what = 'a WAL segment that is not finished; what is in it counts for no moment';
      if (PARTIAL.test(nameOf(path))) unmatched.push({ path, bytes, modifiedAt, what, foundName: null });
      continue;
    }
    const list = byDirectory.get(directoryOf(path));
    if (list === undefined) byDirectory.set(directoryOf(path), [{ segment, file }]);
    else list.push({ segment, file });
  }
  const archives: WalArchive[] = [];
  for (const [directory, archived] of byDirectory) {
    const whole = await withoutDamagedEnds(wholeSegments(archived, unmatched), access, unmatched);
    const context: Context = { access, declaredServer, needs, unmatched };
    const found = await archivesOf(directory, whole, context);
    archives.push(...(await withHistory(found, histories.get(directory), access)));
  }
  return { archives, unmatched };
}

interface Context {
  readonly access: BackupAccess;
  readonly declaredServer: string | null;
  readonly needs: readonly NeededWal[];
  readonly unmatched: Facts['unmatched-artifact'][];
}

/** Each once, ascending; uncompressed ones of another size than the others are cut off. */
function wholeSegments(archived: readonly Archived[], unmatched: Facts['unmatched-artifact'][]): readonly Archived[] {
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
async function withoutDamagedEnds(
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
async function withoutDamagedNeeds(
  run: readonly Archived[],
  cluster: LongHeader,
  segmentBytes: number,
  { access, needs, unmatched }: Context,
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

async function archivesOf(
  directory: string,
  whole: readonly Archived[],
  context: Context,
): Promise<readonly WalArchive[]> {
  const { access, declaredServer } = context;
  const byTimeline = Map.groupBy(whole, ({ segment }) => timelineOf(segment));
  const byCluster = new Map<string | null, ClusterSegments>();
  for (const [timeline, segments] of byTimeline) {
    for (const { cluster, run } of await clustersOf(segments, access)) {
      const segmentBytes = cluster?.segmentBytes ?? plainSize(run) ?? DEFAULT_SEGMENT_BYTES;
      const identifier = cluster?.systemIdentifier ?? null;
      const entry: ClusterSegments = byCluster.get(identifier) ?? { segmentBytes, timelines: [], files: new Map() };
      byCluster.set(identifier, entry);
      const usable = await withoutDamagedNeeds(run, cluster, entry.segmentBytes, context);
      if (usable.length === 0) continue;
      entry.timelines.push(timelineEntry(timeline, usable, entry.segmentBytes));
      entry.files = new Map(usable.map(({ segment, file }) => [segment, file]));
    }
  }
  const archives: WalArchive[] = [];
  for (const [systemIdentifier, { segmentBytes, timelines, files }] of byCluster) {
    archives.push({
      path: directory === '' ? '.' : directory,
      method: 'pg_basebackup',
      cluster: { systemIdentifier, endpoints: [], declaredServer },
      segmentBytes,
      timelines: await withLastWritten(timelines, files.keys(), segmentBytes, (segment) =>
        timeOf(files.get(segment), access),
      ),
      window: null,
    });
  }
  return archives;
}

/** What lies in a directory of one cluster. */
interface ClusterSegments {
  readonly segmentBytes: number;
  readonly timelines: WalArchive['timelines'][number][];
  /** Those of the last timeline. */
  files: ReadonlyMap<string, ArtifactFile>;
}

/** Where WAL of several clusters lies in one directory, nothing tells whose timeline a history is of. */
async function withHistory(
  archives: readonly WalArchive[],
  histories: ReadonlyMap<number, ArtifactFile> | undefined,
  { tree, signal }: BackupAccess,
): Promise<readonly WalArchive[]> {
  const [only, ...others] = archives;
  if (only === undefined || others.length > 0 || histories === undefined) return archives;
  const history = await historyInFile(tree, histories, only.timelines, signal);
  return history === null ? archives : [{ ...only, history }];
}

async function timeOf(file: ArtifactFile | undefined, { tree, signal }: BackupAccess): Promise<Instant | null> {
  // Out of some storage classes it must be restored first.
  if (file === undefined || file.archivedIn !== undefined) return null;
  return newestTimeInFile(tree, file.path, signal, compressionIn(file));
}

type LongHeader = WalPage['long'];

/** Cuts the segments of a timeline where one cluster's end and another's begin. */
async function clustersOf(
  segments: readonly Archived[],
  access: BackupAccess,
): Promise<readonly { readonly cluster: LongHeader; readonly run: readonly Archived[] }[]> {
  const [first, last] = [segments[0], segments.at(-1)];
  if (first === undefined || last === undefined) return [];
  const cluster = await longHeader(first, access);
  const other = first === last ? cluster : await longHeader(last, access);
  if (cluster?.systemIdentifier === other?.systemIdentifier || cluster === null || other === null) {
    return [{ cluster: cluster ?? other, run: segments }];
  }
  let [low, high] = [0, segments.length - 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const one = segments[middle];
    const header = one === undefined ? null : await longHeader(one, access);
    if (header?.systemIdentifier === cluster.systemIdentifier) low = middle;
    else high = middle;
  }
  return [{ cluster, run: segments.slice(0, high) }, ...(await clustersOf(segments.slice(high), access))];
}

async function longHeader(archived: Archived, access: BackupAccess): Promise<LongHeader> {
  const header = await headerOf(archived, access);
  return header.state === 'told' ? header.long : null;
}

async function headerOf({ file }: Archived, access: BackupAccess, read = readSegmentHeader): Promise<SegmentHeader> {
  if (file.archivedIn !== undefined) return { state: 'closed' };
  return withFile(access, file.path, (reader) => read(reader, compressionIn(file)));
}

/** Null for an ending that this program knows no compression by: it leaves the file closed. */
function compressionIn({ path }: ArtifactFile): Compression | null {
  const isBare = !nameOf(path).includes('.');
  const compression = compressionOf(path);
  return isBare || compression !== 'none' ? compression : null;
}

function plainSize(run: readonly Archived[]): number | null {
  return run.find(({ segment, file }) => nameOf(file.path) === segment)?.file.bytes ?? null;
}

function timelineEntry(
  timeline: number,
  run: readonly Archived[],
  segmentBytes: number,
): WalArchive['timelines'][number] {
  const gaps = missingSegments(
    run.map(({ segment }) => segment),
    segmentBytes,
  );
  return {
    timeline,
    firstSegment: run[0]?.segment ?? '',
    lastSegment: run.at(-1)?.segment ?? '',
    gaps: gaps.slice(0, MOST_GAPS),
    missing: gaps.reduce((sum, gap) => sum + segmentCount(gap, segmentBytes), 0),
    lastArchivedAt: run.at(-1)?.file.modifiedAt ?? '',
    previousArchivedAt: run.at(-2)?.file.modifiedAt ?? null,
    ...(isRetimed(run.map(({ file }) => file.modifiedAt)) ? { isRetimed: true } : {}),
  };
}
