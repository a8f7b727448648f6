import { CompressedDamage } from './compressed-damage.ts';
import { walkZstd } from './compression/frame-walk.ts';
import type { WrappingName } from './compression/wrapping.ts';
import { WRAPPINGS } from './compression/wrappings.ts';
import { hasZstd } from './compression/zstd.ts';
import { FormatDamage } from './format-damage.ts';

export type Compression = 'none' | WrappingName;

/** By the ending that PostgreSQL's tools and the compressors themselves give a file. */
export function compressionOf(name: string): Compression {
  return WRAPPINGS.find(({ endings }) => endings.some((ending) => name.endsWith(ending)))?.name ?? 'none';
}

/**
 * The content of a compressed file, read to its end and checked by the rules of the compression, or null where this
 * Node.js cannot decompress it: zstd before 22.15. While iterating throws FormatDamage, or UnsupportedCompression.
 */
export function decompressed(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> | null {
  if (compression === 'zstd' && !hasZstd()) return null;
  const wrapping = WRAPPINGS.find(({ name }) => name === compression);
  return wrapping === undefined ? chunks : speakingOfDamage(wrapping.open(chunks));
}

/**
 * Follows zstd frames to their end without decompressing them.
 * @throws FormatDamage when they are damaged or cut off
 */
export async function walkZstdFrames(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const walk = walkZstd();
  const followed = async function* (): AsyncGenerator<Uint8Array, void> {
    for await (const bytes of chunks) {
      walk.write(bytes);
      yield bytes;
    }
    walk.finish();
  };
  for await (const _ of speakingOfDamage(followed())) {
    // Following the frames is all that is done with the bytes.
  }
}

async function* speakingOfDamage(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* bytes;
  } catch (error) {
    if (error instanceof CompressedDamage) throw new FormatDamage(error.message, { cause: error });
    throw error;
  }
}
