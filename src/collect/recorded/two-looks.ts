import type { Instant } from '../../model/instant.ts';

/** What a host saw of one thing, once. */
interface Look {
  readonly host: string;
  readonly collectedAt: Instant;
}

/** Names of hosts are compared without their domains. */
export function isSameHost(one: string, other: string): boolean {
  return shortName(one) === shortName(other);
}

function shortName(host: string): string {
  return host.toLowerCase().split('.', 1)[0] ?? host;
}

/** The later of two looks first; of one time the one that failed. */
export function laterFirst<T extends Look>(one: T, other: T, failed: (look: T) => boolean): readonly [T, T] {
  const isLater =
    one.collectedAt === other.collectedAt ? failed(one) || !failed(other) : one.collectedAt > other.collectedAt;
  return isLater ? [one, other] : [other, one];
}

/**
 * The look of the host that alone is said to reach a thing, where another one could not see it, however late: that tells
 * nothing of the thing. Null where both tell something.
 */
export function standsAlone<T extends Look>(
  one: T,
  other: T,
  failed: (look: T) => boolean,
  reachedFrom: string | undefined,
): T | null {
  if (reachedFrom === undefined || isSameHost(one.host, other.host)) return null;
  if (failed(other) && isSameHost(one.host, reachedFrom)) return one;
  return failed(one) && isSameHost(other.host, reachedFrom) ? other : null;
}
