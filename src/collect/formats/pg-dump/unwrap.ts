import { throwIfInterrupted } from '../../guard/interruption.ts';
import { CompressedDamage } from '../compressed-damage.ts';
import type { Wrapping } from '../compression/wrapping.ts';
import { DumpDamage } from './dump-reading.ts';

const BYTES_A_TURN = 8 * 1024 * 1024;

/**
 * The content of a compressed file. A few bytes can hold any amount, so that the signal is looked at for what comes
 * out as well, and others get their turn. While iterating throws DumpDamage, UnsupportedCompression, and SourceError
 * when the signal fires.
 */
export async function* unwrap(
  { open }: Pick<Wrapping, 'open'>,
  compressed: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  try {
    for await (const piece of open(compressed)) {
      throwIfInterrupted(signal, 'a dump');
      yield piece;
      bytes += piece.length;
      if (bytes < BYTES_A_TURN) continue;
      bytes = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  } catch (error) {
    throw asDumpDamage(error);
  }
}

/** Words damage of compressed data as damage of the dump; other errors stay as they are. */
export function asDumpDamage(error: unknown): unknown {
  return error instanceof CompressedDamage ? new DumpDamage(error.message, { cause: error }) : error;
}
