import type { ByteCursor } from '../byte-cursor.ts';
import { damaged, readCompressed, trailingBytes, wrongChecksum } from './compressed-input.ts';
import { decompressLz4Block, LZ4_WINDOW } from './lz4-block.ts';
import { UnsupportedCompression, type Wrapping } from './wrapping.ts';
import { createXxHash32, xxHash32 } from './xxhash32.ts';

const MAGIC = 0x184d2204;
const LEGACY_MAGIC = 0x184c2102;
const FLAG = { dictionary: 1, reserved: 2, contentChecksum: 4, contentSize: 8, blockChecksum: 16, independent: 32 };
const BLOCK_BYTES = [64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024] as const;

/**
 * LZ4 Frame Format 1.6.4. No package of the npm registry that needs no native build reads frames and verifies their
 * checksums, so they are read here.
 */
export const lz4: Wrapping = {
  name: 'lz4',
  article: 'an',
  magic: '04224d18',
  endings: ['.lz4'],
  open: (compressed) => readCompressed('lz4', compressed, readFrames),
};

async function* readFrames(cursor: ByteCursor): AsyncGenerator<Uint8Array, void, undefined> {
  const room: Room = { bytes: new Uint8Array(0) };
  for (let frames = 0; frames === 0 || !(await cursor.atEnd()); frames += 1) {
    const magic = unsigned(await cursor.take(4));
    if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) await cursor.skip(unsigned(await cursor.take(4)));
    else if (magic === MAGIC) yield* readFrame(cursor, room);
    else if (magic === LEGACY_MAGIC)
      throw new UnsupportedCompression('its lz4 data are in the legacy format, which has no end');
    else throw frames === 0 ? damaged('lz4', 'the beginning of a frame') : trailingBytes('lz4');
  }
}

/** Kept from frame to frame. */
interface Room {
  bytes: Uint8Array;
}

interface Descriptor {
  readonly flags: number;
  readonly blockBytes: number;
  readonly contentSize: bigint | null;
}

async function readDescriptor(cursor: ByteCursor): Promise<Descriptor> {
  const [flags = 0, sizes = 0] = Uint8Array.from(await cursor.take(2));
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const blockBytes = BLOCK_BYTES[(sizes >> 4) - 4];
  if (flags >> 6 !== 1 || has(FLAG.reserved) || blockBytes === undefined || (sizes & 0x0f) !== 0) {
    throw damaged('lz4', 'the header of a frame');
  }
  const optional = Uint8Array.from(await cursor.take((has(FLAG.contentSize) ? 8 : 0) + (has(FLAG.dictionary) ? 4 : 0)));
  const checksum = (await cursor.take(1))[0];
  if (((xxHash32(Uint8Array.from([flags, sizes, ...optional])) >>> 8) & 0xff) !== checksum) {
    throw wrongChecksum('lz4', 'the header of a frame');
  }
  if (has(FLAG.dictionary)) throw new UnsupportedCompression('its lz4 data were made with a dictionary');
  const contentSize = has(FLAG.contentSize) ? Buffer.from(optional).readBigUInt64LE(0) : null;
  return { flags, blockBytes, contentSize };
}

async function* readFrame(cursor: ByteCursor, room: Room): AsyncGenerator<Uint8Array, void, undefined> {
  const { flags, blockBytes, contentSize } = await readDescriptor(cursor);
  const content = (flags & FLAG.contentChecksum) === 0 ? null : createXxHash32();
  const linked = (flags & FLAG.independent) === 0;
  // The window of what was written last lies before the place of the block.
  if (room.bytes.length < LZ4_WINDOW + blockBytes) room.bytes = new Uint8Array(LZ4_WINDOW + blockBytes);
  const output = room.bytes.subarray(0, LZ4_WINDOW + blockBytes);
  let oldest = LZ4_WINDOW;
  let passed = 0n;
  for (;;) {
    const header = unsigned(await cursor.take(4));
    if (header === 0) break;
    const stored = header >= 2 ** 31;
    const size = header % 2 ** 31;
    if (size > blockBytes) throw damaged('lz4', 'the size of a block');
    const block = await cursor.take(size);
    let end = LZ4_WINDOW + size;
    if (stored) output.set(block, LZ4_WINDOW);
    else end = decompressLz4Block(block, output, LZ4_WINDOW, oldest);
    if ((flags & FLAG.blockChecksum) !== 0) {
      const expected = xxHash32(block);
      if (unsigned(await cursor.take(4)) !== expected) throw wrongChecksum('lz4', 'a block');
    }
    const piece = Uint8Array.prototype.slice.call(output, LZ4_WINDOW, end);
    content?.update(piece);
    passed += BigInt(piece.length);
    if (linked) {
      output.copyWithin(0, end - LZ4_WINDOW, end);
      oldest = Math.max(0, oldest - piece.length);
    }
    if (piece.length > 0) yield piece;
  }
  if (content !== null && unsigned(await cursor.take(4)) !== content.digest()) throw wrongChecksum('lz4', 'a frame');
  if (contentSize !== null && contentSize !== passed) throw damaged('lz4', 'the size of its content');
}

function unsigned(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
