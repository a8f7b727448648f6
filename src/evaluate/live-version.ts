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
  /** Of a key whose imported material is gone: how that is, as a clause. Absent elsewhere. */
  readonly lacksMaterial?: string;
  /** Of a blocked one: nobody saw that what would bring it back is there. */
  readonly isUnseen?: true;
  /** Of an unknown: a sample that the version unwraps shows that it is usable. */
  readonly awaitsProof?: true;
  /** The version is none that there can be, so nothing tells which is meant: it is unknown, or lost with the whole key. */
  readonly tellsNone?: true;
}

/** That a key is of a type that cannot decrypt, as a clause about it. Such a key never could, and a key never changes its type. */
export function noDecryptionText(keyType: string | null | undefined): string {
  if (keyType == null) return 'is of a type that cannot decrypt';
  return `is of type ${keyType}, which cannot decrypt, so another key wrapped what is recorded as wrapped by it`;
}

export function live(state: LiveVersion['state'], because: string, until: Instant | null = null): LiveVersion {
  return { state, because, until };
}
