import type { ByteReader } from '../../trees/artifact-tree.ts';
import { CompressedDamage, type CompressedFault } from '../compressed-damage.ts';
import { gunzip } from '../gzip-stream.ts';

/** How the one gzip member of a file ended; `whole` when its trailer agrees and nothing follows. */
export type GzipEnd = CompressedFault | 'whole';

export interface GzipMember {
  /** The uncompressed bytes; iterate once and to the end. */
  readonly content: AsyncIterable<Uint8Array>;
  /** How it ended; meaningful once `content` is at its end. */
  readonly end: () => GzipEnd;
}

const MAGIC_LENGTH = 3;

/**
 * Opens a file of one gzip member (RFC 1952), or null where it does not begin like one. Damage ends `content` early and
 * is no error. @throws SourceError when bytes cannot be read, also while iterating
 */
export async function openGzipMember(reader: ByteReader): Promise<GzipMember | null> {
  const [first, second, method = 8] = await reader.read(0, MAGIC_LENGTH);
  if (first !== 0x1f || second !== 0x8b || method !== 8) return null;
  let end: GzipEnd = 'cut';

  async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* gunzip(reader.stream(), 'one');
      end = 'whole';
    } catch (error) {
      if (!(error instanceof CompressedDamage)) throw error;
      end = error.fault;
    }
  }

  return { content: content(), end: () => end };
}
