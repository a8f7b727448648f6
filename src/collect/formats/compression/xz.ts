import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ByteCursor, StreamCursor } from '../byte-cursor.ts';
import { damaged, readCompressed, trailingBytes, wrongChecksum } from './compressed-input.ts';
import type { LzmaWindow } from './lzma-window.ts';
import { lzma2Window, readLzma2 } from './lzma2.ts';
import { UnsupportedCompression, type Wrapping } from './wrapping.ts';
import { createXzCheck } from './xz-check.ts';
import { fieldReader } from './xz-fields.ts';

const HEADER_MAGIC = Buffer.from('fd377a585a00', 'hex');
const LZMA2_FILTER = 0x21;
const INDEX = 0;
const BLOCK_FLAG = { filters: 0x03, reserved: 0x3c, compressedSize: 0x40, uncompressedSize: 0x80 } as const;

/**
 * The .xz File Format 1.2.1, with every check that it has: of headers, of each block (CRC-32, CRC-64, SHA-256), of the
 * index and of the stream. The packages of the npm registry that need no native build refuse SHA-256, and cannot tell
 * damaged data from those with an option that they do not know.
 */
export const xz: Wrapping = {
  name: 'xz',
  article: 'an',
  magic: HEADER_MAGIC.toString('hex'),
  endings: ['.xz'],
  open: (compressed) => readCompressed('xz', compressed, readStreams),
};

async function* readStreams(cursor: StreamCursor): AsyncGenerator<Uint8Array, void, undefined> {
  for (let streams = 0; streams === 0 || !(await cursor.atEnd()); streams += 1) {
    const start = Uint8Array.from(await cursor.take(4));
    // Stream padding: zero bytes, four at a time, behind a stream.
    if (streams > 0 && start.every((byte) => byte === 0)) continue;
    if (!HEADER_MAGIC.subarray(0, 4).equals(start)) throw streams === 0 ? noHeader() : trailingBytes('xz');
    if (!HEADER_MAGIC.subarray(4).equals(await cursor.take(2))) throw noHeader();
    yield* readStream(cursor);
  }
}

/** A stream after its magic number. */
async function* readStream(cursor: ByteCursor): AsyncGenerator<Uint8Array, void, undefined> {
  const fields = fieldReader(cursor);
  const flags = Buffer.from(await fields.take(2));
  await fields.checksum('the header of a stream');
  if (flags[0] !== 0 || (flags[1] ?? 0) > 15) throw new UnsupportedCompression('its xz data are of an unknown version');
  const blocks = blockList();
  for (;;) {
    const at = cursor.position();
    const headerSize = (await cursor.take(1))[0] ?? 0;
    if (headerSize === INDEX) break;
    const check = createXzCheck(flags[1] ?? 0);
    const header = await readBlockHeader(cursor, headerSize);
    const contentAt = cursor.position();
    let passed = 0;
    for await (const piece of readLzma2(cursor, header.window)) {
      check.update(piece);
      passed += piece.length;
      yield piece;
    }
    const compressed = cursor.position() - contentAt;
    if ((header.compressedSize ?? compressed) !== compressed || (header.uncompressedSize ?? passed) !== passed) {
      throw damaged('xz', 'the size of a block');
    }
    const padding = await cursor.take((4 - (compressed % 4)) % 4);
    if (padding.some((byte) => byte !== 0)) throw damaged('xz', 'padding');
    const stored = await cursor.take(check.size);
    if (!Buffer.from(check.digest()).equals(stored)) throw wrongChecksum('xz', 'a block');
    blocks.add(contentAt - at + compressed + check.size, passed);
  }
  const indexSize = await readIndex(cursor, blocks);
  await readFooter(cursor, flags, indexSize);
}

interface BlockHeader {
  readonly compressedSize: number | null;
  readonly uncompressedSize: number | null;
  readonly window: LzmaWindow;
}

/** @param sizeByte the first byte of the header, which was read already */
async function readBlockHeader(cursor: ByteCursor, sizeByte: number): Promise<BlockHeader> {
  const fields = fieldReader(prefixed(cursor, sizeByte));
  await fields.take(1);
  const flags = (await fields.take(1))[0] ?? 0;
  if ((flags & BLOCK_FLAG.reserved) !== 0) throw new UnsupportedCompression('its xz data have unknown block flags');
  const compressedSize = (flags & BLOCK_FLAG.compressedSize) === 0 ? null : await fields.number();
  const uncompressedSize = (flags & BLOCK_FLAG.uncompressedSize) === 0 ? null : await fields.number();
  const filter = await fields.number();
  const propertyBytes = await fields.number();
  const isLzma2Alone = (flags & BLOCK_FLAG.filters) === 0 && filter === LZMA2_FILTER && propertyBytes === 1;
  const property = isLzma2Alone ? ((await fields.take(1))[0] ?? 0) : 0;
  const left = (sizeByte + 1) * 4 - 4 - fields.length();
  if (left < 0) throw damaged('xz', 'the header of a block');
  const rest = await fields.take(left);
  await fields.checksum('the header of a block');
  if (!isLzma2Alone) throw new UnsupportedCompression('its xz data were made with other filters than LZMA2');
  if (rest.some((byte) => byte !== 0)) throw damaged('xz', 'padding');
  return { compressedSize, uncompressedSize, window: lzma2Window(property) };
}

/** The blocks of a stream as their index must list them; kept as a hash, for a stream may have any number. */
interface BlockList {
  count: number;
  add(unpaddedSize: number, uncompressedSize: number): void;
  digest(): string;
}

function blockList(): BlockList {
  const hash = createHash('sha256');
  const list: BlockList = {
    count: 0,
    add: (unpaddedSize, uncompressedSize) => {
      list.count += 1;
      hash.update(`${unpaddedSize} ${uncompressedSize} `);
    },
    digest: () => hash.digest('hex'),
  };
  return list;
}

/** The index after its first byte. Returns its size. */
async function readIndex(cursor: ByteCursor, blocks: BlockList): Promise<number> {
  const fields = fieldReader(prefixed(cursor, INDEX));
  await fields.take(1);
  const count = await fields.number();
  if (count !== blocks.count) throw damaged('xz', 'the index');
  const listed = blockList();
  while (listed.count < count) listed.add(await fields.number(), await fields.number());
  if (listed.digest() !== blocks.digest()) throw damaged('xz', 'the index');
  await fields.pad();
  await fields.checksum('the index');
  return fields.length() + 4;
}

async function readFooter(cursor: ByteCursor, flags: Buffer, indexSize: number): Promise<void> {
  const footer = Buffer.from(await cursor.take(12));
  if (footer.toString('latin1', 10) !== 'YZ') throw damaged('xz', 'the end of a stream');
  if (footer.readUInt32LE(0) !== crc32(footer.subarray(4, 10))) throw wrongChecksum('xz', 'the end of a stream');
  const sameFlags = footer.subarray(8, 10).equals(flags);
  if (!sameFlags || (footer.readUInt32LE(4) + 1) * 4 !== indexSize) throw damaged('xz', 'the end of a stream');
}

/** The same cursor with a byte, already read, before it. */
function prefixed(cursor: ByteCursor, byte: number): ByteCursor {
  let first = true;
  return {
    ...cursor,
    take: async (length) => {
      if (!first) return cursor.take(length);
      first = false;
      return Uint8Array.of(byte);
    },
  };
}

function noHeader(): Error {
  return damaged('xz', 'the header of a stream');
}
