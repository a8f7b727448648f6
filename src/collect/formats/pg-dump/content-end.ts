import { lz4 } from '../compression/lz4.ts';
import type { Wrapping } from '../compression/wrapping.ts';
import { zstd } from '../compression/zstd.ts';
import { createInflater } from '../inflater.ts';
import { type DumpCompression, DumpDamage } from './dump-reading.ts';
import { asDumpDamage } from './unwrap.ts';

const BATCH = 64 * 1024;

/** Judges whether the data of one entry, given in pieces, end where they must. */
export interface ContentEnd {
  /** `piece` must stay as it is. @throws DumpDamage when the data, or those written before, are damaged. */
  write(piece: Uint8Array): void | Promise<void>;
  /** Waits for what is still being looked at. @throws DumpDamage when it is damaged. */
  settle(): void | Promise<void>;
  /** @throws DumpDamage when the data end too early or too late. */
  finish(): void | Promise<void>;
  /** Frees what an unfinished check holds. */
  discard(): void;
}

const NOTHING_TO_CHECK: ContentEnd = {
  write: () => undefined,
  settle: () => undefined,
  finish: () => undefined,
  discard: () => undefined,
};

/** The check for one block of a custom archive: zlib streams, lz4 and zstd frames are decompressed. */
export function blockContentEnd(compression: DumpCompression): ContentEnd {
  switch (compression) {
    case 'gzip':
      return batched(zlibEnd());
    case 'lz4':
      return batched(framesEnd(lz4));
    case 'zstd':
      return batched(framesEnd(zstd));
    default:
      return NOTHING_TO_CHECK;
  }
}

/** A check that is given large pieces, each when the one before is done. */
interface Decompression {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly finish: () => Promise<void>;
  readonly discard: () => void;
}

/** One zlib stream. */
function zlibEnd(): Decompression {
  const inflater = createInflater('zlib');
  return {
    write: async (bytes) => {
      const { used } = await worded(inflater.write(bytes));
      if (used < bytes.length) throw new DumpDamage('its compressed data go on after their end');
    },
    finish: async () => {
      await worded(inflater.finish());
    },
    discard: () => inflater.discard(),
  };
}

/** Frames, handed to a reader that takes them at its own pace. */
function framesEnd({ open }: Wrapping): Decompression {
  let give: ((piece: Uint8Array | null) => void) | null = null;
  let wanted = Promise.withResolvers<void>();
  const pieces = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const given = new Promise<Uint8Array | null>((resolve) => {
        give = resolve;
      });
      wanted.resolve();
      const piece = await given;
      if (piece === null) return;
      yield piece;
    }
  };
  const reading = worded(passOver(open(pieces())));
  // A failure is met by whoever waits next.
  reading.catch(() => undefined);

  const hand = async (piece: Uint8Array | null): Promise<void> => {
    await Promise.race([wanted.promise, reading]);
    wanted = Promise.withResolvers<void>();
    give?.(piece);
    give = null;
  };
  return {
    write: hand,
    finish: async () => {
      await hand(null);
      await reading;
    },
    discard: () => give?.(null),
  };
}

async function passOver(content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of content) void piece;
}

/**
 * The chunks of an archive have 4 KiB and less: batched, because every call of a decompressor costs a thread's round trip.
 * While one batch is decompressed the next is gathered, so damage may be thrown a batch later, or by `settle`.
 */
function batched(end: Decompression): ContentEnd {
  let batch: Uint8Array[] = [];
  let size = 0;
  let pending: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await pending;
    const bytes = Buffer.concat(batch, size);
    batch = [];
    size = 0;
    pending = end.write(bytes);
    // It is thrown when its turn comes; until then it is not unhandled.
    pending.catch(() => undefined);
  };
  return {
    write: (piece) => {
      batch.push(piece);
      size += piece.length;
      return size < BATCH ? undefined : flush();
    },
    settle: () => pending,
    finish: async () => {
      if (size > 0) await flush();
      await pending;
      await end.finish();
    },
    discard: end.discard,
  };
}

async function worded<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw asDumpDamage(error);
  }
}
