import type { ByteCursor } from '../byte-cursor.ts';
import { lz4 } from '../compression/lz4.ts';
import { zstd } from '../compression/zstd.ts';
import { createInflater } from '../inflater.ts';
import { type ArchiveHeader, assertDirectoryOrTar, decodeInt, readArchiveHeader } from './archive-header.ts';
import { readTableOfContents, type TableOfContents, type TocEntry } from './archive-toc.ts';
import { createCopiedRows } from './copy-rows.ts';
import { walkBlock } from './custom-archive.ts';
import { DumpDamage } from './dump-reading.ts';
import { parseCopyColumns } from './sql-names.ts';
import {
  type CopiedRow,
  INHERITED,
  INSERTS,
  isAsked,
  SEVERAL_SCHEMAS,
  type TableQuestion,
  TableUnread,
} from './table-question.ts';
import { readTarHeader } from './tar-member.ts';
import { unwrap } from './unwrap.ts';
import { within } from './within.ts';

const TABLE_BLOCK = 1;
const PIECE = 64 * 1024;

/** The part of an archive that holds the rows asked for. */
interface RowsEntry {
  readonly entry: TocEntry;
  /** Columns of the rows, in their order. */
  readonly columns: readonly string[];
}

/** Header and table of contents, with what they tell of the table. @throws DumpDamage, TableUnread */
export async function readTocFor(
  cursor: ByteCursor,
  question: TableQuestion,
): Promise<RowsEntry & { readonly header: ArchiveHeader; readonly toc: TableOfContents }> {
  const header = await readArchiveHeader(cursor);
  const toc = await readTableOfContents(cursor, header, question.table);
  if (toc === null) throw new TableUnread(`its archive version 1.${header.minor} is not one that this reader knows`);
  return { header, toc, ...rowsEntry(toc, question) };
}

function rowsEntry(toc: TableOfContents, question: TableQuestion): RowsEntry {
  const own = toc.entries.filter(({ schema, tag }) => isAsked(question, schema, tag));
  const [entry, another] = own.filter((one) => one.description === 'TABLE DATA' && one.mustHaveData);
  if (entry === undefined) throw new TableUnread('it holds no rows of it');
  if (another !== undefined) throw new TableUnread(SEVERAL_SCHEMAS);
  // An archive does not tell whether it was made with --enable-row-security, which leaves rows out.
  const mayLackRows = own.some(({ description, schema }) => description === 'ROW SECURITY' && schema === entry.schema);
  if (mayLackRows) throw new TableUnread('it has row security, so that rows of it may have been left out');
  const isParent = toc.entries.some(({ parents = [] }) =>
    parents.some(({ schema, name }) => name === entry.tag && (schema === '' || schema === entry.schema)),
  );
  if (isParent) throw new TableUnread(INHERITED);
  if (!entry.copied) throw new TableUnread(INSERTS);
  const columns = parseCopyColumns(entry.copyStatement ?? '');
  if (columns === null) throw new TableUnread('its COPY statement names no columns');
  return { entry, columns };
}

/** Reads COPY rows from the data of one entry. @throws DumpDamage, TableUnread */
export async function copiedRowsIn(
  data: AsyncIterable<Uint8Array>,
  { columns }: RowsEntry,
  question: TableQuestion,
): Promise<readonly CopiedRow[]> {
  const rows = createCopiedRows(columns, question.columns);
  for await (const piece of data) rows.write(piece);
  return rows.take();
}

/**
 * The rows in a custom archive: of one block, which is sought where its position is recorded, else met by following the
 * chunks of those before it. @throws DumpDamage, TableUnread
 */
export async function rowsInCustom(
  cursor: ByteCursor,
  question: TableQuestion,
  signal: AbortSignal,
): Promise<readonly CopiedRow[]> {
  const { header, toc, ...found } = await readTocFor(cursor, question);
  if (header.format !== 'custom') throw new TableUnread('it is the toc.dat of a directory dump');
  await within('before the data of the table', () => toBlock(cursor, header, toc, found.entry));
  const content = decompressed(chunksOf(cursor, header.intSize), header, signal);
  return within('inside the data of the table', () => copiedRowsIn(content, found, question));
}

/** Moves to the first chunk of an entry's block. @throws DumpDamage, InputEnds */
async function toBlock(
  cursor: ByteCursor,
  header: ArchiveHeader,
  toc: TableOfContents,
  entry: TocEntry,
): Promise<void> {
  if (entry.position !== null) {
    const gap = entry.position - cursor.position();
    if (gap < 0) throw misplaced();
    await cursor.skip(gap);
    const [type, ...id] = await cursor.take(header.intSize + 2);
    if (type !== TABLE_BLOCK || decodeInt(Uint8Array.from(id)) !== entry.dumpId) throw misplaced();
    return;
  }
  const others = new Map(toc.entries.filter((one) => one.mustHaveData).map((one) => [one.dumpId, one]));
  for (;;) {
    const [type, ...id] = await cursor.take(header.intSize + 2);
    const dumpId = decodeInt(Uint8Array.from(id));
    if (type === TABLE_BLOCK && dumpId === entry.dumpId) return;
    const other = others.get(dumpId);
    if (other === undefined) throw new DumpDamage('bytes that belong to no entry lie among its data');
    await walkBlock(cursor, header, other, false);
  }
}

function misplaced(): DumpDamage {
  return new DumpDamage('the data of the table do not lie where its table of contents says');
}

async function* chunksOf(cursor: ByteCursor, intSize: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    let left = decodeInt(await cursor.take(intSize + 1));
    if (left < 0) throw new DumpDamage('a chunk has a negative length');
    if (left === 0) return;
    for (; left > 0; left -= Math.min(left, PIECE)) yield await cursor.take(Math.min(left, PIECE));
  }
}

function decompressed(
  chunks: AsyncIterable<Uint8Array>,
  { compression }: ArchiveHeader,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'none':
      return chunks;
    case 'gzip':
      return unwrap({ open: inflated }, chunks, signal);
    case 'lz4':
      return unwrap(lz4, chunks, signal);
    case 'zstd':
      return unwrap(zstd, chunks, signal);
    case 'unknown':
      throw new TableUnread('its header states a compression that this reader does not know');
  }
}

/** One zlib stream. @throws DumpDamage where other bytes follow it */
async function* inflated(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const inflater = createInflater('zlib');
  try {
    for await (const piece of compressed) {
      const { output, used } = await inflater.write(piece);
      yield* output;
      if (used < piece.length) throw new DumpDamage('its compressed data go on after their end');
    }
    yield* await inflater.finish();
  } finally {
    inflater.discard();
  }
}

/** The rows in a tar archive: of the member that its table of contents names. @throws DumpDamage, TableUnread */
export async function rowsInTar(cursor: ByteCursor, question: TableQuestion): Promise<readonly CopiedRow[]> {
  const first = await within('inside its first member', () => readTarHeader(cursor));
  if (first?.name !== 'toc.dat') throw new DumpDamage('its first member is not toc.dat');
  const { header, ...found } = await readTocFor(cursor, question);
  assertDirectoryOrTar(header);
  if (header.compression !== 'none')
    throw new DumpDamage('its header states a compression, and a tar archive has none');
  if (cursor.position() !== first.end) throw new DumpDamage('its table of contents does not fill the member toc.dat');
  return within('before the end of the archive', async () => {
    await cursor.skip(first.padding);
    for (;;) {
      const member = await readTarHeader(cursor);
      if (member === null) throw new DumpDamage('the member with the data of the table is missing');
      if (member.name === found.entry.fileName) {
        return copiedRowsIn(piecesOf(cursor, member.size), found, question);
      }
      await cursor.skip(member.size);
      await cursor.skip(member.padding);
    }
  });
}

async function* piecesOf(cursor: ByteCursor, bytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = bytes; left > 0; left -= Math.min(left, PIECE)) yield await cursor.take(Math.min(left, PIECE));
}
