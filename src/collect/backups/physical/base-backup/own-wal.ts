import { lsnPosition } from '../../../../model/lsn.ts';
import { LONG_HEADER_BYTES, parseWalPage } from '../../../formats/base-backup/wal-page.ts';
import { UnsupportedCompression } from '../../../formats/compression/wrapping.ts';
import { wrappingOf } from '../../../formats/compression/wrappings.ts';
import { compressionOf, decompressed } from '../../../formats/decompressed.ts';
import { FormatDamage } from '../../../formats/format-damage.ts';
import type { Ancestor } from '../../../formats/timeline-history.ts';
import { segmentNumber } from '../../../formats/wal-segments.ts';
import type { ArtifactFile } from '../../../trees/artifact-tree.ts';
import { neededSegments } from '../archived-segments.ts';
import { ancestorsIn } from '../followed-timelines.ts';
import { holds, sameCluster } from '../held-wal.ts';
import type { PhysicalCopy, WalArchive } from '../physical-copy.ts';
import { type BackupAccess, withFile } from './backup-reading.ts';
import { compressionIn } from './directory-segments.ts';
import type { Candidate } from './find-backups.ts';
import { directoryOf, nameOf } from './paths.ts';
import { walkArchive } from './tar-archives.ts';

/** What is compared before the end of a backup; the record that ends it, or others with their checksums, lie in it. */
const COMPARED = 64 * 1024;
/** Enough to know each compression by. */
const MAGIC_BYTES = 16;

const SEGMENT = /^([0-9A-F]{24})(?:\.(?:gz|zst|lz4|bz2|xz))?$/;

/** Segments outside of data directories, by directory and name without the ending of a compression. */
type Beside = ReadonlyMap<string, ArtifactFile>;

export function segmentsBeside(files: readonly ArtifactFile[]): Beside {
  const beside = new Map<string, ArtifactFile>();
  for (const file of files) {
    const segment = SEGMENT.exec(nameOf(file.path))?.[1];
    if (segment === undefined) continue;
    const place = placeOf(directoryOf(file.path), segment);
    // One that lies there both ways is taken as it is, as for the archive.
    if (nameOf(file.path) === segment || !beside.has(place)) beside.set(place, file);
  }
  return beside;
}

/**
 * Adds to a base backup what its own WAL tells of others: the history of its timeline, and the archives beside it in which
 * the segment that it ends in holds something else. The log of one server is the same wherever it lies, so one of the two
 * is of another server then, or damaged. Compared is what lies before the end of the backup, whatever the depth.
 *
 * @throws SourceError when a file cannot be read
 */
export async function withOwnWal(
  copy: PhysicalCopy,
  candidate: Candidate,
  archives: readonly WalArchive[],
  beside: Beside,
  access: BackupAccess,
): Promise<PhysicalCopy> {
  if (copy.wal?.inside !== true || copy.integrity === 'incomplete') return copy;
  const history = await ownHistory(copy, candidate, access);
  const otherWal: { readonly archive: string; readonly segment: string }[] = [];
  for (const archive of archives) {
    const range = sameCluster(archive, copy) ? sharedRange(copy.wal, archive) : null;
    const file = range === null ? undefined : beside.get(placeOf(archive.path, range.segment));
    if (range === null || file === undefined || file.archivedIn !== undefined) continue;
    const inside = await insideBytes(candidate, range.segment, range, access);
    const archived = inside === null ? null : await fileBytes(file, range, access);
    if (inside === null || archived === null || Buffer.compare(inside, archived) === 0) continue;
    otherWal.push({ archive: archive.path, segment: range.segment });
  }
  return { ...copy, ...(history === null ? {} : { history }), ...(otherWal.length === 0 ? {} : { otherWal }) };
}

function placeOf(directory: string, name: string): string {
  return `${directory === '.' ? '' : directory}/${name}`;
}

/** Bytes of a segment, from one to before another. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** What to compare of the last segment that backup and archive have in common; null where there is none. */
function sharedRange(
  { firstSegment, lastSegment, stopLsn }: NonNullable<PhysicalCopy['wal']>,
  archive: WalArchive,
): (Range & { readonly segment: string }) | null {
  const { segmentBytes } = archive;
  const segment = neededSegments(firstSegment, lastSegment, segmentBytes).findLast((name) =>
    holds(archive, name, name),
  );
  if (segment === undefined) return null;
  const end = lsnPosition(stopLsn ?? '') - segmentNumber(segment, segmentBytes) * segmentBytes;
  if (segment === lastSegment && end > 0 && end <= segmentBytes) {
    return { segment, from: Math.max(0, end - COMPARED), to: end };
  }
  // The end of one that was left by a switch is zeros in any case.
  return segment === lastSegment ? null : { segment, from: 0, to: segmentBytes };
}

async function ownHistory(
  { timeline }: PhysicalCopy,
  candidate: Candidate,
  access: BackupAccess,
): Promise<readonly Ancestor[] | null> {
  if (timeline === null || timeline < 2) return null;
  const name = `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
  const bytes = await insideBytes(candidate, name, { from: 0, to: COMPARED }, access);
  if (bytes === null) return null;
  return ancestorsIn(
    (async function* () {
      yield bytes;
    })(),
    timeline,
  );
}

/** Of a file in the backup's `pg_wal`; null where it is not there, or would have to be looked for in compressed data. */
async function insideBytes(
  candidate: Candidate,
  name: string,
  { from, to }: Range,
  access: BackupAccess,
): Promise<Uint8Array | null> {
  if (candidate.as === 'plain') {
    const file = candidate.files.get(`pg_wal/${name}`);
    if (file === undefined || file.archivedIn !== undefined) return null;
    return withFile(access, file.path, (reader) => reader.read(from, to - from));
  }
  const separate = candidate.as === 'tar' ? candidate.wal : null;
  const archive = separate ?? (candidate.as === 'tar' ? candidate.base : candidate.file);
  if (archive.archivedIn !== undefined || (separate === null && compressionOf(archive.path) !== 'none')) return null;
  const wanted = separate === null ? `pg_wal/${name}` : name;
  const found: { bytes: Uint8Array | null } = { bytes: null };
  await orClosed(() =>
    walkArchive(
      access,
      archive,
      async (member, content) => {
        if (member.name !== wanted) return undefined;
        found.bytes = (await content.take(Math.min(to, member.size))).subarray(from);
        return 'stop';
      },
      false,
    ),
  );
  return found.bytes;
}

/** Null where it is damaged, or compressed or encrypted so that it is not opened. */
async function fileBytes(file: ArtifactFile, { from, to }: Range, access: BackupAccess): Promise<Uint8Array | null> {
  return withFile(access, file.path, async (reader) => {
    const how = compressionIn(file) ?? wrappingOf(await reader.read(0, MAGIC_BYTES))?.name ?? 'none';
    if (how === 'none') {
      // What does not begin like a segment is encrypted, or damaged.
      const isSegment = parseWalPage(await reader.read(0, LONG_HEADER_BYTES)) !== null;
      return isSegment ? reader.read(from, to - from) : null;
    }
    const content = decompressed(how, reader.stream());
    if (content === null) return null;
    return orClosed(async () => {
      const pieces: Uint8Array[] = [];
      let bytes = 0;
      for await (const piece of content) {
        pieces.push(piece);
        bytes += piece.length;
        if (bytes >= to) break;
      }
      return Buffer.concat(pieces).subarray(from, to);
    });
  });
}

/** Damage is told where the copy itself, or the archive, is looked at. */
async function orClosed<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FormatDamage || error instanceof UnsupportedCompression) return null;
    throw error;
  }
}
