import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { CompressedDamage } from './compressed-damage.ts';
import { FormatDamage } from './format-damage.ts';
import { gunzip } from './gzip-stream.ts';
import { DumpDamage } from './pg-dump/dump-reading.ts';
import { type FrameWalk, walkLz4, walkZstd } from './pg-dump/frame-walk.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'lz4';

/** By the ending that PostgreSQL's tools and the compressors themselves give a file. */
export function compressionOf(name: string): Compression {
  if (/\.t?gz$/.test(name)) return 'gzip';
  if (name.endsWith('.zst')) return 'zstd';
  return name.endsWith('.lz4') ? 'lz4' : 'none';
}

/**
 * The content of a compressed file, read to its end and checked by the rules of the compression, or null where this
 * program cannot decompress it: lz4, and zstd on a Node.js before 22.15. While iterating throws FormatDamage.
 */
export function decompressed(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> | null {
  if (compression === 'none') return chunks;
  if (compression === 'gzip') return speakingOfDamage(gunzip(chunks));
  if (compression === 'zstd' && 'createZstdDecompress' in zlib) return speakingOfDamage(unzstd(chunks));
  return null;
}

/**
 * Follows compressed frames to their end without decompressing them.
 * @throws FormatDamage when they are damaged or cut off
 */
export async function walkFrames(compression: 'zstd' | 'lz4', chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const walk = compression === 'zstd' ? walkZstd() : walkLz4();
  for await (const _ of speakingOfDamage(followed(chunks, walk))) {
    // Following the frames is all that is done with the bytes.
  }
}

/** The same bytes, while the walk sees whether the last frame ends: the engine itself takes a cut for an end. */
async function* followed(chunks: AsyncIterable<Uint8Array>, walk: FrameWalk): AsyncGenerator<Uint8Array, void> {
  for await (const bytes of chunks) {
    walk.write(bytes);
    yield bytes;
  }
  walk.finish();
}

async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const engine = zlib.createZstdDecompress();
  const source = Readable.from(followed(chunks, walkZstd()), { objectMode: false });
  // Errors reach the loop below.
  engine.on('error', () => undefined);
  source.on('error', (error) => engine.destroy(error));
  source.pipe(engine);
  try {
    for await (const bytes of engine) if (bytes instanceof Uint8Array) yield bytes;
  } finally {
    source.destroy();
    engine.destroy();
  }
}

async function* speakingOfDamage(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* bytes;
  } catch (error) {
    if (error instanceof DumpDamage || error instanceof CompressedDamage)
      throw new FormatDamage(error.message, { cause: error });
    if (error instanceof Error && 'code' in error && /^(ZSTD_|Z_)/.test(String(error.code))) {
      throw new FormatDamage(`its compressed data are damaged (${error.message})`, { cause: error });
    }
    throw error;
  }
}
