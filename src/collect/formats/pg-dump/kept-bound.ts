import { ReadingLimit } from './dump-reading.ts';

/** Tables, rows of tables, large objects and databases of one dump; PostgreSQL itself is slow long before so many. */
const MOST_ENTRIES = 1_000_000;
/** UTF-16 code units of their names: so many entries with names of the usual length. */
const MOST_TEXT = 64 * 1024 * 1024;

/** Counts what is kept of one dump. */
export interface KeptBound {
  /** One entry more, with its names. @throws ReadingLimit where that is more than is kept */
  keep(...names: readonly string[]): void;
}

/** A few megabytes can be unpacked to more names than any memory holds: what is kept of one dump has an end. */
export function createKeptBound(): KeptBound {
  return new Bound();
}

class Bound implements KeptBound {
  private entries = 0;
  private text = 0;

  keep(...names: readonly string[]): void {
    this.entries += 1;
    for (const name of names) this.text += name.length;
    if (this.entries > MOST_ENTRIES || this.text > MOST_TEXT) {
      throw new ReadingLimit(
        `it lists more than is kept of one dump, which is ${MOST_ENTRIES} tables, data parts and large objects`,
      );
    }
  }
}
