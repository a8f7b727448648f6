import { InputEnds, type StreamCursor, streamCursor } from '../byte-cursor.ts';
import { CompressedDamage } from '../compressed-damage.ts';
import type { WrappingName } from './wrapping.ts';

/**
 * Reads compressed data with a cursor: words their end as damage and closes them in the end.
 *
 * @param read what a decompressor makes of them; it may throw InputEnds wherever they stop
 */
export async function* readCompressed(
  name: WrappingName,
  compressed: AsyncIterable<Uint8Array>,
  read: (cursor: StreamCursor) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const cursor = streamCursor(compressed);
  try {
    yield* read(cursor);
  } catch (error) {
    if (!(error instanceof InputEnds)) throw error;
    throw new CompressedDamage('cut', `its ${name} data are cut off before their end`, { cause: error });
  } finally {
    await cursor.close();
  }
}

export function damaged(name: WrappingName, part: string): CompressedDamage {
  return new CompressedDamage('damaged', `its ${name} data are damaged (${part})`);
}

export function wrongChecksum(name: WrappingName, of: string): CompressedDamage {
  return new CompressedDamage('wrong-checksum', `the checksum of ${of} in its ${name} data does not match the content`);
}

export function trailingBytes(name: WrappingName): CompressedDamage {
  return new CompressedDamage('trailing-bytes', `bytes that are no ${name} data follow the end of its ${name} data`);
}
