import type { Facts } from '../../../../model/facts.ts';
import type { Instant } from '../../../../model/instant.ts';
import { unmatchedList } from '../unmatched-list.ts';

/** What is there and is no copy of a database that is known, in bounded memory. */
export interface UnmatchedServices {
  /** @param group what the rest is summed up by, e.g. the name of a vault */
  add(path: string, bytes: number, at: Instant | null, what: string, group: string): void;
  facts(): readonly Facts['unmatched-artifact'][];
}

export function unmatchedServices(): UnmatchedServices {
  const list = unmatchedList();
  return {
    add: (path, bytes, at, what, group) => list.add({ path, bytes, modifiedAt: at ?? UNDATED }, what, group),
    facts: () => list.facts(),
  };
}

/** An artifact has a time; what AWS gives none for is not finished. */
const UNDATED: Instant = '1970-01-01T00:00:00.000Z';
