import type { Facts } from './facts.ts';
import { DAY, MINUTE, toMillis } from './instant.ts';

/** Tolerance of clocks, as the catalogue of controls sets it. */
const CLOCKS = 5 * MINUTE;

/**
 * A copy as it counts at an instant: one whose last full reading is too old, or dated in the future, is what its
 * structure proves, as rot changes no date. The same object where nothing changes.
 *
 * @param now milliseconds since 1970
 * @param days how long a full reading counts
 */
export function copyAt(copy: Facts['copy'], now: number, days: number): Facts['copy'] {
  const { restsOnReadingAt, ...rest } = copy;
  const { byStructure, checksumCompared } = copy;
  const readAt = copy.verifiedAt ?? restsOnReadingAt ?? null;
  if (readAt === null || byStructure === undefined) return copy;
  const age = now - toMillis(readAt);
  if (age <= days * DAY && age >= -CLOCKS) return copy;
  const when = age < 0 ? 'which lies in the future' : `more than ${days} days ago`;
  return {
    ...rest,
    integrity: byStructure.integrity,
    integrityBecause: `it was last read in full on ${readAt.slice(0, 10)}, ${when}; ${byStructure.because}`,
    readToEnd: false,
    verifiedAt: null,
    ...(checksumCompared === undefined ? {} : { checksumCompared: false }),
  };
}
