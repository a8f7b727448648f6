import type { Instant } from '../../../../model/instant.ts';
import { SourceError } from '../../../../model/source-error.ts';
import { createLimiter } from '../../../concurrency.ts';
import { LONG_HEADER_BYTES, parseWalPage } from '../../../formats/base-backup/wal-page.ts';
import { UnsupportedCompression } from '../../../formats/compression/wrapping.ts';
import {
  type ArchivedSegment,
  isOtherArchivePart,
  parseArchivedSegment,
  parseArchiveId,
} from '../../../formats/pgbackrest/archived-segment.ts';
import type { StanzaInfo } from '../../../formats/pgbackrest/backup-info.ts';
import type { Compression } from '../../../formats/pgbackrest/backup-manifest.ts';
import { canOpen, compareContent, openStored } from '../../../formats/pgbackrest/stored-content.ts';
import { type Ancestor, timelineOfHistory } from '../../../formats/timeline-history.ts';
import { DEFAULT_SEGMENT_BYTES } from '../../../formats/wal-segments.ts';
import type { ArtifactFile, ArtifactTree } from '../../../trees/artifact-tree.ts';
import { archivedTimelines, isSegmentOfSize } from '../archived-segments.ts';
import { ancestorsIn } from '../followed-timelines.ts';
import { openedTime, withLastWritten } from '../last-written.ts';
import type { ReadingDepth, WalArchive } from '../physical-copy.ts';
import { withReader } from '../repository-reading.ts';
import type { UnmatchedList } from '../unmatched-list.ts';
import type { Loaded } from './load-info.ts';

const AT_ONCE = 4;

export interface ArchiveReading {
  readonly tree: ArtifactTree;
  readonly depth: ReadingDepth;
  readonly signal: AbortSignal;
  readonly declaredServer: string | null;
  readonly stanza: string;
  readonly archiveInfo: Loaded<StanzaInfo>;
  /** Its history has the same numbers, should `archive.info` be lost. */
  readonly backupInfo: Loaded<StanzaInfo>;
  readonly unmatched: UnmatchedList;
}

export interface SegmentFile extends ArchivedSegment {
  readonly at: ArtifactFile;
}

/**
 * Reads one directory of the WAL archive, such as `15-1`: what it holds by names, and the size of a segment from the
 * header of one. Depth `full` compares every segment with the SHA-1 in its name; one that differs is missing.
 *
 * @returns null for a directory that is none of an archive
 * @throws SourceError when bytes cannot be read
 */
export async function readArchive(
  directory: string,
  files: readonly ArtifactFile[],
  reading: ArchiveReading,
): Promise<WalArchive | null> {
  const id = parseArchiveId(directory);
  const path = `archive/${reading.stanza}/${directory}`;
  if (id === null) {
    for (const file of files) reading.unmatched.add(file, 'no part of a pgBackRest archive', path);
    return null;
  }
  const named = segmentsOf(files, path, reading.unmatched);
  const header = await headerOf(named, reading);
  const segmentBytes = header?.segmentBytes ?? likelySegmentBytes(named);
  const usable = new Map<string, string>();
  const limit = createLimiter(AT_ONCE);
  const checks = named.map((file) =>
    limit(async () => {
      const because = isSegmentOfSize(file.segment, segmentBytes)
        ? await damageOf(file, reading)
        : 'its name is that of a segment of another size';
      if (because === null) usable.set(file.segment, file.at.modifiedAt);
      else reading.unmatched.add(file.at, `a WAL segment that cannot be restored: ${because}`, path);
    }),
  );
  const failure = (await Promise.allSettled(checks)).find((check) => check.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  const known =
    reading.archiveInfo.value?.history.get(id.historyId) ?? reading.backupInfo.value?.history.get(id.historyId);
  const systemIdentifier = known?.systemIdentifier ?? header?.systemIdentifier ?? null;
  const bySegment = new Map(named.map((file) => [file.segment, file]));
  const timelines = await withLastWritten(
    archivedTimelines(usable, segmentBytes),
    usable.keys(),
    segmentBytes,
    (segment) => timeOf(bySegment.get(segment), reading),
  );
  const history = await historyOf(files, timelines.at(-1)?.timeline ?? null, reading);
  return {
    path,
    method: 'pgbackrest',
    cluster: { systemIdentifier, endpoints: [], declaredServer: reading.declaredServer },
    segmentBytes,
    timelines,
    ...(history === null ? {} : { history }),
    window: null,
    ...(reading.depth === 'full'
      ? { readToEnd: named.every((file) => isOpened(file.compression, reading.archiveInfo)) }
      : {}),
  };
}

/** History files lie as they are, or encrypted; never compressed. */
async function historyOf(
  files: readonly ArtifactFile[],
  timeline: number | null,
  { tree, signal, archiveInfo }: ArchiveReading,
): Promise<readonly Ancestor[] | null> {
  const file = files.find(({ path }) => timelineOfHistory(path.slice(path.lastIndexOf('/') + 1)) === timeline);
  if (timeline === null || file === undefined || !isOpened('none', archiveInfo)) return null;
  const storage = { compression: 'none', passphrase: archiveInfo.value?.passphrase ?? null } as const;
  return withReader(tree, file.path, signal, (reader) => ancestorsIn(openStored(reader.stream(), storage), timeline));
}

async function timeOf(
  file: SegmentFile | undefined,
  { tree, signal, archiveInfo }: ArchiveReading,
): Promise<Instant | null> {
  if (file === undefined || !isOpened(file.compression, archiveInfo)) return null;
  const storage = { compression: file.compression, passphrase: archiveInfo.value?.passphrase ?? null };
  return withReader(tree, file.at.path, signal, (reader) => openedTime(openStored(reader.stream(), storage)));
}

/** Files of complete segments, one for each name: pgBackRest gives out none of two that differ. */
function segmentsOf(files: readonly ArtifactFile[], path: string, unmatched: UnmatchedList): readonly SegmentFile[] {
  const bySegment = new Map<string, SegmentFile[]>();
  for (const at of files) {
    const name = at.path.slice(at.path.lastIndexOf('/') + 1);
    const segment = parseArchivedSegment(name);
    if (segment === null) {
      if (!isOtherArchivePart(name)) unmatched.add(at, 'no WAL segment by its name, or one still being written', path);
      continue;
    }
    bySegment.set(segment.segment, [...(bySegment.get(segment.segment) ?? []), { ...segment, at }]);
  }
  return [...bySegment.values()].flatMap((same) => {
    if (same.length === 1) return same;
    for (const { at } of same) {
      unmatched.add(at, 'a WAL segment that cannot be restored: there are two different files of it', path);
    }
    return [];
  });
}

/** The first page of the newest segment that can be opened; null where none can. */
async function headerOf(named: readonly SegmentFile[], { tree, signal, archiveInfo }: ArchiveReading) {
  const passphrase = archiveInfo.value?.passphrase ?? null;
  // Without archive.info nobody knows what opens an encrypted segment.
  if (archiveInfo.value === null && archiveInfo.encrypted) return null;
  const newest = named.reduce<SegmentFile | null>(
    (latest, file) => (canOpen(file.compression) && (latest === null || file.segment > latest.segment) ? file : latest),
    null,
  );
  if (newest === null) return null;
  return withReader(tree, newest.at.path, signal, async (reader) => {
    let head = Buffer.alloc(0);
    try {
      for await (const piece of openStored(reader.stream(), { compression: newest.compression, passphrase })) {
        head = Buffer.concat([head, piece]);
        if (head.length >= LONG_HEADER_BYTES) break;
      }
    } catch (error) {
      const isUnopened = error instanceof UnsupportedCompression;
      const isDamaged = error instanceof SourceError && error.reason === 'malformed';
      if (signal.aborted || !(isDamaged || isUnopened)) throw error;
    }
    return parseWalPage(head)?.long ?? null;
  });
}

/** Names reach further than those of the default size only where segments are smaller. */
function likelySegmentBytes(named: readonly SegmentFile[]): number {
  const highest = named.reduce((most, { segment }) => Math.max(most, Number.parseInt(segment.slice(16), 16)), 0);
  let bytes = DEFAULT_SEGMENT_BYTES;
  while (bytes > 2 ** 20 && highest >= 2 ** 32 / bytes) bytes /= 2;
  return bytes;
}

/** Whether segments can be compared with their checksums: without archive.info nobody knows what opens encrypted ones. */
export function isOpened(compression: Compression, archiveInfo: Loaded<StanzaInfo>): boolean {
  return canOpen(compression) && (archiveInfo.value !== null || !archiveInfo.encrypted);
}

/** What is wrong with a segment as far as the depth goes; null where nothing is, or nothing can be told. */
export async function damageOf(
  file: SegmentFile,
  { tree, depth, signal, archiveInfo }: Pick<ArchiveReading, 'tree' | 'depth' | 'signal' | 'archiveInfo'>,
): Promise<string | null> {
  if (file.at.bytes === 0) return 'it is empty';
  if (depth === 'structure' || !isOpened(file.compression, archiveInfo)) return null;
  return withReader(tree, file.at.path, signal, async (reader) => {
    const storage = {
      compression: file.compression,
      passphrase: archiveInfo.value?.passphrase ?? null,
      plainFile: true,
    };
    const finding = await compareContent(reader.stream(), { bytes: null, sha1: file.sha1, storedSha1: null }, storage);
    return finding.state === 'differs' ? finding.because : null;
  });
}
