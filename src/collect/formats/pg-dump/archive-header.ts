import type { ByteCursor } from '../byte-cursor.ts';
import { type DumpCompression, DumpDamage } from './dump-reading.ts';
import { textOf } from './known-texts.ts';
import { within } from './within.ts';

const LONGEST_NAME = 1024 * 1024;
const COMPRESSION_BY_ALGORITHM: readonly DumpCompression[] = ['none', 'gzip', 'lz4', 'zstd'];
const MAGIC = 'PGDMP';
const INT_MAX = 2 ** 31 - 1;
const utf8 = new TextDecoder('utf-8');

/** The head of a custom file and of `toc.dat` (PostgreSQL source, pg_backup_archiver.c, `WriteHead` and `ReadHead`). */
export interface ArchiveHeader {
  readonly minor: number;
  /** Bytes of an integer's magnitude. */
  readonly intSize: number;
  /** Bytes of a file offset. */
  readonly offsetSize: number;
  /** Directory and tar archives write the same format byte. */
  readonly format: 'custom' | 'directory-or-tar';
  readonly compression: DumpCompression;
  readonly startedLocal: string | null;
  readonly databaseName: string | null;
  readonly serverVersion: string | null;
  readonly toolVersion: string | null;
  readonly entryCount: number;
}

/** Reads up to and including the number of entries. @throws DumpDamage when it is cut off or no header. */
export function readArchiveHeader(cursor: ByteCursor): Promise<ArchiveHeader> {
  return within('inside its header', () => readHeader(cursor));
}

async function readHeader(cursor: ByteCursor): Promise<ArchiveHeader> {
  const fixed = await cursor.take(11);
  if (utf8.decode(fixed.subarray(0, 5)) !== MAGIC) throw damagedHeader('first bytes');
  const [major = 0, minor = 0, revision = 0, intSize = 0, offsetSize = 0, format = 0] = fixed.subarray(5);
  if (major !== 1) throw new DumpDamage(`its header states archive version ${major}.${minor}, which no pg_dump writes`);
  if (revision !== 0) throw damagedHeader('revision');
  if (intSize < 1 || intSize > 8 || offsetSize < 1 || offsetSize > 8) throw damagedHeader('integer sizes');
  if (format !== 1 && format !== 3) throw damagedHeader('format byte');
  const compression = await readCompression(cursor, minor, intSize);
  const clock: number[] = [];
  for (let field = 0; field < 7; field += 1) clock.push(await readInt(cursor, intSize));
  const databaseName = await readText(cursor, intSize);
  const serverVersion = await readText(cursor, intSize);
  const toolVersion = await readText(cursor, intSize);
  const entryCount = await readInt(cursor, intSize);
  if (entryCount < 0) throw damagedHeader('number of entries');
  return {
    minor,
    intSize,
    offsetSize,
    format: format === 1 ? 'custom' : 'directory-or-tar',
    compression,
    startedLocal: wallClock(clock),
    databaseName,
    serverVersion,
    toolVersion,
    entryCount,
  };
}

/** Throws where a `toc.dat` is not one that pg_dump writes into a directory or tar archive. @throws DumpDamage */
export function assertDirectoryOrTar({ format }: ArchiveHeader): void {
  if (format !== 'directory-or-tar') throw damagedHeader('format byte');
}

/** A sign byte (1 = negative) and `intSize` bytes of magnitude, least significant first. @throws DumpDamage, InputEnds */
export async function readInt(cursor: ByteCursor, intSize: number): Promise<number> {
  return decodeInt(cursor.tryTake(intSize + 1) ?? (await cursor.take(intSize + 1)));
}

/**
 * The integer that a sign byte and a magnitude spell, one of 32 bits: pg_restore takes others to be some other number
 * (PostgreSQL source, pg_backup_archiver.c, `WriteInt`, `ReadInt`). @throws DumpDamage when no pg_dump writes such bytes.
 */
export function decodeInt(bytes: Uint8Array): number {
  return decodeIntAt(bytes, 0, bytes.length);
}

/** As {@link decodeInt}, from `at` up to `end`. @throws DumpDamage */
export function decodeIntAt(bytes: Uint8Array, at: number, end: number): number {
  let magnitude = 0;
  for (let byte = end - 1; byte > at; byte -= 1) magnitude = magnitude * 256 + (bytes[byte] ?? 0);
  const sign = bytes[at] ?? 0;
  if (sign > 1 || magnitude > INT_MAX + sign) throw new DumpDamage('a number in it is not one that pg_dump writes');
  return sign === 1 ? 0 - magnitude : magnitude;
}

/** @throws DumpDamage where a text of this length is none that pg_dump keeps in one piece */
export function assertNameLength(length: number): void {
  if (length > LONGEST_NAME) throw new DumpDamage('a name in it is longer than any that pg_dump writes');
}

/** Behind a zero byte pg_restore would not see a text, and pg_dump writes none. @throws DumpDamage */
export function assertNoZeroByte(bytes: Uint8Array, from = 0, end = bytes.length): void {
  for (let at = from; at < end; at += 1) {
    if (bytes[at] === 0) throw new DumpDamage('a name in it has a zero byte, which pg_dump never writes');
  }
}

/** A text that is kept: its length and its bytes; null for a negative length. @throws DumpDamage, InputEnds */
export async function readText(cursor: ByteCursor, intSize: number): Promise<string | null> {
  const length = await readInt(cursor, intSize);
  if (length < 0) return null;
  assertNameLength(length);
  const bytes = cursor.tryTake(length) ?? (await cursor.take(length));
  assertNoZeroByte(bytes);
  return textOf(bytes, 0, bytes.length);
}

async function readCompression(cursor: ByteCursor, minor: number, intSize: number): Promise<DumpCompression> {
  // Up to 1.14 a zlib level (-1 = default), from 1.15 on the number of an algorithm.
  if (minor < 15) {
    const level = await readInt(cursor, intSize);
    if (level < -1 || level > 9) throw damagedHeader('compression');
    return level === 0 ? 'none' : 'gzip';
  }
  const [algorithm = 0] = await cursor.take(1);
  return COMPRESSION_BY_ALGORITHM[algorithm] ?? 'unknown';
}

/** Fields as in C's `struct tm`: seconds first, months from 0, years from 1900. Null when they are no date. */
function wallClock(fields: readonly number[]): string | null {
  const [second = -1, minute = -1, hour = -1, day = 0, month = -1, year = 0] = fields;
  const date = new Date(Date.UTC(year + 1900, month, day, hour, minute, second));
  const same =
    date.getUTCFullYear() === year + 1900 &&
    date.getUTCMonth() === month &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute;
  return same && year > 0 && year < 8100 ? date.toISOString().slice(0, 19) : null;
}

function damagedHeader(part: string): DumpDamage {
  return new DumpDamage(`its header is damaged (${part})`);
}
