import type { BitReader } from './bit-reader.ts';
import { damaged } from './compressed-input.ts';

const LONGEST_CODE = 20;

/** One Huffman code of a block: for each length the largest code of it and where its symbols begin. */
export interface HuffmanCode {
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
}

/** Reads the lengths of a code, each as a difference to the one before. @throws CompressedDamage, InputEnds */
export function readHuffmanCode(bits: BitReader, symbolCount: number): HuffmanCode {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    for (;;) {
      if (length < 1 || length > LONGEST_CODE) throw damaged('bzip2', 'a table of codes');
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return huffmanCode(lengths);
}

function huffmanCode(lengths: Uint8Array): HuffmanCode {
  const limits = new Int32Array(LONGEST_CODE + 2).fill(-1);
  const bases = new Int32Array(LONGEST_CODE + 2);
  const symbols = new Uint16Array(lengths.length);
  let code = 0;
  let placed = 0;
  let shortest = 0;
  for (let length = 1; length <= LONGEST_CODE; length += 1) {
    bases[length] = placed - code;
    for (const [symbol, own] of lengths.entries()) {
      if (own !== length) continue;
      symbols[placed] = symbol;
      placed += 1;
      code += 1;
    }
    if (placed > 0 && shortest === 0) shortest = length;
    limits[length] = code - 1;
    code *= 2;
  }
  return { limits, bases, symbols, shortest };
}

/** The next symbol. @throws CompressedDamage, InputEnds */
export function readSymbol(bits: BitReader, { limits, bases, symbols, shortest }: HuffmanCode): number {
  let length = shortest;
  let code = bits.read(length);
  while (code > (limits[length] ?? -1)) {
    length += 1;
    if (length > LONGEST_CODE) throw damaged('bzip2', 'a code');
    code = code * 2 + bits.read(1);
  }
  const symbol = symbols[code + (bases[length] ?? 0)];
  if (symbol === undefined) throw damaged('bzip2', 'a code');
  return symbol;
}
