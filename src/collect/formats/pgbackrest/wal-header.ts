/** What the first page of a WAL segment says. */
export interface WalHeader {
  readonly systemIdentifier: string;
  readonly segmentBytes: number;
}

export const WAL_HEADER_BYTES = 40;
const LONG_HEADER = 2;
const MEBIBYTE = 1024 * 1024;

/**
 * Reads the long header of the first page of a segment: flags at 2, system identifier at 24, segment size at 32, block
 * size at 36, all little-endian (XLogLongPageHeaderData in xlog_internal.h). Null when it is none: the segment is
 * damaged, or written on a big-endian machine.
 */
export function parseWalHeader(head: Uint8Array): WalHeader | null {
  if (head.length < WAL_HEADER_BYTES) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const segmentBytes = view.getUint32(32, true);
  const isPowerOfTwo = segmentBytes > 0 && (segmentBytes & (segmentBytes - 1)) === 0;
  const hasLongHeader = (view.getUint16(2, true) & LONG_HEADER) !== 0;
  // The sizes that initdb takes.
  if (!hasLongHeader || !isPowerOfTwo || segmentBytes < MEBIBYTE || segmentBytes > 1024 * MEBIBYTE) return null;
  return { systemIdentifier: view.getBigUint64(24, true).toString(), segmentBytes };
}
