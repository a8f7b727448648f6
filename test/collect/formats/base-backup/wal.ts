import { crc32c } from '../../../../src/collect/formats/base-backup/crc32c.ts';

export const SEGMENT_BYTES = 1024 * 1024;
const PAGE = 8192;
const SYSTEM_IDENTIFIER = 7_711_016_942_312_333_091n;

export interface WrittenWal {
  readonly bytes: Buffer;
  /** Positions in the log: of the first record, and the end of the last one. */
  readonly start: number;
  readonly end: number;
}

/** In the place of a size: the record that leaves the rest of its segment unused, as after `pg_switch_wal()`. */
export const SWITCH = -1;

/** Segments of WAL from `first` on, holding records with as many bytes of content each, laid out as the server does. */
export function writeWal(first: number, contents: readonly number[], segments = 1): WrittenWal {
  const origin = first * SEGMENT_BYTES;
  const bytes = Buffer.alloc(segments * SEGMENT_BYTES);
  let at = origin;
  let pending = 0;
  const beginPage = (): void => {
    const isLong = at % SEGMENT_BYTES === 0;
    const page = bytes.subarray(at - origin);
    page.writeUInt16LE(0xd110, 0);
    page.writeUInt16LE((pending > 0 ? 1 : 0) | (isLong ? 2 : 0), 2);
    page.writeUInt32LE(1, 4);
    page.writeBigUInt64LE(BigInt(at), 8);
    page.writeUInt32LE(pending, 16);
    if (isLong) {
      page.writeBigUInt64LE(SYSTEM_IDENTIFIER, 24);
      page.writeUInt32LE(SEGMENT_BYTES, 32);
      page.writeUInt32LE(PAGE, 36);
    }
    at += isLong ? 40 : 24;
  };
  const write = (piece: Buffer): void => {
    pending = piece.length;
    for (const byte of piece) {
      if (at % PAGE === 0) beginPage();
      bytes[at - origin] = byte;
      at += 1;
      pending -= 1;
    }
  };
  let previous = 0;
  let start = 0;
  for (const size of contents) {
    if (at % PAGE === 0) beginPage();
    if (start === 0) start = at;
    const record = Buffer.alloc(24 + Math.max(0, size), size & 0xff);
    record.fill(0, 0, 24);
    record.writeUInt32LE(record.length, 0);
    record.writeBigUInt64LE(BigInt(previous), 8);
    if (size === SWITCH) record[16] = 0x40;
    else record[17] = 10;
    record.writeUInt32LE(crc32c(record.subarray(0, 20), crc32c(record.subarray(24))), 20);
    previous = at;
    write(record);
    at = Math.ceil(at / 8) * 8;
  }
  return { bytes, start, end: at };
}

/** Decimal text. */
export const WAL_SYSTEM_IDENTIFIER = String(SYSTEM_IDENTIFIER);
