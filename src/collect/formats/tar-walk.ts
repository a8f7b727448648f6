import type { ByteReader } from '../trees/artifact-tree.ts';
import { type ByteCursor, InputEnds, streamCursor } from './byte-cursor.ts';
import { FormatDamage } from './format-damage.ts';
import { DumpDamage } from './pg-dump/dump-reading.ts';
import { seekingCursor, unlimitedBudget } from './pg-dump/seeking-cursor.ts';
import { readTarEnd, readTarHeader, resized, type TarMember } from './pg-dump/tar-member.ts';

export type { TarMember } from './pg-dump/tar-member.ts';

/** The content of the member at hand. What is not asked for is passed over. */
export interface TarContent {
  /** The next bytes, fewer than `length` only where the member ends. The caller bounds `length`. */
  take(length: number): Promise<Uint8Array>;
  /** All that is left, in pieces. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** Where a tar archive comes from: a file that can be read at any place, or bytes that only come in order. */
export type TarSource = { readonly reader: ByteReader } | { readonly chunks: AsyncIterable<Uint8Array> };

/**
 * Walks a tar archive member by member. From a reader, only headers and what `visit` asks for are fetched.
 *
 * @param visit told of each member in order; `stop` ends the walk there, and nothing is known of the rest
 * @param statedSize asked before each member: the size that another header stated for it, null where none did
 * @throws FormatDamage when a header is damaged, the archive is cut off, or something follows its end
 * @throws SourceError when bytes cannot be read
 */
export async function walkTar(
  source: TarSource,
  visit: (member: TarMember, content: TarContent) => Promise<'stop' | undefined>,
  statedSize: (member: TarMember) => number | null = () => null,
): Promise<void> {
  const iterator = 'chunks' in source ? source.chunks[Symbol.asyncIterator]() : null;
  const cursor =
    'reader' in source
      ? seekingCursor(source.reader, 0, unlimitedBudget())
      : streamCursor({ [Symbol.asyncIterator]: () => iterator ?? source.chunks[Symbol.asyncIterator]() });
  try {
    for (let header = await readTarHeader(cursor); header !== null; header = await readTarHeader(cursor)) {
      const member = resized(header, statedSize(header));
      if ((await visit(member, contentOf(cursor, member))) === 'stop') return;
      await cursor.skip(member.end - cursor.position());
      await cursor.skip(member.padding);
    }
    await readTarEnd(cursor);
  } catch (error) {
    if (error instanceof InputEnds) throw new FormatDamage('its tar archive is cut off', { cause: error });
    if (error instanceof DumpDamage)
      throw new FormatDamage(`its tar archive is damaged: ${error.message}`, { cause: error });
    throw error;
  } finally {
    // A decompressor behind it is to be freed also where the walk stops early.
    await iterator?.return?.(undefined);
  }
}

const PIECE = 1024 * 1024;

function contentOf(cursor: ByteCursor, { end }: TarMember): TarContent {
  const left = (): number => end - cursor.position();
  return {
    take: (length) => cursor.take(Math.min(length, left())),
    async *pieces() {
      while (left() > 0) yield await cursor.take(Math.min(PIECE, left()));
    },
  };
}
