import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { PartBuilder } from './estate.ts';

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
