import type { Facts } from '../model/facts.ts';
import type { PartBuilder } from './estate.ts';
import type { CountedPrefix } from './organizations/artifact-counts.ts';

/**
 * Prefixes inside a store below which its bucket's rules delete current objects: whether the database lists files there
 * decides what such a rule means.
 */
export function deletedPrefixes(
  part: Pick<PartBuilder, 'evidence'>,
  binding: Facts['storage-binding'],
): readonly CountedPrefix[] {
  const rules = part.evidence.flatMap((record) =>
    record.kind === 'store-lifecycle' && record.subject.key === binding.bindingId ? record.items : [],
  );
  const prefix = binding.prefix ?? '';
  const own = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const inside = rules
    .filter((rule) => rule.enabled && (rule.expiresAfterDays !== null || rule.expiresOn !== null))
    .map((rule) => rule.prefix)
    .filter((one) => one.length > own.length && one.startsWith(own));
  return [...new Set(inside)].map((one) => ({
    prefix: one,
    beginnings: [...new Set([one, one.slice(own.length)])],
  }));
}
