import { InputEnds, type StreamCursor } from '../byte-cursor.ts';
import { BitReader } from './bit-reader.ts';
import { readSortedBlock } from './bzip2-block.ts';
import { blockContent } from './bzip2-content.ts';
import { damaged, readCompressed, trailingBytes, wrongChecksum } from './compressed-input.ts';
import type { Wrapping } from './wrapping.ts';

const LEVEL_BYTES = 100_000;
/**
 * No block is longer: 900,001 symbols of 20 bits, with tables of 100 KiB at most. Where so many bytes are at hand, and
 * a block wants more, it is damaged.
 */
const LONGEST_BLOCK = 3 * 1024 * 1024;
const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;

/**
 * bzip2 streams with the checksum of each block and of the stream. The packages of the npm registry that need no native
 * build keep a block's whole output, some 2 GiB for a hostile file of 200 bytes, so they are read here.
 */
export const bzip2: Wrapping = {
  name: 'bzip2',
  article: 'a',
  magic: '425a68',
  endings: ['.bz2'],
  open: (compressed) => readCompressed('bzip2', compressed, readStreams),
};

async function* readStreams(cursor: StreamCursor): AsyncGenerator<Uint8Array, void, undefined> {
  const input = bitInput(cursor);
  let cells = new Uint32Array(0);
  for (let streams = 0; streams === 0 || (await input.hasMore()); streams += 1) {
    const level = await input.step((bits) => {
      const isHeader = bits.read(8) === 0x42 && bits.read(8) === 0x5a && bits.read(8) === 0x68;
      const digit = isHeader ? bits.read(8) - 0x30 : 0;
      if (digit >= 1 && digit <= 9) return digit;
      throw streams === 0 ? damaged('bzip2', 'the header of a stream') : trailingBytes('bzip2');
    });
    if (cells.length < level * LEVEL_BYTES) cells = new Uint32Array(level * LEVEL_BYTES);
    const room = cells.subarray(0, level * LEVEL_BYTES);
    let combined = 0;
    for (;;) {
      const part = await input.step((bits) => readPart(bits, room));
      if (part.block === null) {
        if (part.checksum !== combined >>> 0) throw wrongChecksum('bzip2', 'a stream');
        break;
      }
      const content = blockContent(part.block);
      yield* content.pieces();
      if (content.checksum() !== part.checksum) throw wrongChecksum('bzip2', 'a block');
      combined = ((combined << 1) | (combined >>> 31)) ^ part.checksum;
    }
    input.alignToByte();
  }
}

/** A block, or with null the end of the stream, and its checksum. */
function readPart(bits: BitReader, room: Uint32Array) {
  const magic = [bits.read(24), bits.read(24)] as const;
  const checksum = bits.readWord();
  if (magic[0] === END_MAGIC[0] && magic[1] === END_MAGIC[1]) return { block: null, checksum };
  if (magic[0] !== BLOCK_MAGIC[0] || magic[1] !== BLOCK_MAGIC[1]) throw damaged('bzip2', 'the beginning of a block');
  return { block: readSortedBlock(bits, room), checksum };
}

/** Bits of a stream, with enough at hand for any one step. */
function bitInput(cursor: StreamCursor) {
  let bytes: Uint8Array = new Uint8Array(0);
  let bit = 0;
  let ended = false;

  const fill = async (): Promise<void> => {
    const left = bytes.subarray(bit >>> 3);
    if (ended || left.length >= LONGEST_BLOCK) return;
    const pieces: Uint8Array[] = [left];
    try {
      await cursor.visit(2 * LONGEST_BLOCK - left.length, (piece) => {
        pieces.push(piece);
      });
    } catch (error) {
      if (!(error instanceof InputEnds)) throw error;
      ended = true;
    }
    bytes = Buffer.concat(pieces);
    bit &= 7;
  };

  return {
    step: async <T>(read: (bits: BitReader) => T): Promise<T> => {
      await fill();
      const bits = new BitReader(bytes, bit);
      try {
        const result = read(bits);
        bit = bits.position();
        return result;
      } catch (error) {
        if (error instanceof InputEnds && !ended) throw damaged('bzip2', 'a block without an end');
        throw error;
      }
    },
    hasMore: async (): Promise<boolean> => {
      await fill();
      return bit >>> 3 < bytes.length;
    },
    alignToByte: (): void => {
      bit = (bit + 7) & ~7;
    },
  };
}
