import type { CompressedDamage } from '../compressed-damage.ts';

/** What a file may be compressed with as a whole. */
export type WrappingName = 'gzip' | 'zstd' | 'lz4' | 'bzip2' | 'xz';

/** One compression. A further one is one file with such an entry and its line in the registry. */
export interface Wrapping {
  readonly name: WrappingName;
  /** As it stands before "file": `a gzip`. */
  readonly article: 'a' | 'an';
  /** First bytes that tell it, in hexadecimal. */
  readonly magic: string;
  /** Endings that its own tools give a file, with their dots. */
  readonly endings: readonly string[];
  /**
   * The content, checked by every rule of the format: its own checksums, its end, any number of members or streams one
   * after the other, and nothing behind the last. Memory is bounded, whatever the data claim: output comes in pieces of
   * 4 MiB at most and none is kept but the window that the format itself calls for.
   *
   * While iterating throws {@link CompressedDamage}, or UnsupportedCompression where the data may be whole and this
   * program cannot open them. Closes `compressed` in the end.
   */
  readonly open: (compressed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

/** Compressed data that may be whole, and that this program cannot open. Never leaves the readers of formats. */
export class UnsupportedCompression extends Error {
  /** @param because a plain sentence part, e.g. `its zstd data can only be read with Node.js 22.15 or later` */
  constructor(because: string, options?: ErrorOptions) {
    super(because, options);
    this.name = 'UnsupportedCompression';
  }
}
