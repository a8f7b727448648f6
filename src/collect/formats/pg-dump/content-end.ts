import { createInflater } from '../inflater.ts';
import { type DumpCompression, DumpDamage } from './dump-reading.ts';
import { walkLz4, walkZstd } from './frame-walk.ts';
import { asDumpDamage } from './gunzip.ts';

const BATCH = 64 * 1024;

/** Judges whether the data of one entry, given in pieces, end where they must. */
export interface ContentEnd {
  /** @throws DumpDamage when the data are damaged. */
  write(piece: Uint8Array): void | Promise<void>;
  /** @throws DumpDamage when the data end too early or too late. */
  finish(): void | Promise<void>;
  /** Frees what an unfinished check holds. */
  discard(): void;
}

/** The check for one block of a custom archive: zlib streams are inflated, lz4 and zstd frames followed by their sizes. */
export function blockContentEnd(compression: DumpCompression): ContentEnd {
  switch (compression) {
    case 'gzip':
      return zlibEnd();
    case 'lz4':
      return { ...walkLz4(), discard: () => undefined };
    case 'zstd':
      return { ...walkZstd(), discard: () => undefined };
    default:
      return { write: () => undefined, finish: () => undefined, discard: () => undefined };
  }
}

/** One zlib stream in chunks of 4 KiB: batched, because every call of the decompressor costs a thread's round trip. */
function zlibEnd(): ContentEnd {
  const inflater = createInflater('zlib');
  let batch: Uint8Array[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(batch, size);
    batch = [];
    size = 0;
    const { used } = await worded(inflater.write(bytes));
    if (used < bytes.length) throw new DumpDamage('its compressed data go on after their end');
  };
  return {
    write: (piece) => {
      batch.push(Buffer.from(piece));
      size += piece.length;
      return size < BATCH ? undefined : flush();
    },
    finish: async () => {
      if (size > 0) await flush();
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
