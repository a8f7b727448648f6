import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { PartBuilder } from './estate.ts';
import { bucketIn } from './stores/replica-evidence.ts';

type Lost = NonNullable<Facts['store-state']['lost']>;

/**
 * Adds to what is told of a live store what became of the files that were drawn: one that answers and has lost what its
 * database lists brings nothing of that back.
 */
export function tellLostFiles(part: Pick<PartBuilder, 'evidence'>, bindingId: string): void {
  const lost = lostIn(part.evidence, bindingId);
  if (lost.missing + lost.differs === 0) return;
  for (const [index, record] of part.evidence.entries()) {
    if (record.kind !== 'store-state' || record.subject.key !== bindingId) continue;
    part.evidence[index] = { ...record, items: record.items.map((item) => ({ ...item, lost })) } satisfies AnyEvidence;
  }
}

/**
 * Adds to what is told of the buckets that a store's rules copy it to which of the files drawn are not in them: what the
 * service says of having copied an object is of the time when it did.
 */
export function tellLostInReplicas(part: Pick<PartBuilder, 'evidence'>, bindingId: string): void {
  for (const [index, record] of part.evidence.entries()) {
    if (record.kind !== 'store-replica' || record.subject.key !== bindingId) continue;
    const items = record.items.map((item) => {
      const lost = item.mirror === true ? null : lostInReplica(part.evidence, bindingId, bucketIn(item.destination));
      return lost === null || lost.missing + lost.differs === 0 ? item : { ...item, lost };
    });
    part.evidence[index] = { ...record, items } satisfies AnyEvidence;
  }
}

function lostInReplica(
  evidence: readonly AnyEvidence[],
  bindingId: string,
  bucket: string,
): NonNullable<Facts['store-replica']['lost']> {
  const lost = { expected: 0, missing: 0, differs: 0 };
  for (const record of evidence) {
    if (record.kind !== 'file-copy-sample' || record.subject.key !== bindingId) continue;
    for (const { method, location, expected, missing, sizeDiffers, checksumDiffers } of record.items) {
      if (method !== 'replica' || location !== bucket) continue;
      lost.expected += expected;
      lost.missing += missing;
      lost.differs += sizeDiffers + checksumDiffers;
    }
  }
  return lost;
}

/** Each database of an organization has a list of its own. */
function lostIn(evidence: readonly AnyEvidence[], bindingId: string): Lost {
  const lost = { drawn: 0, missing: 0, differs: 0 };
  for (const record of evidence) {
    if (record.kind !== 'file-sample' || record.subject.key !== bindingId) continue;
    for (const { drawn, missing, sizeDiffers, checksumDiffers, fromBefore } of record.items) {
      // Those may lie where the store was before, which is asked for itself.
      const left = fromBefore === undefined ? 0 : fromBefore.drawn - fromBefore.found;
      lost.drawn += drawn - left;
      lost.missing += Math.max(0, missing - left);
      lost.differs += sizeDiffers + checksumDiffers;
    }
  }
  return lost;
}
