import { throwIfInterrupted } from '../../guard/interruption.ts';
import type { ArtifactFile, ByteReader } from '../../trees/artifact-tree.ts';
import { type ByteCursor, streamCursor } from '../byte-cursor.ts';
import { UnsupportedCompression } from '../compression/wrapping.ts';
import { assertDirectoryOrTar } from './archive-header.ts';
import { copiedRowsIn, readTocFor, rowsInCustom, rowsInTar } from './archived-table.ts';
import { type DumpKind, HEAD_LENGTH, recognise } from './artifact-magic.ts';
import { type ByteCount, countingReader } from './counting-reader.ts';
import { FILE_SUFFIXES, openDataFile } from './data-file.ts';
import { DumpDamage, ReadingLimit } from './dump-reading.ts';
import { peek } from './peeked-chunks.ts';
import { rowsInPlain } from './plain-table.ts';
import { seekingCursor, unlimitedBudget } from './seeking-cursor.ts';
import { type CopiedRow, type TableQuestion, type TableReading, TableUnread } from './table-question.ts';
import { unwrap } from './unwrap.ts';

/** What says why a table cannot be read. */
const TOLD = [TableUnread, DumpDamage, ReadingLimit, UnsupportedCompression] as const;
const CLUSTER = 'it is an output of pg_dumpall, of which no table is read';

/**
 * Reads the rows of one table out of a dump in one file: of a custom or tar archive that part alone where it can be
 * sought, of others everything before it. Nothing else of its content is kept. What cannot be read is said, not thrown.
 *
 * @throws SourceError when the storage fails or the signal fires
 */
export async function readTableInFile(
  reader: ByteReader,
  question: TableQuestion,
  signal: AbortSignal,
): Promise<TableReading> {
  const count: ByteCount = { bytes: 0 };
  const counted = countingReader(reader, count, signal);
  return told(count, () => inFile(counted, question, signal));
}

/**
 * As {@link readTableInFile}, out of a directory dump: its table of contents and one file. `files` are those below the
 * directory, by paths relative to it. @throws SourceError likewise
 */
export async function readTableInDirectory(
  files: readonly ArtifactFile[],
  open: (path: string) => Promise<ByteReader>,
  question: TableQuestion,
  signal: AbortSignal,
): Promise<TableReading> {
  throwIfInterrupted(signal, 'a dump');
  const count: ByteCount = { bytes: 0 };
  const use = async <T>(path: string, read: (reader: ByteReader) => Promise<T>): Promise<T> => {
    const reader = await open(path);
    try {
      return await read(countingReader(reader, count, signal));
    } finally {
      await reader.close();
    }
  };
  const names = new Set(files.map(({ path }) => path));
  return told(count, async () => {
    if (!names.has('toc.dat')) throw new TableUnread('it has no toc.dat');
    const found = await use('toc.dat', async (reader) => {
      const toc = await readTocFor(seekingCursor(reader, 0, unlimitedBudget()), question);
      assertDirectoryOrTar(toc.header);
      return toc;
    });
    const { fileName } = found.entry;
    const suffix = FILE_SUFFIXES.find((ending) => names.has(`${fileName}${ending}`));
    if (fileName === null || suffix === undefined)
      throw new DumpDamage('the file with the data of the table is missing');
    return use(`${fileName}${suffix}`, (reader) => copiedRowsIn(openDataFile(reader, suffix, signal), found, question));
  });
}

async function inFile(reader: ByteReader, question: TableQuestion, signal: AbortSignal): Promise<readonly CopiedRow[]> {
  const found = recognise(await reader.read(0, HEAD_LENGTH));
  if (found.as === 'other') throw new TableUnread(`it is ${found.what}`);
  if (found.as !== 'wrapped') {
    const seeking = () => seekingCursor(reader, 0, unlimitedBudget());
    return rowsIn(found.as, seeking, () => reader.stream(), question, signal);
  }
  const stored = reader.stream();
  const content = unwrap(found.wrapping, stored, signal);
  try {
    const inner = await peek(content, HEAD_LENGTH);
    if (inner.failure !== null) throw inner.failure;
    const what = recognise(inner.head);
    if (what.as === 'other' || what.as === 'wrapped') throw new TableUnread('inside its compression it is no dump');
    return await rowsIn(
      what.as,
      () => streamCursor(inner.chunks),
      () => inner.chunks,
      question,
      signal,
    );
  } finally {
    await content.return();
  }
}

function rowsIn(
  kind: DumpKind,
  cursor: () => ByteCursor,
  chunks: () => AsyncIterable<Uint8Array>,
  question: TableQuestion,
  signal: AbortSignal,
): Promise<readonly CopiedRow[]> {
  switch (kind) {
    case 'archive':
      return rowsInCustom(cursor(), question, signal);
    case 'tar':
      return rowsInTar(cursor(), question);
    case 'plain':
      return rowsInPlain(chunks(), question);
    case 'plain-cluster':
      throw new TableUnread(CLUSTER);
  }
}

async function told(count: ByteCount, read: () => Promise<readonly CopiedRow[]>): Promise<TableReading> {
  try {
    const rows = await read();
    return { rows, because: null, bytesRead: count.bytes };
  } catch (error) {
    const told = error instanceof Error && TOLD.some((kind) => error instanceof kind) ? error.message : null;
    if (told === null) throw error;
    return { rows: null, because: told, bytesRead: count.bytes };
  }
}
