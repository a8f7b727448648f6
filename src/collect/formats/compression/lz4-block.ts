import { damaged } from './compressed-input.ts';

/** How far back a match may lie. */
export const LZ4_WINDOW = 64 * 1024;
const SHORTEST_MATCH = 4;
/** What must be left of the input behind the literals of a sequence that is not the last: offset, token, five literals. */
const LAST_SEQUENCE = 8;
/** A match begins no later than this before the end of the largest block, and ends no later than the other. */
const MATCH_START_LIMIT = 12;
const LAST_LITERALS = 5;

/**
 * Decompresses one block (LZ4 Block Format, 2022) into `output` from `start` on; returns the position right after it.
 * Matches may reach back to `oldest`. The rules of the block's end are those that the reference decoder enforces.
 * @throws CompressedDamage
 */
export function decompressLz4Block(block: Uint8Array, output: Uint8Array, start: number, oldest: number): number {
  let at = 0;
  let end = start;

  const longLength = (short: number): number => {
    if (short < 15) return short;
    for (let length = short; ; ) {
      if (at >= block.length) throw damaged('lz4', 'a length');
      const byte = block[at] ?? 0;
      at += 1;
      length += byte;
      if (byte !== 255) return length;
    }
  };

  while (at < block.length) {
    const token = block[at] ?? 0;
    at += 1;
    const literals = longLength(token >> 4);
    if (literals > block.length - at || literals > output.length - end) throw damaged('lz4', 'literals');
    output.set(block.subarray(at, at + literals), end);
    at += literals;
    end += literals;
    if (at === block.length) return end;
    if (block.length - at < LAST_SEQUENCE || end > output.length - MATCH_START_LIMIT) {
      throw damaged('lz4', 'the end of a block');
    }
    const offset = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    const length = longLength(token & 15) + SHORTEST_MATCH;
    if (offset === 0 || offset > end - oldest) throw damaged('lz4', 'the place of a match');
    if (length > output.length - LAST_LITERALS - end) throw damaged('lz4', 'the length of a match');
    if (offset >= length) output.copyWithin(end, end - offset, end - offset + length);
    else for (let index = end; index < end + length; index += 1) output[index] = output[index - offset] ?? 0;
    end += length;
  }
  throw damaged('lz4', 'the end of a block');
}
