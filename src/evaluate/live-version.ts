import type { Instant } from '../model/instant.ts';

/** What the live key can do with a version. Blocked is reversible, lost is not. */
export interface LiveVersion {
  readonly state: 'usable' | 'blocked' | 'lost' | 'unknown';
  /** A clause about the key or the version: `is disabled; enabling it brings it back`. */
  readonly because: string;
  /** Until when a blocked one can be brought back; null: no such date. */
  readonly until: Instant | null;
  /** Of an unknown: whether it is usable or blocked, and never lost, whichever version is meant. */
  readonly neverLost?: boolean;
}

export function live(state: LiveVersion['state'], because: string, until: Instant | null = null): LiveVersion {
  return { state, because, until };
}
