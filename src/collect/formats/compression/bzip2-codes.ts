import { type BitReader, PEEKED_BITS } from './bit-reader.ts';
import { damaged } from './compressed-input.ts';

const LONGEST_CODE = PEEKED_BITS;

/** One Huffman code of a block: for each length what the codes of it are below, and where its symbols begin. */
export interface HuffmanCode {
  /** As codes of 20 bits. */
  readonly limits: Float64Array;
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
  const limits = new Float64Array(LONGEST_CODE + 1);
  const bases = new Int32Array(LONGEST_CODE + 1);
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
    limits[length] = code * 2 ** (PEEKED_BITS - length);
    code *= 2;
  }
  return { limits, bases, symbols, shortest };
}

/** The next symbol. @throws CompressedDamage, InputEnds */
export function readSymbol(bits: BitReader, { limits, bases, symbols, shortest }: HuffmanCode): number {
  const value = bits.peek();
  let length = shortest;
  while (value >= (limits[length] ?? 0)) {
    length += 1;
    if (length > LONGEST_CODE) throw damaged('bzip2', 'a code');
  }
  bits.pass(length);
  const symbol = symbols[(value >>> (PEEKED_BITS - length)) + (bases[length] ?? 0)];
  if (symbol === undefined) throw damaged('bzip2', 'a code');
  return symbol;
}
