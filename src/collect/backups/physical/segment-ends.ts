import { LONG_HEADER_BYTES, parseWalPage } from '../../formats/base-backup/wal-page.ts';
import { endsInSwitch } from '../../formats/base-backup/wal-switch.ts';
import type { Compression } from '../../formats/decompressed.ts';
import { onlyZeros } from '../../formats/only-zeros.ts';
import type { ByteReader } from '../../trees/artifact-tree.ts';
import { readSegmentHeader, type SegmentHeader } from './segment-header.ts';

/**
 * As {@link readSegmentHeader}, and of a segment that lies there as it is whether it was written to its end: its last page
 * is of the right place, or a record before it leaves the rest unused, as after `pg_switch_wal()` or `archive_timeout`.
 * What lies in between is not looked at.
 *
 * @throws SourceError when it cannot be read
 */
export async function readSegmentEnds(reader: ByteReader, compression: Compression | null): Promise<SegmentHeader> {
  const header = await readSegmentHeader(reader, compression);
  if (header.state !== 'told' || !header.isPlain || reader.bytes !== header.long.segmentBytes) return header;
  const because = await damageOfEnd(reader, header);
  return because === null ? header : { state: 'damaged', because };
}

type Told = SegmentHeader & { readonly state: 'told' };

async function damageOfEnd(reader: ByteReader, told: Told): Promise<string | null> {
  const { pageBytes, segmentBytes } = told.long;
  const last = segmentBytes / pageBytes - 1;
  const end = await pageAt(reader, told, last);
  if (end === 'right') return null;
  if (end !== 'zeros') return 'its last page is not of this segment: it was not written to its end';
  const written = await lastWritten(reader, told, last);
  if (await endsThere(reader, told, written)) return null;
  return `it holds nothing from byte ${(written + 1) * pageBytes} on, and no record leaves the rest unused: it was not written to its end`;
}

/** The last page that was written, where those behind the first one of zeros are zeros as well: found in some ten steps. */
async function lastWritten(reader: ByteReader, told: Told, zeros: number): Promise<number> {
  let [written, empty] = [0, zeros];
  while (empty - written > 1) {
    const middle = Math.floor((written + empty) / 2);
    if ((await pageAt(reader, told, middle)) === 'right') written = middle;
    else empty = middle;
  }
  return written;
}

async function endsThere(reader: ByteReader, { long: { pageBytes } }: Told, page: number): Promise<boolean> {
  const from = Math.max(0, page - 1) * pageBytes;
  const bytes = Buffer.from(await reader.read(from, (page + 1) * pageBytes - from));
  const own = bytes.subarray(bytes.length - pageBytes);
  const header = parseWalPage(own);
  return header !== null && endsInSwitch(own, header, page === 0 ? null : bytes.subarray(0, pageBytes));
}

/** Whether a page is the one that belongs there, by its header. */
async function pageAt(reader: ByteReader, { page, long }: Told, index: number): Promise<'right' | 'zeros' | 'other'> {
  const offset = index * long.pageBytes;
  const head = await reader.read(offset, LONG_HEADER_BYTES);
  if (onlyZeros(head)) return 'zeros';
  return parseWalPage(head)?.address === page.address + offset ? 'right' : 'other';
}
