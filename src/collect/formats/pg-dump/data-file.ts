import type { ByteReader } from '../../trees/artifact-tree.ts';
import { gzip } from '../compression/gzip.ts';
import { lz4 } from '../compression/lz4.ts';
import type { Wrapping } from '../compression/wrapping.ts';
import { zstd } from '../compression/zstd.ts';
import { firstRowVisitor } from './copied-columns.ts';
import { DumpDamage } from './dump-reading.ts';
import { unwrap } from './unwrap.ts';
import { textVisitor } from './zero-bytes.ts';

const COPY_END = '\\.\n\n\n';
/** How a directory archive marks the compression of a file by its name (PostgreSQL source, pg_backup_directory.c). */
export const FILE_SUFFIXES = ['', '.gz', '.lz4', '.zst'] as const;
export type FileSuffix = (typeof FILE_SUFFIXES)[number];
const WRAPPING_BY_SUFFIX: Readonly<Record<FileSuffix, Wrapping | null>> = {
  '': null,
  '.gz': gzip,
  '.lz4': lz4,
  '.zst': zstd,
};

/** The last bytes of what passes, as Latin-1 text. */
export function createTail(length: number): { write(piece: Uint8Array): void; text(): string } {
  let kept: Buffer = Buffer.alloc(0);
  return {
    write: (piece) => {
      kept = Buffer.concat([kept, piece.subarray(Math.max(0, piece.length - length))]).subarray(-length);
    },
    text: () => kept.toString('latin1'),
  };
}

/** How many bytes {@link assertCopyEnd} needs. */
export const COPY_END_LENGTH = COPY_END.length + 1;

/**
 * Uncompressed COPY data end in backslash, period, newline and two more newlines (PostgreSQL source, pg_dump.c,
 * `dumpTableData_copy`). Rows cannot hold that: COPY doubles every backslash in them. @throws DumpDamage
 */
export function assertCopyEnd(tail: string): void {
  const own = tail.endsWith(COPY_END) && (tail.length === COPY_END.length || tail.at(-COPY_END_LENGTH) === '\n');
  if (!own) throw new DumpDamage('the end mark of its rows is missing');
}

/** The content of a data file. While iterating throws DumpDamage, UnsupportedCompression, and SourceError when the signal fires. */
export function openDataFile(reader: ByteReader, suffix: FileSuffix, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const wrapping = WRAPPING_BY_SUFFIX[suffix];
  return wrapping === null ? reader.stream() : unwrap(wrapping, reader.stream(), signal);
}

/** What the table of contents tells of the rows in a data file. */
export interface CopiedRows {
  /** False of what are no COPY rows. */
  readonly copied: boolean;
  /** Values that each row has; null where that is not told. */
  readonly columns: number | null;
}

/**
 * Reads a data file to its end. Returns whether its format has an end that could be checked: uncompressed data that
 * are no COPY rows have none. @throws DumpDamage, UnsupportedCompression, SourceError when the signal fires
 */
export async function readDataFile(
  reader: ByteReader,
  suffix: FileSuffix,
  { copied, columns }: CopiedRows,
  signal: AbortSignal,
): Promise<boolean> {
  const tail = createTail(COPY_END_LENGTH);
  const text = copied ? textVisitor(0) : null;
  const firstRow = columns === null ? null : firstRowVisitor(columns);
  for await (const piece of openDataFile(reader, suffix, signal)) {
    await text?.(piece);
    firstRow?.(piece);
    tail.write(piece);
  }
  if (copied) assertCopyEnd(tail.text());
  return WRAPPING_BY_SUFFIX[suffix] !== null || copied;
}

/** As {@link readDataFile}, by the last bytes alone: whether they prove the end. @throws DumpDamage */
export async function glanceAtDataFile(
  reader: ByteReader,
  suffix: FileSuffix,
  { copied }: Pick<CopiedRows, 'copied'>,
): Promise<boolean> {
  if (suffix !== '' || !copied) return false;
  const length = Math.min(COPY_END_LENGTH, reader.bytes);
  assertCopyEnd(Buffer.from(await reader.read(reader.bytes - length, length)).toString('latin1'));
  return true;
}
