import type { ByteReader } from '../../trees/artifact-tree.ts';
import { UnsupportedCompression } from '../compression/wrapping.ts';
import { wrappingOf } from '../compression/wrappings.ts';
import { decompressed } from '../decompressed.ts';
import { FormatDamage } from '../format-damage.ts';
import { type TarContent, type TarMember, walkTar } from '../tar-walk.ts';
import { createFileCopy, type FileCopyReading } from './file-copy.ts';
import { fileEntryName, MAX_FILE_ENTRY_BYTES, storageRootOf } from './file-entry.ts';
import type { TransitKeyVisitor } from './storage-summary.ts';
import { parseExtendedHeader } from './tar-entries.ts';

const SECOND_MILLIS = 1000;
/** `typeflag` of a member that holds the name of the next one, as GNU tar writes it, and of one with attributes (pax). */
const LONG_NAME = 'L';
const ATTRIBUTES = 'x';
const REGULAR: ReadonlySet<string> = new Set(['0', '\0']);
const MAX_NAME_BYTES = 64 * 1024;
/** How many names of an archive are kept. */
const MOST_NAMES = 10_000;

/** A storage in an archive. */
export interface ArchivedStorage {
  /** Its directory there, with the final slash; '' where it is the root of the archive. */
  readonly root: string;
  readonly reading: FileCopyReading;
}

/**
 * Reads a tar archive, compressed or not, of the directory in which Vault's `file` storage lies. None where it holds no
 * such storage, or cannot be opened. It is read twice, as nothing tells beforehand where in it a storage begins.
 *
 * @param onKey told of each entry of a transit key, and of the storage that it is in
 * @throws SourceError when bytes cannot be read
 */
export async function readFileArchive(
  reader: ByteReader,
  onKey: (root: string) => TransitKeyVisitor,
): Promise<readonly ArchivedStorage[]> {
  const wrapping = wrappingOf(await reader.read(0, 16));
  const walk = (visit: NamedVisitor) => walkNamed(decompressed(wrapping?.name ?? 'none', reader.stream()), visit);
  const roots = new Set<string>();
  await walk(async ({ name }) => {
    const root = storageRootOf(name);
    if (root !== null) roots.add(root);
  });
  if (roots.size === 0) return [];
  const copies = new Map([...roots].map((root) => [root, createFileCopy(onKey(root), true)]));
  const fault = await walk(async ({ name, size, modifiedSeconds }, content) => {
    const entry = fileEntryName(name, roots);
    const copy = entry === null ? undefined : copies.get(entry.root);
    if (entry === null || copy === undefined) return;
    const isRead = copy.isRead(entry.key) && size <= MAX_FILE_ENTRY_BYTES;
    const bytes = isRead ? await content.take(size) : null;
    copy.note(entry.key, { bytes: size, modifiedMillis: modifiedSeconds * SECOND_MILLIS }, bytes);
  });
  return [...copies].map(([root, copy]) => ({ root, reading: copy.reading(fault) }));
}

/**
 * Names of the files in a tar archive, compressed or not; none where it is no archive, or one that cannot be opened.
 * @throws SourceError when bytes cannot be read
 */
export async function archivedNames(reader: ByteReader): Promise<readonly string[]> {
  const wrapping = wrappingOf(await reader.read(0, 16));
  const names: string[] = [];
  await walkNamed(decompressed(wrapping?.name ?? 'none', reader.stream()), ({ name }) => {
    if (names.length < MOST_NAMES) names.push(name);
    return Promise.resolve();
  });
  return names;
}

/** Told of each regular file by its whole name, without a leading `./`. */
type NamedVisitor = (member: TarMember, content: TarContent) => Promise<void>;

/** What is wrong with the archive; null: nothing. One that is none, or compressed in a way that is not opened, has no members. */
async function walkNamed(chunks: AsyncIterable<Uint8Array> | null, visit: NamedVisitor): Promise<string | null> {
  let longName: string | null = null;
  if (chunks === null) return null;
  try {
    await walkTar({ chunks }, async (member, content) => {
      const isLong = member.type === LONG_NAME || member.type === ATTRIBUTES;
      if (isLong) {
        if (member.size > MAX_NAME_BYTES) throw new FormatDamage('its tar archive is damaged: a name is too long');
        const bytes = Buffer.from(await content.take(member.size));
        longName =
          member.type === LONG_NAME
            ? bytes.toString('utf8').replace(/\0.*$/s, '')
            : (parseExtendedHeader(bytes).get('path') ?? longName);
        return undefined;
      }
      const name = (longName ?? member.name).replace(/^(?:\.\/)+/, '');
      longName = null;
      if (REGULAR.has(member.type)) await visit({ ...member, name }, content);
      return undefined;
    });
    return null;
  } catch (error) {
    if (error instanceof FormatDamage || error instanceof UnsupportedCompression) return error.message;
    throw error;
  }
}
