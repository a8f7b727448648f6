import { compressionOf } from '../../formats/decompressed.ts';
import { looksEncrypted, PART_HEAD_BYTES } from '../../formats/wal-g/part-encryption.ts';
import type { Sentinel } from '../../formats/wal-g/sentinel.ts';
import { DEFAULT_SEGMENT_BYTES } from '../../formats/wal-segments.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { dropDamaged, isSegmentOfSize, neededSegments } from './archived-segments.ts';
import { historyInFile, timelinesOf } from './last-written.ts';
import type { PhysicalCopy, WalArchive } from './physical-copy.ts';
import { withReader } from './repository-reading.ts';
import { readSegmentEnds } from './segment-ends.ts';
import { isSegmentNamed } from './segment-header.ts';
import type { UnmatchedList } from './unmatched-list.ts';
import { segmentBytesOf, walGLabel } from './wal-g-copy.ts';
import type { WalGPrefix } from './wal-g-listing.ts';

export interface WalGArchive {
  readonly tree: ArtifactTree;
  readonly signal: AbortSignal;
  readonly prefix: WalGPrefix;
  readonly declaredServer: string | null;
  readonly unmatched: UnmatchedList;
  readonly sentinels: readonly { readonly name: string; readonly sentinel: Sentinel }[];
  /** Below this prefix. */
  readonly copies: readonly PhysicalCopy[];
}

/** Fewer bytes hold no first page of a segment, however they are compressed: its cluster and place alone take as many. */
const LEAST_BYTES = 32;

/**
 * The WAL below `wal_005`. Of the segments that a backup needs, and of the last of each timeline, only those count that
 * begin with the right page of the right cluster; one that is encrypted is left to its name.
 *
 * @throws SourceError when one of them cannot be read
 */
export async function walGArchive(archive: WalGArchive): Promise<readonly WalArchive[]> {
  const { tree, signal, prefix, sentinels, copies, unmatched, declaredServer } = archive;
  const sizes = sentinels.map(({ name, sentinel }) => segmentBytesOf(name, sentinel.startLsn));
  const segmentBytes = sizes.findLast((size) => size !== null) ?? DEFAULT_SEGMENT_BYTES;
  // Two clusters below one prefix overwrite each other's WAL; whose it is, nothing tells.
  const identifiers = new Set(sentinels.map(({ sentinel }) => sentinel.systemIdentifier));
  const [only = null] = identifiers;
  const systemIdentifier = identifiers.size === 1 ? only : null;
  const segments = new Map([...prefix.segments].filter(([name]) => isSegmentOfSize(name, segmentBytes)));
  const neededBy = (those: readonly PhysicalCopy[]): readonly string[] =>
    those.flatMap(({ wal }) => neededSegments(wal?.firstSegment ?? null, wal?.lastSegment ?? null, segmentBytes));
  // Encryption may have been turned on since.
  const mustBeOpen = new Set(neededBy(copies.filter(({ encrypted }) => encrypted === false)));
  await dropDamaged(
    segments,
    neededBy(copies),
    (name, file) => damageOf(archive, { name, file, systemIdentifier, segmentBytes, mustBeOpen: mustBeOpen.has(name) }),
    (file, what) => unmatched.add(file, what, walGLabel(prefix.prefix, 'wal_005')),
  );
  if (segments.size === 0) return [];
  const cluster = { systemIdentifier, endpoints: [], declaredServer };
  const timelines = await timelinesOf(tree, segments, segmentBytes, signal);
  const history = await historyInFile(tree, prefix.histories, timelines, signal);
  const path = walGLabel(prefix.prefix, 'wal_005');
  const known = history === null ? {} : { history };
  return [{ path, method: 'wal-g', cluster, segmentBytes, timelines, ...known, window: null }];
}

interface Segment {
  readonly name: string;
  readonly file: ArtifactFile;
  readonly systemIdentifier: string | null;
  readonly segmentBytes: number;
  /** A backup that is not encrypted needs it. */
  readonly mustBeOpen: boolean;
}

/** What is wrong with a segment by its first and last page; null where nothing is, or nothing can be told. */
async function damageOf(
  { tree, signal }: WalGArchive,
  { name, file, systemIdentifier, segmentBytes, mustBeOpen }: Segment,
): Promise<string | null> {
  if (file.bytes < LEAST_BYTES) return `it has only ${file.bytes} bytes`;
  const compression = compressionOf(file.path);
  const isPlain = file.path.endsWith(name);
  const header = await withReader(tree, file.path, signal, async (reader) => {
    if (compression === 'none') return readSegmentEnds(reader, null);
    // WAL-G encrypts what it has compressed and leaves the name as it is.
    const isEncrypted = looksEncrypted(file.path, await reader.read(0, PART_HEAD_BYTES)) === true;
    return isEncrypted && !mustBeOpen ? ({ state: 'closed' } as const) : readSegmentEnds(reader, compression);
  });
  if (header.state === 'closed') {
    return isPlain && mustBeOpen ? 'it does not begin with the first page of a WAL segment' : null;
  }
  if (header.state === 'damaged') return header.because;
  if (systemIdentifier !== null && header.long.systemIdentifier !== systemIdentifier) return 'it is of another cluster';
  if (!isSegmentNamed(name, header)) return 'it is another segment than its name says';
  return isPlain && file.bytes !== segmentBytes
    ? `it has ${file.bytes} bytes, and a segment has ${segmentBytes}`
    : null;
}
