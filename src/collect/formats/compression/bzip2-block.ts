import type { BitReader } from './bit-reader.ts';
import { type HuffmanCode, readHuffmanCode, readSymbol } from './bzip2-codes.ts';
import { damaged } from './compressed-input.ts';
import { UnsupportedCompression } from './wrapping.ts';

const SYMBOLS_A_GROUP = 50;
/** More selectors than this are never used, and the reference decoder passes over them. */
const MOST_SELECTORS = 18_002;
const RUN_A = 0;
const RUN_B = 1;

/** The content of one block, sorted by the Burrows-Wheeler transform. */
export interface SortedBlock {
  /** The bytes in their lower 8 bits; room for the links that undo the sorting. */
  readonly cells: Uint32Array;
  readonly length: number;
  /** Where the original begins. */
  readonly origin: number;
}

/**
 * Reads a block after its magic number and checksum. (bzip2 has no specification but its source, libbzip2 1.0.8,
 * decompress.c; described in "BZIP2: Format Specification", J. Tsai, 2016.) @throws CompressedDamage, InputEnds
 *
 * @param cells room for the largest block that the stream may have
 */
export function readSortedBlock(bits: BitReader, cells: Uint32Array): SortedBlock {
  if (bits.read(1) !== 0) throw new UnsupportedCompression('its bzip2 data are of a version before 0.9.5');
  const origin = bits.read(24);
  const used = readUsedBytes(bits);
  const codeCount = bits.read(3);
  const selectorCount = bits.read(15);
  if (used.length === 0 || codeCount < 2 || codeCount > 6 || selectorCount === 0) {
    throw damaged('bzip2', 'the header of a block');
  }
  const selectors = readSelectors(bits, selectorCount, codeCount);
  const codes: HuffmanCode[] = [];
  while (codes.length < codeCount) codes.push(readHuffmanCode(bits, used.length + 2));
  const length = readCells(bits, used, selectors, codes, cells);
  if (origin >= length) throw damaged('bzip2', 'the origin of a block');
  return { cells, length, origin };
}

/** Which of the 256 bytes occur: 16 bits for the ranges that do, 16 for each of those. */
function readUsedBytes(bits: BitReader): Uint8Array {
  const ranges = bits.read(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range += 1) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const members = bits.read(16);
    for (let member = 0; member < 16; member += 1) {
      if ((members & (0x8000 >> member)) !== 0) used.push(range * 16 + member);
    }
  }
  return Uint8Array.from(used);
}

/** Which code each group of symbols is in, moved to front. */
function readSelectors(bits: BitReader, count: number, codeCount: number): Uint8Array {
  const order = Uint8Array.from({ length: codeCount }, (_, index) => index);
  const selectors = new Uint8Array(Math.min(count, MOST_SELECTORS));
  for (let index = 0; index < count; index += 1) {
    let place = 0;
    while (bits.read(1) === 1) {
      place += 1;
      if (place >= codeCount) throw damaged('bzip2', 'a selector');
    }
    const selector = moveToFront(order, place);
    if (index < selectors.length) selectors[index] = selector;
  }
  return selectors;
}

function moveToFront(order: Uint8Array, place: number): number {
  const value = order[place] ?? 0;
  order.copyWithin(1, 0, place);
  order[0] = value;
  return value;
}

/** Undoes the Huffman codes, the runs of the first byte and the moving to front. Returns how many bytes there are. */
function readCells(
  bits: BitReader,
  used: Uint8Array,
  selectors: Uint8Array,
  codes: readonly HuffmanCode[],
  cells: Uint32Array,
): number {
  const order = Uint8Array.from(used);
  const endOfBlock = used.length + 1;
  let length = 0;
  let run = 0;
  let runDigit = 1;
  for (let group = 0; ; group += 1) {
    const code = codes[selectors[group] ?? codes.length];
    if (code === undefined) throw damaged('bzip2', 'the selectors of a block');
    for (let left = SYMBOLS_A_GROUP; left > 0; left -= 1) {
      const symbol = readSymbol(bits, code);
      if (symbol === RUN_A || symbol === RUN_B) {
        if (runDigit > 2 ** 21) throw damaged('bzip2', 'a run');
        run += runDigit * (symbol + 1);
        runDigit *= 2;
        continue;
      }
      if (run > 0) {
        if (run > cells.length - length) throw damaged('bzip2', 'the length of a block');
        cells.fill(order[0] ?? 0, length, length + run);
        length += run;
        run = 0;
        runDigit = 1;
      }
      if (symbol === endOfBlock) return length;
      if (length === cells.length) throw damaged('bzip2', 'the length of a block');
      cells[length] = moveToFront(order, symbol - 1);
      length += 1;
    }
  }
}
