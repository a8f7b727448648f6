import { LONG_HEADER_BYTES, parseWalPage } from '../../../formats/base-backup/wal-page.ts';
import { UnsupportedCompression } from '../../../formats/compression/wrapping.ts';
import { compressionOf, decompressed, walkZstdFrames } from '../../../formats/decompressed.ts';
import { type TarContent, type TarMember, walkTar } from '../../../formats/tar-walk.ts';
import type { ArtifactFile } from '../../../trees/artifact-tree.ts';
import { type BackupAccess, type BackupReading, type Findings, withFile } from './backup-reading.ts';
import { noteSmallFile, SMALL_FILES } from './small-files.ts';

/** One archive of a backup and where its members belong in the data directory. */
export interface TarPart {
  readonly file: ArtifactFile;
  /** E.g. `pg_wal/`; empty for the data directory itself. */
  readonly prefix: string;
}

export type MemberVisitor = (member: TarMember, content: TarContent) => Promise<'stop' | undefined>;

/**
 * Walks an archive to its end: from place to place where it is not compressed and contents are passed over.
 * False where it cannot be decompressed here, or is not to be.
 *
 * @throws FormatDamage when the archive or its compression is damaged or cut off
 */
export async function walkArchive(
  access: BackupAccess,
  { path }: ArtifactFile,
  visit: MemberVisitor,
  inOrder: boolean,
): Promise<boolean> {
  const compression = compressionOf(path);
  return withFile(access, path, async (reader) => {
    if (compression === 'none' && !inOrder) {
      await walkTar({ reader }, visit);
      return true;
    }
    const chunks = decompressed(compression, reader.stream());
    if (chunks !== null) return walkOpened(chunks, visit);
    await walkZstdFrames(reader.stream());
    return false;
  });
}

/** False where the data turn out to be compressed in a way that is not opened; some members may have been visited. */
async function walkOpened(chunks: AsyncIterable<Uint8Array>, visit: MemberVisitor): Promise<boolean> {
  try {
    await walkTar({ chunks }, visit);
    return true;
  } catch (error) {
    if (error instanceof UnsupportedCompression) return false;
    throw error;
  }
}

/** Said of an archive whose members nobody could list. */
export const UNOPENED = 'an archive of it is compressed in a way that is not opened here';

const MOST_HEAD_MEMBERS = 64;
const MOST_HEAD_BYTES = 4 * 1024 * 1024;

/**
 * What the first members of a compressed archive tell: pg_basebackup writes backup_label first and PG_VERSION soon
 * after it, and of WAL the first page of the first segment.
 *
 * @throws FormatDamage when the archive is damaged or cut off there already
 */
export async function readHead(
  access: BackupAccess,
  { file, prefix }: TarPart,
  reading: BackupReading,
  findings: Findings,
): Promise<{ readonly firstMember: string | null }> {
  let firstMember: string | null = null;
  let [members, bytes] = [0, 0];
  const visit: MemberVisitor = async (member, content) => {
    const path = prefix + member.name;
    firstMember ??= path;
    members += 1;
    bytes += member.size;
    const most = SMALL_FILES.get(path);
    if (most !== undefined) {
      noteSmallFile(path, await content.take(Math.min(most, member.size)), reading, findings);
    }
    if (/^pg_wal\/[0-9A-F]{24}$/.test(path) && reading.walSystemIdentifier === null) {
      const page = parseWalPage(await content.take(Math.min(LONG_HEADER_BYTES, member.size)));
      reading.walSystemIdentifier = page?.long?.systemIdentifier ?? null;
      return 'stop';
    }
    const enough = reading.label !== null && reading.version !== null;
    return enough || members >= MOST_HEAD_MEMBERS || bytes >= MOST_HEAD_BYTES ? 'stop' : undefined;
  };
  await withFile(access, file.path, async (reader) => {
    const chunks = decompressed(compressionOf(file.path), reader.stream());
    if (chunks === null || !(await walkOpened(chunks, visit))) findings.doubts.push(UNOPENED);
  });
  return { firstMember };
}
