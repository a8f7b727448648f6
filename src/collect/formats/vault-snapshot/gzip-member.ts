import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import type { ByteReader } from '../../trees/artifact-tree.ts';

/** How the one gzip member of a file ended. */
export type GzipEnd =
  /** Trailer present, length and CRC-32 agree, nothing follows. */
  | 'whole'
  /** The compressed data stop before their end. */
  | 'cut'
  /** The compressed data are no valid deflate stream. */
  | 'damaged'
  /** The data end but the trailer is missing or cut. */
  | 'no-trailer'
  /** Length or CRC-32 in the trailer differ from the data. */
  | 'wrong-checksum'
  /** Bytes follow the trailer. */
  | 'trailing-bytes';

export interface GzipMember {
  /** The uncompressed bytes; iterate once and to the end. */
  readonly content: AsyncIterable<Uint8Array>;
  /** How it ended; meaningful once `content` is at its end. */
  readonly end: () => GzipEnd;
}

const TRAILER_BYTES = 8;
const MAX_HEADER_BYTES = 64 * 1024;
const FLAG_HEADER_CRC = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;

/**
 * Opens a file of one gzip member (RFC 1952), or null where it does not begin like one. Unlike the gunzip of zlib it
 * tells how the member ended; damage ends `content` early and is no error.
 * @throws SourceError when bytes cannot be read, also while iterating
 */
export async function openGzipMember(reader: ByteReader): Promise<GzipMember | null> {
  const headerBytes = gzipHeaderLength(await reader.read(0, MAX_HEADER_BYTES));
  if (headerBytes === null) return null;
  let end: GzipEnd = 'cut';

  async function* content(start: number): AsyncGenerator<Uint8Array> {
    const inflate = createInflateRaw({ chunkSize: 64 * 1024 });
    const source = Readable.from(reader.stream(start), { objectMode: false });
    // Errors reach the loop below; after its end the stream may still complain of bytes that follow the data.
    inflate.on('error', () => undefined);
    source.on('error', (error) => inflate.destroy(error));
    source.pipe(inflate);
    let checksum = 0;
    let length = 0;
    try {
      for await (const chunk of inflate) {
        if (!(chunk instanceof Uint8Array)) continue;
        checksum = crc32(chunk, checksum);
        length += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (!isZlibError(error)) throw error;
      end = error.code === 'Z_BUF_ERROR' ? 'cut' : 'damaged';
      return;
    } finally {
      source.destroy();
    }
    end = await judgeTrailer(reader, start + inflate.bytesWritten, checksum, length);
  }

  return { content: content(headerBytes), end: () => end };
}

const RESERVED_FLAGS = 0xe0;

/** Bytes of the header, the whole of `begin` where the header is cut or damaged, or null where it is none (RFC 1952 section 2.3). */
function gzipHeaderLength(begin: Uint8Array): number | null {
  if (begin[0] !== 0x1f || begin[1] !== 0x8b || (begin.length > 2 && begin[2] !== 8)) return null;
  const flags = begin[3] ?? 0;
  // Reserved bits must be zero; a reader that meets one cannot know what follows.
  if ((flags & RESERVED_FLAGS) !== 0) return begin.length;
  let offset = 10;
  if ((flags & FLAG_EXTRA) !== 0) offset += 2 + (begin[offset] ?? 0) + (begin[offset + 1] ?? 0) * 256;
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    if ((flags & flag) === 0) continue;
    const zero = begin.indexOf(0, offset);
    if (zero < 0) return begin.length;
    offset = zero + 1;
  }
  if ((flags & FLAG_HEADER_CRC) !== 0) offset += 2;
  return Math.min(offset, begin.length);
}

async function judgeTrailer(reader: ByteReader, offset: number, checksum: number, length: number): Promise<GzipEnd> {
  const trailer = Buffer.from(await reader.read(offset, TRAILER_BYTES));
  if (trailer.length < TRAILER_BYTES) return 'no-trailer';
  if (trailer.readUInt32LE(0) !== checksum || trailer.readUInt32LE(4) !== length % 2 ** 32) return 'wrong-checksum';
  return reader.bytes > offset + TRAILER_BYTES ? 'trailing-bytes' : 'whole';
}

function isZlibError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}
