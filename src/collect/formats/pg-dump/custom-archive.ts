import type { ByteCursor } from '../byte-cursor.ts';
import { entryLabel } from './archive-facts.ts';
import { type ArchiveHeader, decodeInt, readInt } from './archive-header.ts';
import type { TableOfContents, TocEntry } from './archive-toc.ts';
import { blockContentEnd, type ContentEnd } from './content-end.ts';
import { DumpDamage } from './dump-reading.ts';
import { within } from './within.ts';
import { assertNoZeroBytes, textVisitor } from './zero-bytes.ts';

const TABLE_BLOCK = 1;
const LARGE_OBJECTS_BLOCK = 3;

/**
 * Walks the data blocks from the end of the table of contents to the end of the file (PostgreSQL source,
 * pg_backup_custom.c, `_StartData`, `_StartLOs`, `_CustomWriteFunc`) and checks that each entry with data has exactly
 * one, in its recorded place, properly closed, with nothing behind the last. Compressed blocks are decompressed (zlib)
 * or followed by their frames. @throws DumpDamage
 */
export async function walkBlocks(cursor: ByteCursor, header: ArchiveHeader, toc: TableOfContents): Promise<void> {
  const missing = new Map<number, TocEntry>();
  for (const entry of toc.entries) if (entry.mustHaveData) missing.set(entry.dumpId, entry);
  let previous = 'its table of contents';
  while (!(await cursor.atEnd())) {
    const at = cursor.position();
    const entry = await within(`right after ${previous}`, () => readBlockStart(cursor, header, missing, previous));
    if (entry.position !== null && entry.position !== at) {
      throw new DumpDamage(`the data of ${entryLabel(entry)} do not lie where its table of contents says`);
    }
    missing.delete(entry.dumpId);
    previous = `the data of ${entryLabel(entry)}`;
    await within(`inside ${previous}`, () => walkBlock(cursor, header, entry));
  }
  const [first] = missing.values();
  if (first !== undefined) {
    const more = missing.size === 1 ? '' : ` and of ${missing.size - 1} more`;
    throw new DumpDamage(`the file ends right after ${previous}: the data of ${entryLabel(first)}${more} are missing`);
  }
}

/** Reads type and id of a block and finds the entry it belongs to. @throws DumpDamage, InputEnds */
async function readBlockStart(
  cursor: ByteCursor,
  header: ArchiveHeader,
  expected: ReadonlyMap<number, TocEntry>,
  previous: string,
): Promise<TocEntry> {
  const start = cursor.tryTake(header.intSize + 2) ?? (await cursor.take(header.intSize + 2));
  const [type = 0, ...id] = start;
  const entry = type === TABLE_BLOCK || type === LARGE_OBJECTS_BLOCK ? expected.get(idOf(id)) : undefined;
  if (entry === undefined || (type === LARGE_OBJECTS_BLOCK) !== (entry.description === 'BLOBS')) {
    throw new DumpDamage(`bytes that belong to no entry follow ${previous}`);
  }
  return entry;
}

function idOf(bytes: readonly number[]): number {
  try {
    return decodeInt(Uint8Array.from(bytes));
  } catch (error) {
    if (error instanceof DumpDamage) return -1;
    throw error;
  }
}

/** The chunks of one block. `look` false leaves their content unread. @throws DumpDamage, InputEnds */
export async function walkBlock(
  cursor: ByteCursor,
  header: ArchiveHeader,
  entry: TocEntry,
  look = true,
): Promise<void> {
  if (entry.description !== 'BLOBS') return walkChunks(cursor, header, entry, look);
  while ((await readInt(cursor, header.intSize)) !== 0) await walkChunks(cursor, header, entry, look);
}

async function walkChunks(cursor: ByteCursor, header: ArchiveHeader, entry: TocEntry, look: boolean): Promise<void> {
  const plain = !look || header.compression === 'none' || header.compression === 'unknown';
  const content = plain ? null : blockContentEnd(header.compression);
  const isText = look && header.compression === 'none' && entry.description === 'TABLE DATA';
  try {
    const bytes = await settled(content, () => readChunks(cursor, header.intSize, content, isText));
    // An empty large object may be stored as no bytes at all rather than as an empty compressed stream.
    if (bytes > 0) await content?.finish();
  } catch (error) {
    if (!(error instanceof DumpDamage)) throw error;
    throw new DumpDamage(`in the data of ${entryLabel(entry)}: ${error.message}`, { cause: error });
  } finally {
    content?.discard();
  }
}

/** Where a step fails, damage of what was read before it comes first. @throws DumpDamage, InputEnds */
async function settled<T>(content: ContentEnd | null, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    await content?.settle();
    throw error;
  }
}

/** Returns the bytes between the chunk lengths. */
async function readChunks(
  cursor: ByteCursor,
  intSize: number,
  content: ContentEnd | null,
  isText: boolean,
): Promise<number> {
  for (let bytes = 0; ; ) {
    const length = decodeInt(cursor.tryTake(intSize + 1) ?? (await cursor.take(intSize + 1)));
    if (length < 0) throw new DumpDamage('a chunk has a negative length');
    if (length === 0) return bytes;
    bytes += length;
    if (content === null) {
      // Uncompressed archives have one chunk a row: no promise where the row is at hand.
      const at = cursor.position();
      const row = cursor.tryTake(length);
      if (row !== null) {
        if (isText) assertNoZeroBytes(row, at);
      } else if (isText) await cursor.visit(length, textVisitor(at));
      else await cursor.skip(length);
    } else {
      const piece = cursor.tryTake(length);
      const pending = piece === null ? cursor.visit(length, content.write) : content.write(piece);
      if (pending !== undefined) await pending;
    }
  }
}
