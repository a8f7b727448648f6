import { FormatDamage } from '../format-damage.ts';
import { crc32c } from './crc32c.ts';
import { parseWalPage, type WalPage } from './wal-page.ts';

/** Follows WAL from one record to the next, as recovery does, and verifies every checksum on the way. */
export interface WalRecords {
  /**
   * The next bytes of the log, beginning with the segment that `start` lies in; what comes after `end` is not looked at.
   * @throws FormatDamage when a page or record is damaged
   */
  write(bytes: Uint8Array): void;
  /** @throws FormatDamage when the log does not reach `end` */
  finish(): void;
}

export interface WalSpan {
  /** First record and end of the last one, as positions in the log, in bytes. */
  readonly start: number;
  readonly end: number;
  readonly segmentBytes: number;
  readonly timeline: number;
  /** Decimal text; null where not known. */
  readonly systemIdentifier: string | null;
}

const HEADER_BYTES = 24;
const CHECKSUM_AT = 20;
const ALIGNMENT = 8;
/** `XLogRecordMaxSize` in xlogrecord.h is 1020 MiB. */
const LONGEST_RECORD = 1024 * 1024 * 1024;
const XLOG_RESOURCE_MANAGER = 0;
const SWITCH = 0x40;

/** Records are laid out as in PostgreSQL source, xlogrecord.h (`XLogRecord`), over pages as in {@link parseWalPage}. */
export function createWalRecords(span: WalSpan): WalRecords {
  /** Position in the log of the next byte that is written. */
  let position = span.start - (span.start % span.segmentBytes);
  let pageBytes = 0;
  let page: Buffer = Buffer.alloc(0);
  let filled = 0;
  let known = false;
  const records = recordReader(span);

  return {
    write: (bytes) => {
      let used = 0;
      while (used < bytes.length && position < span.end && !records.ended()) {
        if (pageBytes === 0) {
          // Only the first page tells how long pages are; its header is gathered before anything else.
          pageBytes = 1024;
          page = Buffer.alloc(pageBytes);
        }
        const piece = bytes.subarray(used, used + pageBytes - filled);
        page.set(piece, filled);
        filled += piece.length;
        used += piece.length;
        if (filled < pageBytes) return;
        // Behind a switch of segments and before the start there need be no pages. The first tells how long they are.
        if (known && position + pageBytes <= records.next()) {
          position += pageBytes;
          filled = 0;
          continue;
        }
        const header = parseWalPage(page);
        if (header === null || header.address !== position) throw damagedAt(position);
        if (header.long !== null && header.long.pageBytes !== pageBytes) {
          if (position % span.segmentBytes !== 0 || pageBytes !== 1024) throw damagedAt(position);
          pageBytes = header.long.pageBytes;
          page = Buffer.concat([page], pageBytes);
          continue;
        }
        known = true;
        assertFits(header, position, span);
        if (position + pageBytes > records.next()) records.page(header, page);
        position += pageBytes;
        filled = 0;
      }
    },
    finish: () => {
      if (!records.ended()) throw new FormatDamage('the WAL in it ends before the end of the backup');
    },
  };
}

function assertFits(header: WalPage, position: number, span: WalSpan): void {
  const first = position % span.segmentBytes === 0;
  if (first !== (header.long !== null) || header.timeline > span.timeline) throw damagedAt(position);
  if (header.long === null) return;
  if (header.long.segmentBytes !== span.segmentBytes) throw damagedAt(position);
  if (span.systemIdentifier !== null && header.long.systemIdentifier !== span.systemIdentifier) {
    throw new FormatDamage('the WAL in it is of another cluster');
  }
}

interface RecordReader {
  page(header: WalPage, bytes: Buffer): void;
  /** Before this position in the log nothing is needed any more. */
  next(): number;
  ended(): boolean;
}

/** Takes whole pages in order and puts the records together that run over them. */
function recordReader(span: WalSpan): RecordReader {
  /** Where the next record begins, or the one at hand began. */
  let recordAt = span.start;
  let previousAt: number | null = null;
  let header = Buffer.alloc(0);
  /** Bytes of the record at hand that are still to come; null between records. */
  let left: number | null = null;
  let checksum = 0;

  /** Takes what `bytes` holds of the record; the number of bytes used. */
  const take = (bytes: Buffer): number => {
    let used = 0;
    if (header.length < HEADER_BYTES) {
      used = Math.min(HEADER_BYTES - header.length, bytes.length);
      header = Buffer.concat([header, bytes.subarray(0, used)]);
      if (header.length < HEADER_BYTES) return used;
      const total = header.readUInt32LE(0);
      if (total < HEADER_BYTES || total > LONGEST_RECORD) throw damagedAt(recordAt);
      if (previousAt !== null && header.readBigUInt64LE(8) !== BigInt(previousAt)) throw damagedAt(recordAt);
      left = total - HEADER_BYTES;
      checksum = 0;
    }
    const data = bytes.subarray(used, used + (left ?? 0));
    checksum = crc32c(data, checksum);
    left = (left ?? 0) - data.length;
    return used + data.length;
  };

  /** After the last byte of a record; where the next one may begin. */
  const finishRecord = (at: number): number => {
    if (crc32c(header.subarray(0, CHECKSUM_AT), checksum) !== header.readUInt32LE(CHECKSUM_AT)) {
      throw damagedAt(recordAt);
    }
    const isSwitch = header[17] === XLOG_RESOURCE_MANAGER && ((header[16] ?? 0) & 0xf0) === SWITCH;
    previousAt = recordAt;
    header = Buffer.alloc(0);
    left = null;
    const next = Math.ceil(at / ALIGNMENT) * ALIGNMENT;
    return isSwitch ? Math.ceil(next / span.segmentBytes) * span.segmentBytes : next;
  };

  return {
    next: () => (header.length === 0 ? recordAt : 0),
    ended: () => recordAt >= span.end && header.length === 0,
    page: (pageHeader, bytes) => {
      const { address, headerBytes, remaining, overwrites } = pageHeader;
      const pageEnd = address + bytes.length;
      let at = Math.max(recordAt, address + headerBytes);
      if (header.length > 0) {
        if (overwrites) {
          header = Buffer.alloc(0);
          left = null;
          recordAt = address + headerBytes;
        } else if (remaining === 0 || (left !== null && remaining !== left)) throw damagedAt(address);
        at = address + headerBytes;
      }
      while (at < pageEnd) {
        if (header.length === 0) {
          if (at >= span.end) {
            recordAt = at;
            return;
          }
          recordAt = at;
        }
        at += take(bytes.subarray(at - address));
        if (left !== 0 || header.length < HEADER_BYTES) return;
        at = finishRecord(at);
        recordAt = at;
      }
    },
  };
}

function damagedAt(position: number): FormatDamage {
  return new FormatDamage(`the WAL in it is damaged at ${formatLsn(position)}`);
}

/** The log sequence number of a position in the log. */
function formatLsn(position: number): string {
  const part = (value: number): string => value.toString(16).toUpperCase();
  return `${part(Math.floor(position / 2 ** 32))}/${part(position % 2 ** 32)}`;
}
