import type { Instant } from '../../../model/instant.ts';
import { SourceError } from '../../../model/source-error.ts';
import { newestWalTime } from '../../formats/base-backup/wal-times.ts';
import { UnsupportedCompression } from '../../formats/compression/wrapping.ts';
import { wrappingOf } from '../../formats/compression/wrappings.ts';
import { type Compression, decompressed } from '../../formats/decompressed.ts';
import { FormatDamage } from '../../formats/format-damage.ts';
import type { Ancestor } from '../../formats/timeline-history.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { archivedTimelines } from './archived-segments.ts';
import { ancestorsIn } from './followed-timelines.ts';
import type { WalArchive } from './physical-copy.ts';
import { withReader } from './repository-reading.ts';

/** How much of the end of an archive is read for its times, whatever the depth. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_SEGMENTS = 4;
/** Enough to know each compression by. */
const MAGIC_BYTES = 16;

/**
 * Adds to the newest timeline when what its last segments hold was written, by the records in them: of the last one that
 * holds any time. A storage time says only when a file came to lie there.
 *
 * @param timeOf the newest time in one segment; null where there is none, or it cannot be opened
 * @throws SourceError when one cannot be read
 */
export async function withLastWritten(
  timelines: WalArchive['timelines'],
  names: Iterable<string>,
  segmentBytes: number,
  timeOf: (name: string) => Promise<Instant | null>,
): Promise<WalArchive['timelines']> {
  const line = timelines.at(-1);
  if (line === undefined) return timelines;
  const most = Math.min(MOST_SEGMENTS, Math.floor(MOST_BYTES / segmentBytes));
  const prefix = line.lastSegment.slice(0, 8);
  const last = [...names]
    .filter((name) => name.startsWith(prefix))
    .sort()
    .slice(-most);
  if (most === 0) return timelines;
  for (const name of last.reverse()) {
    const lastWrittenAt = await timeOf(name);
    if (lastWrittenAt !== null) return [...timelines.slice(0, -1), { ...line, lastWrittenAt }];
  }
  return timelines;
}

/** The timelines of segments that lie in files which tell their compression by their first bytes. @throws likewise */
export async function timelinesOf(
  tree: ArtifactTree,
  segments: ReadonlyMap<string, ArtifactFile>,
  segmentBytes: number,
  signal: AbortSignal,
): Promise<WalArchive['timelines']> {
  const times = new Map([...segments].map(([name, { modifiedAt }]) => [name, modifiedAt]));
  const timelines = archivedTimelines(times, segmentBytes);
  return withLastWritten(timelines, segments.keys(), segmentBytes, async (name) => {
    const file = segments.get(name);
    // Out of some storage classes it must be restored first.
    if (file === undefined || file.archivedIn !== undefined) return null;
    return newestTimeInFile(tree, file.path, signal, null);
  });
}

/** The newest time in a segment that lies in a file. @param compression as {@link readSegmentHeader} takes it @throws likewise */
export async function newestTimeInFile(
  tree: ArtifactTree,
  path: string,
  signal: AbortSignal,
  compression: Compression | null,
): Promise<Instant | null> {
  return withReader(tree, path, signal, async (reader) => {
    const how = compression ?? wrappingOf(await reader.read(0, MAGIC_BYTES))?.name ?? 'none';
    const content = decompressed(how, reader.stream());
    return content === null ? null : openedTime(content);
  });
}

/** What the history file of the newest timeline tells; null without one. @throws SourceError when it cannot be read */
export async function historyInFile(
  tree: ArtifactTree,
  histories: ReadonlyMap<number, ArtifactFile>,
  timelines: readonly { readonly timeline: number }[],
  signal: AbortSignal,
): Promise<readonly Ancestor[] | null> {
  const timeline = timelines.at(-1)?.timeline ?? 0;
  const file = histories.get(timeline);
  if (file === undefined) return null;
  return withReader(tree, file.path, signal, async (reader) => {
    const how = wrappingOf(await reader.read(0, Math.min(MAGIC_BYTES, reader.bytes)))?.name ?? 'none';
    const content = decompressed(how, reader.stream());
    return content === null ? null : ancestorsIn(content, timeline);
  });
}

/** What is damaged or closed tells no time. @throws SourceError when it cannot be read */
export async function openedTime(content: AsyncIterable<Uint8Array>): Promise<Instant | null> {
  try {
    return await newestWalTime(content);
  } catch (error) {
    const isDamaged = error instanceof SourceError && error.reason === 'malformed';
    if (isDamaged || error instanceof FormatDamage || error instanceof UnsupportedCompression) return null;
    throw error;
  }
}
