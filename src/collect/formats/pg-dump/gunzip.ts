import { CompressedDamage } from '../compressed-damage.ts';
import { gunzip as gunzipStream } from '../gzip-stream.ts';
import { DumpDamage } from './dump-reading.ts';

/** The content of a gzip file of any number of members. While iterating throws DumpDamage. */
export async function* gunzip(
  compressed: AsyncIterable<Uint8Array>,
  outputBuffer?: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* gunzipStream(compressed, 'any', outputBuffer);
  } catch (error) {
    throw asDumpDamage(error);
  }
}

/** Words damage of compressed data as damage of the dump; other errors stay as they are. */
export function asDumpDamage(error: unknown): unknown {
  return error instanceof CompressedDamage ? new DumpDamage(error.message, { cause: error }) : error;
}
