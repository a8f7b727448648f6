import type { SortedBlock } from './bzip2-block.ts';

const PIECE = 64 * 1024;
/** After so many equal bytes comes the number of further ones. */
const RUN = 4;
const CHECKSUMS = checksumTable();

/** The content of a block, in pieces, and what its checksum is after the last of them. */
export interface BlockContent {
  pieces(): Generator<Uint8Array, void, undefined>;
  checksum(): number;
}

/** Undoes the sorting of a block and its runs of equal bytes. */
export function blockContent({ cells, length, origin }: SortedBlock): BlockContent {
  let checksum = -1;
  linkCells(cells, length);

  function* pieces(): Generator<Uint8Array, void, undefined> {
    let cell = (cells[origin] ?? 0) >>> 8;
    let piece = new Uint8Array(PIECE);
    let filled = 0;
    let last = -1;
    let equal = 0;
    for (let index = 0; index < length; index += 1) {
      const entry = cells[cell] ?? 0;
      const byte = entry & 0xff;
      cell = entry >>> 8;
      let repeat = 1;
      if (equal === RUN) {
        repeat = byte;
        equal = 0;
        // The byte that follows begins a run of its own, even where it is the same.
      } else {
        equal = byte === last ? equal + 1 : 1;
        last = byte;
      }
      for (; repeat > 0; repeat -= 1) {
        checksum = (checksum << 8) ^ (CHECKSUMS[(checksum >>> 24) ^ last] ?? 0);
        piece[filled] = last;
        filled += 1;
        if (filled === PIECE) {
          yield piece;
          piece = new Uint8Array(PIECE);
          filled = 0;
        }
      }
      if (equal === 0) last = -1;
    }
    if (filled > 0) yield piece.subarray(0, filled);
  }

  return { pieces, checksum: () => ~checksum >>> 0 };
}

/** Puts into the upper 24 bits of each cell the place of the byte that follows in the original. */
function linkCells(cells: Uint32Array, length: number): void {
  const counts = new Uint32Array(256);
  for (let index = 0; index < length; index += 1) {
    const byte = (cells[index] ?? 0) & 0xff;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  const places = new Uint32Array(256);
  let sum = 0;
  for (const [byte, count] of counts.entries()) {
    places[byte] = sum;
    sum += count;
  }
  for (let index = 0; index < length; index += 1) {
    const byte = (cells[index] ?? 0) & 0xff;
    const place = places[byte] ?? 0;
    places[byte] = place + 1;
    cells[place] = (cells[place] ?? 0) | (index << 8);
  }
}

/** CRC-32 with the polynomial of RFC 1952, but with the most significant bit first. */
function checksumTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << 24;
    for (let bit = 0; bit < 8; bit += 1) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
    return value;
  });
}
