import type { Facts } from '../../../../model/facts.ts';
import type { Instant } from '../../../../model/instant.ts';
import { timelineOfHistory } from '../../../formats/timeline-history.ts';
import { DEFAULT_SEGMENT_BYTES, missingSegments, segmentCount, timelineOf } from '../../../formats/wal-segments.ts';
import type { ArtifactFile } from '../../../trees/artifact-tree.ts';
import { isRetimed } from '../archived-segments.ts';
import { historyInFile, newestTimeInFile, withLastWritten } from '../last-written.ts';
import type { WalArchive } from '../physical-copy.ts';
import type { BackupAccess } from './backup-reading.ts';
import { clustersOf } from './cluster-runs.ts';
import { wholeSegments, withoutDamagedEnds, withoutDamagedNeeds } from './damaged-segments.ts';
import { type Archived, compressionIn, type NeededWal, plainSize, type SegmentContext } from './directory-segments.ts';
import { directoryOf, nameOf } from './paths.ts';

const SEGMENT = /^([0-9A-F]{24})(\.(?:gz|zst|lz4|bz2|xz|lzo|age|gpg|enc))?$/;
const PARTIAL = /^[0-9A-F]{24}(?:\.(?:gz|zst|lz4))?\.partial(?:\.(?:gz|zst|lz4))?$/;
const MOST_GAPS = 50;
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
    const context: SegmentContext = { access, declaredServer, needs, unmatched };
    const found = await archivesOf(directory, whole, context);
    archives.push(...(await withHistory(found, histories.get(directory), access)));
  }
  return { archives, unmatched };
}

async function archivesOf(
  directory: string,
  whole: readonly Archived[],
  context: SegmentContext,
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
  const newest = Math.max(...histories.keys());
  const isAhead = newest > (only.timelines.at(-1)?.timeline ?? 0);
  const ancestors = isAhead ? await historyInFile(tree, histories, [{ timeline: newest }], signal) : null;
  return [
    {
      ...only,
      ...(history === null ? {} : { history }),
      ...(ancestors === null ? {} : { historyAhead: { timeline: newest, ancestors } }),
    },
  ];
}

async function timeOf(file: ArtifactFile | undefined, { tree, signal }: BackupAccess): Promise<Instant | null> {
  // Out of some storage classes it must be restored first.
  if (file === undefined || file.archivedIn !== undefined) return null;
  return newestTimeInFile(tree, file.path, signal, compressionIn(file));
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
