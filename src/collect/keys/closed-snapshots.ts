import type { BlindSpot } from '../../model/evidence.ts';
import { HEAD_LENGTH, recognise } from '../formats/pg-dump/artifact-magic.ts';
import { archivedNames } from '../formats/vault-snapshot/file-archive.ts';
import type { ArtifactFile, ByteReader } from '../trees/artifact-tree.ts';

/** A file that may hold a snapshot, and is not opened. */
export interface ClosedFile {
  readonly path: string;
  /** What it is, such as `a file encrypted with age`. */
  readonly what: string;
}

/** As `vault operator raft snapshot save` is given names, with whatever a later step added. */
const SNAPSHOT_NAME = /\.snap(?:shot)?(?:\.[^/]*)?$/i;
/** Smaller files are signatures, checksums and encrypted shares: the smallest snapshot of Vault takes several times as much. */
const LEAST_BYTES = 4096;
const CONTROL_CHARACTERS = /[^\P{Cc}\t\n\r\f]/u;

/**
 * What a file is that may be a snapshot inside something that is not opened: encrypted, compressed once more, packed, or
 * in a form of its own under the name of a snapshot. Null where it is plainly something else.
 *
 * @param reader of a file that is no snapshot as it lies there
 * @throws SourceError when bytes cannot be read
 */
export async function closedSnapshot({ path, bytes }: ArtifactFile, reader: ByteReader): Promise<ClosedFile | null> {
  if (bytes < LEAST_BYTES) return null;
  const head = await reader.read(0, HEAD_LENGTH);
  const found = recognise(head);
  if (found.as === 'other' && found.kind === 'encrypted') return { path, what: found.what };
  const inside = (await archivedNames(reader)).find((name) => SNAPSHOT_NAME.test(name));
  if (inside !== undefined) return { path, what: `an archive that holds ${inside}` };
  if (!SNAPSHOT_NAME.test(path)) return null;
  if (found.as === 'wrapped') {
    const { article, name } = found.wrapping;
    return { path, what: `${article} ${name} file that is no snapshot as Vault writes it` };
  }
  if (found.as !== 'other') return null;
  if (found.kind === 'compressed') return { path, what: found.what };
  return CONTROL_CHARACTERS.test(Buffer.from(head).toString('latin1'))
    ? { path, what: 'a file in a form that is not known, under the name of a snapshot' }
    : null;
}

/**
 * That what is in these files is not known; null where there is none of which nothing else tells. One beside the
 * snapshot that it was made from, `vault.snap.gpg` beside `vault.snap`, tells nothing more.
 *
 * @param opened paths of the snapshots in the location
 */
export function closedBlindSpot(
  location: string,
  files: readonly ClosedFile[],
  opened: readonly string[],
): BlindSpot | null {
  const [first, ...more] = files.filter(({ path }) => !opened.some((one) => path.startsWith(`${one}.`)));
  if (first === undefined) return null;
  const others = more.length === 0 ? '' : `, and ${more.length} more such files`;
  return {
    reason: 'unsupported',
    detail: `${first.path} in location ${location} is ${first.what}${others}: whether it is a snapshot of Vault, and of what moment, is not known`,
    remedy:
      'Vault encrypts what is in its snapshots itself. Keep the newest as Vault writes it, in a location that the audit can read. Move what is no snapshot to another directory.',
  };
}
