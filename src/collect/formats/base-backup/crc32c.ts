/** Castagnoli's polynomial, reversed (RFC 3720 appendix B.4). */
const POLYNOMIAL = 0x82f63b78;
const TABLES = makeTables();

/**
 * CRC-32C (RFC 3720 section 12.1), the checksum of WAL records, pg_control and backup manifests, as an unsigned number.
 *
 * @param previous the checksum of the bytes before, to go on from
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  const length = bytes.length;
  let crc = ~previous;
  let at = 0;
  // Eight bytes a step; the tables have an entry for every index a byte can give.
  for (const end = length - 7; at < end; at += 8) {
    const low =
      crc ^
      (byteAt(bytes, at) |
        (byteAt(bytes, at + 1) << 8) |
        (byteAt(bytes, at + 2) << 16) |
        (byteAt(bytes, at + 3) << 24));
    crc =
      byteAt(t7, low & 0xff) ^
      byteAt(t6, (low >>> 8) & 0xff) ^
      byteAt(t5, (low >>> 16) & 0xff) ^
      byteAt(t4, low >>> 24) ^
      byteAt(t3, byteAt(bytes, at + 4)) ^
      byteAt(t2, byteAt(bytes, at + 5)) ^
      byteAt(t1, byteAt(bytes, at + 6)) ^
      byteAt(t0, byteAt(bytes, at + 7));
  }
  for (; at < length; at += 1) crc = byteAt(t0, (crc ^ byteAt(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Lower-case hex of the four bytes in the little-endian order in which backup manifests write them. */
export function littleEndianHex(checksum: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(checksum);
  return bytes.toString('hex');
}

function byteAt(values: Uint8Array | Int32Array, at: number): number {
  return values[at] ?? 0;
}

type Table = Int32Array<ArrayBuffer>;

/** The table of one byte, and those of the same byte with one to seven zero bytes behind it. */
function makeTables(): readonly [Table, Table, Table, Table, Table, Table, Table, Table] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? POLYNOMIAL ^ (crc >>> 1) : crc >>> 1;
    first[byte] = crc;
  }
  const next = (table: Table): Table => table.map((crc) => byteAt(first, crc & 0xff) ^ (crc >>> 8));
  const second = next(first);
  const third = next(second);
  const fourth = next(third);
  const fifth = next(fourth);
  const sixth = next(fifth);
  const seventh = next(sixth);
  return [first, second, third, fourth, fifth, sixth, seventh, next(seventh)];
}
