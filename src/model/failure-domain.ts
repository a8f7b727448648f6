import type { Facts } from './facts.ts';

type DomainFact = Facts['failure-domain'];

/** Where something is stated to stand, and the host on which it was observed instead. */
export interface DomainContradiction {
  readonly stated: string;
  readonly observedHost: string;
}

/**
 * What was observed against what is stated: a disk of one host where another is named, or where an account or region
 * alone is, which no host belongs to. Null where nothing contradicts, or the statement says how the storage is attached.
 */
export function contradictionOf(facts: readonly DomainFact[]): DomainContradiction | null {
  if (facts.some((fact) => isSettled(fact))) return null;
  const observedHost = facts.find((fact) => fact.origin === 'observed' && fact.host !== null)?.host ?? null;
  const stated = facts.filter((fact) => fact.origin === 'stated');
  if (observedHost === null) return null;
  const host = stated.find((fact) => fact.host !== null)?.host ?? null;
  if (host !== null) {
    return compareNames('host', host, observedHost) === 'different' ? { stated: `host ${host}`, observedHost } : null;
  }
  const place = (['account', 'region'] as const).flatMap((level) =>
    stated.flatMap((fact) => (fact[level] === null ? [] : [`${level} ${fact[level]}`])),
  );
  return place.length === 0 ? null : { stated: place.join(', '), observedHost };
}

/** Whether a statement says how storage that looks like a disk of the host is attached to it. */
function isSettled({ origin, attachedAs }: DomainFact): boolean {
  return origin === 'stated' && attachedAs !== undefined && attachedAs !== null;
}

/**
 * Compares two names of one level. Host names have no case (RFC 4343), and a short name may be that of a host which is
 * called by its full name elsewhere.
 */
export function compareNames(
  level: 'host' | 'site' | 'account' | 'region',
  one: string,
  other: string,
): 'same' | 'different' | 'unclear' {
  const [a, b] = [plainName(one), plainName(other)];
  if (a === b) return 'same';
  return level === 'host' && (a.startsWith(`${b}.`) || b.startsWith(`${a}.`)) ? 'unclear' : 'different';
}

function plainName(name: string): string {
  return name.trim().toLowerCase().replace(/\.$/, '');
}
