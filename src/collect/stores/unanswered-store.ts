import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection } from '../estate.ts';

/** Every question that is asked about a store. */
export const STORE_KINDS = [
  'store-state',
  'store-versioning',
  'store-object-lock',
  'store-encryption',
  'store-replication',
  'store-replica',
  'store-lifecycle',
  'store-access-block',
  'store-policy',
  'store-acl',
] as const;

/** A question about a store that nobody could put. */
export function unanswered(
  collection: Collection,
  subject: Subject,
  kind: (typeof STORE_KINDS)[number],
  blindSpot: BlindSpot,
): AnyEvidence {
  return collection.asker.record(
    { kind, subject, source: 'storage', operation: 'none', locator: subject.name },
    { items: [], blindSpot },
  ) as AnyEvidence;
}
