import { createInflate, createInflateRaw } from 'node:zlib';
import { CompressedDamage } from './compressed-damage.ts';

// One deflate byte yields at most 1032 bytes, so a slice bounds what a hostile stream can make of it to some 64 MiB.
const SLICE = 64 * 1024;
/** Each buffer of output costs a round trip to another thread: what a slice usually becomes fits into one or two. */
const OUTPUT_BUFFER = 256 * 1024;

/** Decompresses one deflate stream and knows where it ends, which the platform's own gunzip does not tell. */
export interface Inflater {
  /**
   * Feeds compressed bytes. `used` is less than `bytes.length` exactly when the stream ended before the last of them.
   * @throws CompressedDamage when they are no deflate data, or the checksum of a zlib stream is wrong.
   */
  write(bytes: Uint8Array): Promise<{ readonly output: readonly Uint8Array[]; readonly used: number }>;
  /** @throws CompressedDamage when the stream has not reached its end. */
  finish(): Promise<readonly Uint8Array[]>;
  /** Frees the engine; needed where neither `finish` nor the stream's end was reached. */
  discard(): void;
}

/** `zlib` streams (RFC 1950) carry an Adler-32 that is checked here; `raw` ones (RFC 1951) carry nothing. */
export function createInflater(kind: 'zlib' | 'raw', outputBuffer = OUTPUT_BUFFER): Inflater {
  const engine = (kind === 'zlib' ? createInflate : createInflateRaw)({ chunkSize: outputBuffer });
  let produced: Uint8Array[] = [];
  let failure: Error | null = null;
  /** Ends the wait for a slice that the engine does not ask more after; nothing is kept for each slice. */
  let wake: (() => void) | null = null;
  let hasEnded = false;
  engine.on('data', (piece: Uint8Array) => produced.push(piece));
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      hasEnded = true;
      resolve();
      wake?.();
    };
    engine.once('end', end);
    engine.once('error', (error) => {
      failure = error;
      end();
    });
  });

  const damage = (): CompressedDamage | null =>
    failure === null
      ? null
      : new CompressedDamage('damaged', `its compressed data are damaged (${failure.message})`, { cause: failure });
  const takeOutput = (): readonly Uint8Array[] => {
    const output = produced;
    produced = [];
    return output;
  };

  const writeSlice = async (slice: Uint8Array): Promise<number> => {
    const before = engine.bytesWritten;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (hasEnded) resolve();
      else engine.write(slice, () => resolve());
    });
    const damaged = damage();
    if (damaged !== null) throw damaged;
    return engine.bytesWritten - before;
  };

  return {
    write: async (bytes) => {
      let used = 0;
      while (used < bytes.length) {
        const slice = bytes.subarray(used, used + SLICE);
        const taken = await writeSlice(slice);
        used += taken;
        if (taken < slice.length) {
          await ended;
          break;
        }
      }
      return { output: takeOutput(), used };
    },
    finish: async () => {
      engine.end();
      await ended;
      const damaged = damage();
      if (damaged !== null)
        throw new CompressedDamage('cut', 'its compressed data are cut off before their end', { cause: damaged });
      return takeOutput();
    },
    discard: () => {
      engine.destroy();
    },
  };
}
