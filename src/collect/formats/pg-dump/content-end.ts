import { createInflater } from '../inflater.ts';
import { type DumpCompression, DumpDamage } from './dump-reading.ts';
import { walkLz4, walkZstd } from './frame-walk.ts';
import { asDumpDamage } from './gunzip.ts';

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

/** The check for one block of a custom archive: zlib streams are inflated, lz4 and zstd frames followed by their sizes. */
export function blockContentEnd(compression: DumpCompression): ContentEnd {
  switch (compression) {
    case 'gzip':
      return zlibEnd();
    case 'lz4':
      return { ...walkLz4(), settle: () => undefined, discard: () => undefined };
    case 'zstd':
      return { ...walkZstd(), settle: () => undefined, discard: () => undefined };
    default:
      return NOTHING_TO_CHECK;
  }
}

/**
 * One zlib stream in chunks of 4 KiB: batched, because every call of the decompressor costs a thread's round trip. While
 * that thread works on one batch the next is gathered, so damage may be thrown a batch later, or by `settle`.
 */
function zlibEnd(): ContentEnd {
  const inflater = createInflater('zlib');
  let batch: Uint8Array[] = [];
  let size = 0;
  let pending: Promise<void> = Promise.resolve();
  const inflate = async (bytes: Uint8Array): Promise<void> => {
    const { used } = await worded(inflater.write(bytes));
    if (used < bytes.length) throw new DumpDamage('its compressed data go on after their end');
  };
  const flush = async (): Promise<void> => {
    await pending;
    const bytes = Buffer.concat(batch, size);
    batch = [];
    size = 0;
    pending = inflate(bytes);
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
      await worded(inflater.finish());
    },
    discard: () => inflater.discard(),
  };
}

async function worded<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw asDumpDamage(error);
  }
}
