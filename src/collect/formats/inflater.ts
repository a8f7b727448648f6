import { createInflate, createInflateRaw } from 'node:zlib';
import { CompressedDamage } from './compressed-damage.ts';

// One deflate byte yields at most 1032 bytes, so a slice bounds what a hostile stream can make of it to some 16 MiB.
const SLICE = 16 * 1024;

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
export function createInflater(kind: 'zlib' | 'raw'): Inflater {
  const engine = kind === 'zlib' ? createInflate() : createInflateRaw();
  let produced: Uint8Array[] = [];
  let failure: Error | null = null;
  engine.on('data', (piece: Uint8Array) => produced.push(piece));
  const ended = new Promise<void>((resolve) => {
    engine.once('end', resolve);
    engine.once('error', (error) => {
      failure = error;
      resolve();
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
    await Promise.race([
      new Promise<void>((resolve) => {
        engine.write(slice, () => resolve());
      }),
      ended,
    ]);
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
