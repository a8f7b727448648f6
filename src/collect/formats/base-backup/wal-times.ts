import { type Instant, toInstant } from '../../../model/instant.ts';
import { crc32c } from './crc32c.ts';
import { LONG_HEADER_BYTES, parseWalPage } from './wal-page.ts';

const HEADER_BYTES = 24;
const CHECKSUM_AT = 20;
const ALIGNMENT = 8;
/** Larger records than that bear no time that counts: a commit that drops thousands of tables has some 100 kB. */
const LONGEST_TIMED = 1024 * 1024;
const MANAGER = { log: 0, transactions: 1 } as const;
const SWITCH = 0x40;
/** `CheckPoint` in pg_control.h has its time at the same place from PostgreSQL 12 to 18. */
const CHECKPOINT_TIME_AT = 64;
const NEWEST_KNOWN_PAGE = 0xd118;
/** 2000-01-01, from which PostgreSQL counts microseconds. */
const POSTGRES_EPOCH = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(9999, 0, 1);

/**
 * The newest time in one segment of WAL, by the clock of the server that wrote it: of its commits, rollbacks and
 * checkpoints (PostgreSQL source: `XLogRecord` in xlogrecord.h, `xl_xact_commit` in xact.h, `CheckPoint` in
 * pg_control.h). Records with a time count only with their right checksum; what comes behind damage is not looked at.
 *
 * @param content of the whole segment, uncompressed
 * @returns null where it holds none, or is no WAL of a little-endian machine
 * @throws whatever reading `content` throws
 */
export async function newestWalTime(content: AsyncIterable<Uint8Array>): Promise<Instant | null> {
  const reader = timeReader();
  let page: Buffer = Buffer.alloc(0);
  let filled = 0;
  let pageBytes = 0;
  let gathered = Buffer.alloc(0);
  /** Of the segment; a compressed one can be made to grow without an end. */
  let left = 0;
  for await (const chunk of content) {
    let bytes: Uint8Array = chunk;
    if (pageBytes === 0) {
      gathered = Buffer.concat([gathered, chunk]);
      if (gathered.length < LONG_HEADER_BYTES) continue;
      const first = parseWalPage(gathered)?.long ?? null;
      pageBytes = first?.pageBytes ?? 0;
      left = first?.segmentBytes ?? 0;
      // Only the first page of a segment tells how long pages are.
      if (pageBytes === 0) return null;
      page = Buffer.alloc(pageBytes);
      bytes = gathered;
    }
    for (let used = 0; used < bytes.length; ) {
      const piece = bytes.subarray(used, used + pageBytes - filled);
      page.set(piece, filled);
      filled += piece.length;
      used += piece.length;
      if (filled < pageBytes) break;
      filled = 0;
      left -= pageBytes;
      if (!reader.page(page) || left <= 0) return reader.newest();
    }
  }
  return reader.newest();
}

interface TimeReader {
  /** @returns whether there is more to come */
  page(bytes: Buffer): boolean;
  newest(): Instant | null;
}

function timeReader(): TimeReader {
  let newest: number | null = null;
  let address: number | null = null;
  /** Bytes of a record that began in the segment before, still to be skipped. */
  let skip = 0;
  /** The record at hand: its header, what is still to come of it, and its content where that is wanted. */
  let header = Buffer.alloc(0);
  let left = 0;
  let content: Buffer[] | null = null;
  let magic = 0;

  /** @returns false where the record is none, or the last of the segment */
  const begin = (): boolean => {
    const total = header.readUInt32LE(0);
    if (total < HEADER_BYTES) return false;
    left = total - HEADER_BYTES;
    content = isTimed(header) && total <= LONGEST_TIMED ? [] : null;
    return true;
  };
  const finish = (): boolean => {
    const isSwitch = header[17] === MANAGER.log && ((header[16] ?? 0) & 0xf0) === SWITCH;
    if (content !== null) {
      const data = Buffer.concat(content);
      if (crc32c(header.subarray(0, CHECKSUM_AT), crc32c(data)) !== header.readUInt32LE(CHECKSUM_AT)) return false;
      const at = timeOf(header, data, magic);
      if (at !== null && (newest === null || at > newest)) newest = at;
    }
    header = Buffer.alloc(0);
    content = null;
    return !isSwitch;
  };

  return {
    newest: () => (newest === null ? null : toInstant(newest)),
    page(bytes) {
      const told = parseWalPage(bytes);
      if (told === null || (address !== null && told.address !== address)) return false;
      magic = bytes.readUInt16LE(0);
      let at = told.headerBytes;
      if (address === null) skip = told.remaining;
      address = told.address + bytes.length;
      if (told.overwrites) {
        // The record at hand was given up.
        header = Buffer.alloc(0);
        content = null;
        skip = 0;
      }
      while (at < bytes.length) {
        if (skip > 0) {
          const step = Math.min(skip, bytes.length - at);
          skip -= step;
          at += step;
          if (skip === 0) at = Math.ceil(at / ALIGNMENT) * ALIGNMENT;
          continue;
        }
        if (header.length < HEADER_BYTES) {
          const piece = bytes.subarray(at, at + HEADER_BYTES - header.length);
          header = Buffer.concat([header, piece]);
          at += piece.length;
          if (header.length < HEADER_BYTES) break;
          if (!begin()) return false;
        }
        const piece = bytes.subarray(at, at + left);
        // The page is used again.
        content?.push(Buffer.from(piece));
        left -= piece.length;
        at += piece.length;
        if (left > 0) break;
        if (!finish()) return false;
        at = Math.ceil(at / ALIGNMENT) * ALIGNMENT;
      }
      return true;
    },
  };
}

const COMMITS_AND_ABORTS: ReadonlySet<number> = new Set([0x00, 0x20, 0x30, 0x40]);
const CHECKPOINTS: ReadonlySet<number> = new Set([0x00, 0x10]);

function isTimed(header: Buffer): boolean {
  const [info, manager] = [header[16] ?? 0, header[17]];
  if (manager === MANAGER.transactions) return COMMITS_AND_ABORTS.has(info & 0x70);
  return manager === MANAGER.log && CHECKPOINTS.has(info & 0xf0);
}

/** Milliseconds since 1970. */
function timeOf(header: Buffer, record: Buffer, magic: number): number | null {
  const data = mainData(record);
  let at = Number.NaN;
  if (data !== null && header[17] === MANAGER.transactions && data.length >= 8) {
    at = POSTGRES_EPOCH + Math.floor(Number(data.readBigInt64LE(0)) / 1000);
  } else if (data !== null && header[17] === MANAGER.log && magic <= NEWEST_KNOWN_PAGE) {
    if (data.length >= CHECKPOINT_TIME_AT + 8) at = Number(data.readBigInt64LE(CHECKPOINT_TIME_AT)) * 1000;
  }
  return at >= POSTGRES_EPOCH && at < LATEST ? at : null;
}

const PART = { short: 255, long: 254, origin: 253, topTransaction: 252 } as const;

/** What the record says itself, behind the headers of its parts; null where it has blocks, as none of these do. */
function mainData(record: Buffer): Buffer | null {
  for (let at = 0; at + 1 < record.length; ) {
    const part = record[at];
    if (part === PART.short) return record.subarray(at + 2, at + 2 + record.readUInt8(at + 1));
    if (part === PART.long && at + 5 <= record.length) {
      return record.subarray(at + 5, at + 5 + record.readUInt32LE(at + 1));
    }
    if (part === PART.origin) at += 3;
    else if (part === PART.topTransaction) at += 5;
    else return null;
  }
  return null;
}
