import { parseArchivedSegment, parseArchiveId } from '../../../formats/pgbackrest/archived-segment.ts';
import type { StanzaInfo } from '../../../formats/pgbackrest/backup-info.ts';
import { timelineOf } from '../../../formats/wal-segments.ts';
import { type ArtifactFile, filesBelow } from '../../../trees/artifact-tree.ts';
import { listedFiles } from '../../verification/copy-identity.ts';
import type { ArchiveReading, FullReading, PhysicalCopy } from '../physical-copy.ts';
import { unmatchedList } from '../unmatched-list.ts';
import type { StoredFiles } from './check-files.ts';
import type { CopyReading } from './copy-reading.ts';
import type { Loaded } from './load-info.ts';
import {
  damageOf,
  isOpened,
  type ArchiveReading as ReadingOfArchive,
  readArchive,
  type SegmentFile,
} from './read-archive.ts';
import { readCopy } from './read-copy.ts';
import { bytesOf, type StanzaLayout } from './repository-layout.ts';

/**
 * How one backup is read in full later: its own files, and the WAL between its start and its end, without which it never
 * becomes consistent. What it takes from earlier backups is read with those.
 */
export function copyFullReading(
  label: string,
  stored: StoredFiles,
  structure: PhysicalCopy,
  reading: CopyReading,
  { archives }: Pick<StanzaLayout, 'archives'>,
  archiveInfo: Loaded<StanzaInfo>,
): FullReading {
  const { tree, stanza, signal } = reading;
  const historyId = reading.info.value?.backups.get(label)?.['db-id'] ?? null;
  const wal = ownWal(structure, historyId, archives);
  const at = wal.map((segment) => segment.at);
  const directory = `backup/${stanza}/${label}`;
  return {
    identity: listedFiles([...stored.values(), ...at]).identity(structure),
    bytes: structure.bytes + bytesOf(at),
    async read() {
      const files = await filesBelow(tree, directory, signal);
      const now = new Map(files.map((file) => [file.path.slice(directory.length + 1), file]));
      const { copy, error } = await readCopy(label, now, { ...reading, depth: 'full' });
      // Damage is told of the copy itself.
      if (error !== null && error.reason !== 'malformed') throw error;
      const identity = listedFiles([...files, ...(await listedAgain(at, reading))]).identity(structure);
      if (copy.integrity !== 'complete') return { copy, walDamage: null, identity };
      const walDamage = await damageOfWal(wal, reading, archiveInfo);
      // What could not be compared vouches for nothing.
      const isRead = wal.every(({ compression }) => isOpened(compression, archiveInfo));
      return { copy: isRead ? copy : { ...copy, readToEnd: false }, walDamage, identity };
    },
  };
}

/** Files of the segments from the start to the end of a backup, in the archive of its cluster. */
function ownWal(
  { wal }: PhysicalCopy,
  historyId: number | null,
  archives: StanzaLayout['archives'],
): readonly SegmentFile[] {
  const { firstSegment = null, lastSegment = null, inside = true } = wal ?? {};
  if (inside || firstSegment === null || lastSegment === null) return [];
  const timeline = timelineOf(firstSegment);
  return [...archives].flatMap(([directory, files]) => {
    // Another cluster that the stanza was made for may have segments of the same names.
    if (historyId === null || parseArchiveId(directory)?.historyId !== historyId) return [];
    return files.flatMap((at) => {
      const segment = parseArchivedSegment(at.path.slice(at.path.lastIndexOf('/') + 1));
      if (segment === null || timelineOf(segment.segment) !== timeline) return [];
      return segment.segment >= firstSegment && segment.segment <= lastSegment ? [{ ...segment, at }] : [];
    });
  });
}

/** The same files as they are listed by now, without those that are gone. */
async function listedAgain(
  files: readonly ArtifactFile[],
  { tree, signal }: Pick<CopyReading, 'tree' | 'signal'>,
): Promise<readonly ArtifactFile[]> {
  const paths = new Set(files.map(({ path }) => path));
  const directories = new Set([...paths].map((path) => path.slice(0, path.lastIndexOf('/'))));
  const found: ArtifactFile[] = [];
  for (const directory of directories) found.push(...(await filesBelow(tree, directory, signal)));
  return found.filter(({ path }) => paths.has(path));
}

async function damageOfWal(
  wal: readonly SegmentFile[],
  { tree, signal }: Pick<CopyReading, 'tree' | 'signal'>,
  archiveInfo: Loaded<StanzaInfo>,
): Promise<string | null> {
  for (const segment of wal) {
    const damage = await damageOf(segment, { tree, signal, archiveInfo, depth: 'full' });
    if (damage !== null) return `the WAL segment ${segment.segment} that it needs cannot be restored: ${damage}`;
  }
  return null;
}

/** How one archive of WAL, such as `15-1`, is read in full later. */
export function archiveFullReading(
  directory: string,
  files: readonly ArtifactFile[],
  reading: ReadingOfArchive,
): ArchiveReading {
  const { tree, signal, stanza } = reading;
  return {
    bytes: bytesOf(files),
    async read() {
      const unmatched = unmatchedList();
      const now = await filesBelow(tree, `archive/${stanza}/${directory}`, signal);
      const archive = await readArchive(directory, now, { ...reading, depth: 'full', unmatched });
      return { archives: archive === null ? [] : [archive], unmatched: unmatched.facts() };
    },
  };
}
