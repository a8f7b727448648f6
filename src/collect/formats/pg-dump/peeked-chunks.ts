import { UnsupportedCompression } from '../compression/wrapping.ts';
import { DumpDamage } from './dump-reading.ts';

/** The first bytes of a stream, and the whole stream again, those included. */
export interface PeekedChunks {
  /** Fewer than asked for only where the stream ends, or fails, before. */
  readonly head: Uint8Array;
  /** What was met while peeking is thrown here, in its place. */
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly failure: DumpDamage | UnsupportedCompression | null;
}

/** Looks at the first `length` bytes. Throws only what is neither DumpDamage nor UnsupportedCompression. Leaving `chunks` early does not close the source. */
export async function peek(source: AsyncIterable<Uint8Array>, length: number): Promise<PeekedChunks> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let size = 0;
  let failure: DumpDamage | UnsupportedCompression | null = null;
  while (size < length && failure === null) {
    try {
      const next = await iterator.next();
      if (next.done === true) break;
      first.push(next.value);
      size += next.value.length;
    } catch (error) {
      if (!(error instanceof DumpDamage || error instanceof UnsupportedCompression)) throw error;
      failure = error;
    }
  }
  const chunks = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    yield* first;
    if (failure !== null) throw failure;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  return { head: Buffer.concat(first).subarray(0, length), chunks: chunks(), failure };
}
