import type { Estate } from './estate.ts';

/**
 * Which locations hold the same files under other names (hard links), by their names. Such files lie in one file system,
 * whatever is stated of the two.
 */
export function sharedFiles({
  dumps,
  physical,
}: Pick<Estate, 'dumps' | 'physical'>): ReadonlyMap<string, readonly string[]> {
  const seen = [
    ...dumps.map(({ location, linked }) => ({ name: location.name, linked })),
    ...physical.map(({ location }) => ({ name: location.name, linked: location.contents.linked })),
  ].filter(({ linked }) => linked !== undefined);
  const shared = new Map<string, string[]>();
  for (const { name, linked } of seen) {
    const others = seen.filter((other) => other.name !== name && meet(linked, other.linked)).map((other) => other.name);
    if (others.length > 0) shared.set(name, [...new Set([...(shared.get(name) ?? []), ...others])].sort());
  }
  return shared;
}

function meet(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  for (const file of one) if (other.has(file)) return true;
  return false;
}
