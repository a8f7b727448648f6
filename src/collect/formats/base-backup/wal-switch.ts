import type { WalPage } from './wal-page.ts';

const HEADER_BYTES = 24;
const ALIGNMENT = 8;
const INFO_AT = 16;
const MANAGER_AT = 17;
const XLOG_RESOURCE_MANAGER = 0;
const SWITCH = 0x40;

/**
 * Whether the last record on a page is the one that leaves the rest of its segment unused (PostgreSQL source,
 * `XLOG_SWITCH` in xlog.c: the pages behind it are zeros from PostgreSQL 11 on). A page whose last record goes on behind
 * it does not end so.
 *
 * @param header of the page
 * @param before the last bytes of the page before, at least as many as a record has in its header; null for the first page
 */
export function endsInSwitch(page: Buffer, header: WalPage, before: Buffer | null): boolean {
  let last: Buffer | null = headerOverPages(page, header, before);
  let at = align(header.headerBytes + header.remaining);
  while (at + HEADER_BYTES <= page.length) {
    const total = page.readUInt32LE(at);
    if (total === 0) break;
    if (total < HEADER_BYTES || at + total > page.length) return false;
    last = page.subarray(at, at + HEADER_BYTES);
    if (isSwitch(last)) return true;
    at = align(at + total);
  }
  // A header is cut by the end of the page: its record goes on.
  if (at < page.length && at + HEADER_BYTES > page.length && page.readUInt32LE(at) !== 0) return false;
  return last !== null && isSwitch(last);
}

/** The header of a record that is nothing else and lies on two pages; null where the page begins otherwise. */
function headerOverPages(page: Buffer, { headerBytes, remaining }: WalPage, before: Buffer | null): Buffer | null {
  if (remaining === 0 || remaining >= HEADER_BYTES || before === null) return null;
  const begun = before.subarray(before.length - (HEADER_BYTES - remaining));
  const header = Buffer.concat([begun, page.subarray(headerBytes, headerBytes + remaining)]);
  return header.readUInt32LE(0) === HEADER_BYTES ? header : null;
}

function isSwitch(header: Buffer): boolean {
  return header[MANAGER_AT] === XLOG_RESOURCE_MANAGER && ((header[INFO_AT] ?? 0) & 0xf0) === SWITCH;
}

function align(at: number): number {
  return Math.ceil(at / ALIGNMENT) * ALIGNMENT;
}
