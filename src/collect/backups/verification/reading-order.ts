import type { Instant } from '../../../model/instant.ts';

/** One copy that shall be read to its end, as far as its turn depends on it. */
export interface Turn {
  /** False where nothing but a full reading can tell whether it is whole. */
  readonly isDecided: boolean;
  /** When a copy of this database in this location was last read to its end; null where none ever was. */
  readonly lastReadAt: Instant | null;
}

/**
 * The order in which copies are read while the budget lasts: what only a reading can decide first, and of these what was
 * read longest ago. Among equals the given order stays.
 */
export function inReadingOrder<T extends Turn>(turns: readonly T[]): readonly T[] {
  return [...turns].sort(
    (a, b) => Number(a.isDecided) - Number(b.isDecided) || (a.lastReadAt ?? '').localeCompare(b.lastReadAt ?? ''),
  );
}
