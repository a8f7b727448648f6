/** The header of a WAL page (PostgreSQL source, `XLogPageHeaderData` and `XLogLongPageHeaderData` in xlog_internal.h). */
export interface WalPage {
  readonly timeline: number;
  /** Position of the page in the log, in bytes. */
  readonly address: number;
  /** Bytes of the header. */
  readonly headerBytes: number;
  /** Bytes of a record that began before this page and are still to come; 0 where none does. */
  readonly remaining: number;
  /** Whether a record begun before was given up and is not continued here. */
  readonly overwrites: boolean;
  /** Only on the first page of a segment. */
  readonly long: {
    /** Decimal text, as it exceeds 2^53. */
    readonly systemIdentifier: string;
    readonly segmentBytes: number;
    readonly pageBytes: number;
  } | null;
}

export const LONG_HEADER_BYTES = 40;
const SHORT_HEADER_BYTES = 24;
const INFO = { continues: 1, long: 2, overwrites: 8 } as const;
/** `XLOG_PAGE_MAGIC` counts up with releases: d101 in PostgreSQL 12, d118 in 18. */
const MAGIC_HIGH_BYTE = 0xd1;

/** Null where the bytes begin with no header of a WAL page of a little-endian machine. */
export function parseWalPage(content: Uint8Array): WalPage | null {
  if (content.length < LONG_HEADER_BYTES || content[1] !== MAGIC_HIGH_BYTE) return null;
  const bytes = Buffer.from(content.buffer, content.byteOffset, LONG_HEADER_BYTES);
  const info = bytes.readUInt16LE(2);
  const address = Number(bytes.readBigUInt64LE(8));
  const isLong = (info & INFO.long) !== 0;
  const long = isLong
    ? {
        systemIdentifier: bytes.readBigUInt64LE(24).toString(),
        segmentBytes: bytes.readUInt32LE(32),
        pageBytes: bytes.readUInt32LE(36),
      }
    : null;
  if (info > 15 || !Number.isSafeInteger(address)) return null;
  if (long !== null && !(isSegmentSize(long.segmentBytes) && isPageSize(long.pageBytes))) return null;
  return {
    timeline: bytes.readUInt32LE(4),
    address,
    headerBytes: isLong ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES,
    remaining: (info & INFO.continues) === 0 ? 0 : bytes.readUInt32LE(16),
    overwrites: (info & INFO.overwrites) !== 0,
    long,
  };
}

/** A power of two from 1 MiB to 1 GiB (`initdb --wal-segsize`). */
export function isSegmentSize(bytes: number): boolean {
  return isPowerOfTwo(bytes) && bytes >= 2 ** 20 && bytes <= 2 ** 30;
}

/** A power of two from 1 KiB to 64 KiB (`configure --with-wal-blocksize`). */
function isPageSize(bytes: number): boolean {
  return isPowerOfTwo(bytes) && bytes >= 1024 && bytes <= 65_536;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}
