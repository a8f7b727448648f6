import { counted } from '../../../../model/text.ts';
import { createLimiter } from '../../../concurrency.ts';
import type { BackupManifest, FileStorage, ManifestFile } from '../../../formats/pgbackrest/backup-manifest.ts';
import { compareContent } from '../../../formats/pgbackrest/stored-content.ts';
import type { ArtifactFile, ArtifactTree, ByteReader } from '../../../trees/artifact-tree.ts';
import { withReader } from '../repository-reading.ts';

const AT_ONCE = 4;
const WINDOW = 256 * 1024;

/** What a look at the files of one backup found. */
export interface FileTally {
  /** Files that this backup stores itself. */
  held: number;
  damaged: number;
  /** The first of them, for the report. */
  firstDamage: string | null;
  /** Files whose bytes could be compared with nothing. */
  unopened: number;
  whyUnopened: string | null;
  /** Files in which pgBackRest found pages with wrong checksums. */
  pageErrors: number;
}

export function emptyTally(): FileTally {
  return { held: 0, damaged: 0, firstDamage: null, unopened: 0, whyUnopened: null, pageErrors: 0 };
}

/** Where the files of one backup lie, by their path inside its directory. */
export type StoredFiles = ReadonlyMap<string, ArtifactFile>;

/**
 * Looks for one file of the manifest among those that are listed: it must be there, with the size that the manifest
 * states; in a bundle it must end before the bundle does. Counts what is wrong.
 *
 * @returns the file that holds it; null where there is none, or something is wrong with it
 */
export function checkListed(
  file: ManifestFile,
  storage: FileStorage,
  stored: StoredFiles,
  tally: FileTally,
): ArtifactFile | null {
  if (file.pageErrors) tally.pageErrors += 1;
  if (file.reference !== null) return null;
  // Where files are bundled, empty ones are not stored at all.
  if (file.bytes === 0 && file.bundle === null && storage.bundled) return null;
  tally.held += 1;
  const found = stored.get(pathOf(file, storage));
  if (found === undefined) {
    damaged(tally, file, 'is missing');
    return null;
  }
  const tooShort = file.bundle !== null && found.bytes < file.bundle.offset + file.storedBytes;
  if (tooShort || (file.bundle === null && found.bytes !== file.storedBytes)) {
    const place = file.bundle === null ? '' : `, in bundle ${file.bundle.number}`;
    damaged(tally, file, `has another size than the manifest says${place}`);
    return null;
  }
  return found;
}

/** One file that is there, to be read in full. */
export interface HeldFile {
  readonly file: ManifestFile;
  readonly at: ArtifactFile;
}

/**
 * Reads every byte of the files and compares it with the checksums of the manifest.
 *
 * @throws SourceError when one cannot be read
 */
export async function checkContents(
  tree: ArtifactTree,
  held: readonly HeldFile[],
  manifest: Pick<BackupManifest, 'compression' | 'passphrase'>,
  tally: FileTally,
  signal: AbortSignal,
): Promise<void> {
  const limit = createLimiter(AT_ONCE);
  const byStored = Map.groupBy(held, ({ at }) => at.path);
  let failed = false;
  const readings = [...byStored].map(([path, files]) =>
    limit(async () => {
      if (failed) return;
      try {
        await withReader(tree, path, signal, async (reader) => {
          for (const { file } of files) await checkContent(reader, file, manifest, tally);
        });
      } catch (error) {
        failed = true;
        throw error;
      }
    }),
  );
  const failure = (await Promise.allSettled(readings)).find((reading) => reading.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

async function checkContent(
  reader: ByteReader,
  file: ManifestFile,
  { compression, passphrase }: Pick<BackupManifest, 'compression' | 'passphrase'>,
  tally: FileTally,
): Promise<void> {
  const expected = { bytes: file.bytes, sha1: file.sha1, storedSha1: file.storedSha1 };
  const bytes = file.bundle === null ? reader.stream() : section(reader, file.bundle.offset, file.storedBytes);
  const how = { compression, passphrase, plainFile: !file.blockIncremental };
  const finding = await compareContent(bytes, expected, how);
  if (finding.state === 'differs') damaged(tally, file, `is damaged: ${finding.because}`);
  if (finding.state !== 'unopened') return;
  tally.unopened += 1;
  tally.whyUnopened ??= finding.because;
}

async function* section(reader: ByteReader, from: number, length: number): AsyncGenerator<Uint8Array, void> {
  for (let at = from; at < from + length; ) {
    const bytes = await reader.read(at, Math.min(WINDOW, from + length - at));
    if (bytes.length === 0) return;
    at += bytes.length;
    yield bytes;
  }
}

/** Inside the directory of the backup. Endings: pgBackRest user guide, option `compress-type`; `.pgbi` holds blocks. */
function pathOf(file: ManifestFile, { compression }: FileStorage): string {
  if (file.bundle !== null) return `bundle/${file.bundle.number}`;
  if (file.blockIncremental) return `${file.name}.pgbi`;
  return compression === 'none' ? file.name : `${file.name}.${compression}`;
}

function damaged(tally: FileTally, { name }: ManifestFile, how: string): void {
  tally.damaged += 1;
  tally.firstDamage ??= `${JSON.stringify(name.slice(0, 120))} ${how}`;
}

/** The damage in words; null where there is none. */
export function damageInWords({ damaged, held, firstDamage }: FileTally): string | null {
  if (firstDamage === null) return null;
  return `${damaged} of the ${counted(held, 'file')} that the manifest names ${damaged === 1 ? 'is' : 'are'} missing or damaged: ${firstDamage}`;
}
