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
 * The look that answered, of two hosts of which the other could not see the thing, however late that one looked: it tells
 * of that host, and not of the thing. Unless that other host is said to be the one that reaches it. Null where both looks
 * tell something, as two of one host do.
 *
 * @param reachedFrom host that alone is said to reach it
 */
export function standsAlone<T extends Look>(
  one: T,
  other: T,
  failed: (look: T) => boolean,
  reachedFrom: string | undefined,
): T | null {
  if (isSameHost(one.host, other.host) || failed(one) === failed(other)) return null;
  const [answered, blind] = failed(one) ? [other, one] : [one, other];
  return reachedFrom !== undefined && isSameHost(blind.host, reachedFrom) ? null : answered;
}
