/** Castagnoli's polynomial, reversed (RFC 3720 appendix B.4). */
const POLYNOMIAL = 0x82f63b78;
/** Sixteen tables of 256: the remainder of each byte with none to fifteen zero bytes behind it. */
const TABLES = makeTables();
const LITTLE_ENDIAN = new Uint8Array(new Int32Array([1]).buffer)[0] === 1;

/**
 * CRC-32C (RFC 3720 section 12.1), the checksum of WAL records, pg_control and backup manifests, as an unsigned number.
 *
 * @param previous the checksum of the bytes before, to go on from
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const lead = Math.min(bytes.length, -bytes.byteOffset & 3);
  let crc = ofBytes(bytes.subarray(0, lead), ~previous);
  let done = lead;
  if (LITTLE_ENDIAN && bytes.length - lead >= 16) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + lead, ((bytes.length - lead) >> 4) << 2);
    crc = ofWords(words, crc);
    done += words.byteLength;
  }
  return ~ofBytes(bytes.subarray(done), crc) >>> 0;
}

/** Lower-case hex of the four bytes in the little-endian order in which backup manifests write them. */
export function littleEndianHex(checksum: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(checksum);
  return bytes.toString('hex');
}

function ofBytes(bytes: Uint8Array, start: number): number {
  let crc = start;
  for (const byte of bytes) crc = entry((crc ^ byte) & 0xff) ^ (crc >>> 8);
  return crc;
}

/** Four words a step, several times as fast as byte by byte: every byte of a backup goes through here. */
function ofWords(words: Int32Array, start: number): number {
  let crc = start;
  for (let at = 0; at < words.length; at += 4) {
    crc =
      ofWord(crc ^ (words[at] as number), 3840) ^
      ofWord(words[at + 1] as number, 2816) ^
      ofWord(words[at + 2] as number, 1792) ^
      ofWord(words[at + 3] as number, 768);
  }
  return crc;
}

/** @param table where the table of its first byte begins */
function ofWord(word: number, table: number): number {
  return (
    entry(table + (word & 0xff)) ^
    entry(table - 256 + ((word >>> 8) & 0xff)) ^
    entry(table - 512 + ((word >>> 16) & 0xff)) ^
    entry(table - 768 + (word >>> 24))
  );
}

/** Only asked for places that the tables have. */
function entry(at: number): number {
  return TABLES[at] as number;
}

function makeTables(): Int32Array {
  const tables = new Int32Array(16 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? POLYNOMIAL ^ (crc >>> 1) : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const crc = tables[at - 256] as number;
    tables[at] = (tables[crc & 0xff] as number) ^ (crc >>> 8);
  }
  return tables;
}
