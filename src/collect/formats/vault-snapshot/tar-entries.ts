import { type ByteCursor, InputEnds } from '../byte-cursor.ts';

/** One member of a tar archive. Its content lies next in the cursor and must be read before the next entry is asked for. */
export interface TarEntry {
  readonly name: string;
  readonly bytes: number;
  /** Seconds since the epoch. */
  readonly modifiedSeconds: number;
}

/** `end`: two blocks of zeros were met. `cut`: the archive stops before them. `damaged`: a header is none. */
export type TarStep = TarEntry | 'end' | 'cut' | 'damaged';

export interface TarReader {
  next(): Promise<TarStep>;
  /** Skips the padding after a member's content of that many bytes. Resolves to false where the archive stops in it. */
  finish(bytes: number): Promise<boolean>;
}

const BLOCK = 512;
const MAX_EXTENDED_HEADER_BYTES = 64 * 1024;
const REGULAR_FILES = new Set(['0', '\0']);

/**
 * Reads POSIX tar: ustar headers, and pax extended headers for sizes of 8 GiB and more, which an octal field cannot
 * hold (POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block").
 */
export function createTarReader(cursor: ByteCursor): TarReader {
  async function finish(bytes: number): Promise<boolean> {
    const padding = (BLOCK - (bytes % BLOCK)) % BLOCK;
    return (await unlessEnded(() => cursor.take(padding))) !== null;
  }

  async function next(): Promise<TarStep> {
    let extended: ReadonlyMap<string, string> = new Map();
    for (;;) {
      const block = await unlessEnded(() => cursor.take(BLOCK));
      if (block === null) return 'cut';
      if (block.every((byte) => byte === 0)) {
        const second = await unlessEnded(() => cursor.take(BLOCK));
        return second?.every((byte) => byte === 0) === true ? 'end' : 'cut';
      }
      const header = Buffer.from(block);
      if (!hasRightChecksum(header)) return 'damaged';
      const bytes = number(header, 124, 12);
      const modified = number(header, 136, 12);
      const type = header.toString('latin1', 156, 157);
      if (bytes === null || modified === null) return 'damaged';
      if (type === 'x') {
        if (bytes > MAX_EXTENDED_HEADER_BYTES) return 'damaged';
        const records = await unlessEnded(() => cursor.take(bytes));
        if (records === null || !(await finish(bytes))) return 'cut';
        extended = parseExtendedHeader(Buffer.from(records));
        continue;
      }
      if (!REGULAR_FILES.has(type)) return 'damaged';
      return {
        name: extended.get('path') ?? text(header, 0, 100),
        bytes: decimal(extended.get('size')) ?? bytes,
        modifiedSeconds: decimal(extended.get('mtime')) ?? modified,
      };
    }
  }

  return { next, finish };
}

/** Null where the input ends within the step. */
export async function unlessEnded<T>(step: () => Promise<T>): Promise<T | null> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof InputEnds) return null;
    throw error;
  }
}

function hasRightChecksum(header: Buffer): boolean {
  let sum = 8 * 0x20;
  header.forEach((byte, index) => {
    if (index < 148 || index >= 156) sum += byte;
  });
  return number(header, 148, 8) === sum;
}

function text(header: Buffer, start: number, length: number): string {
  const field = header.toString('utf8', start, start + length);
  const zero = field.indexOf('\0');
  return zero < 0 ? field : field.slice(0, zero);
}

function number(header: Buffer, start: number, length: number): number | null {
  const digits = text(header, start, length).trim();
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}

function decimal(value: string | undefined): number | null {
  return value !== undefined && /^[0-9]+(\.[0-9]+)?$/.test(value) ? Math.floor(Number(value)) : null;
}

/** Records of the form `length key=value\n`, the length counting the whole record. */
export function parseExtendedHeader(records: Buffer): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let offset = 0;
  while (offset < records.length) {
    const space = records.indexOf(0x20, offset);
    const length = space < 0 ? 0 : Number(records.toString('latin1', offset, space));
    if (!Number.isInteger(length) || length < 5 || offset + length > records.length) break;
    const record = records.toString('utf8', space + 1, offset + length - 1);
    const equals = record.indexOf('=');
    if (equals > 0) values.set(record.slice(0, equals), record.slice(equals + 1));
    offset += length;
  }
  return values;
}
