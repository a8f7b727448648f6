import type { JudgeContext, Judgement, Observation } from '../model/control.ts';
import type { Policy } from '../model/policy.ts';
import { type CopyFacts, copyText, type JudgedCopy } from './copies.ts';
import { judged, regardless } from './define-control.ts';
import { judgeCopiesOfAll, ownKeyring, recordsFor } from './key-needs.ts';
import { keyUses, type NeededVersion, neededVersions, strongest } from './keys.ts';
import { remembered } from './remembered.ts';

export interface ProtectionFacts extends CopyFacts {
  readonly keyrings: readonly Observation<'keyring'>[];
  readonly records: readonly Observation<'key-version'>[];
}

/**
 * The versions that opening the copies takes, each copy that could count included; of one that may not count, or
 * whose moment leaves it open, the certainty is unknown.
 */
export const versionsNeededByCopies: typeof versionsNeededNow = remembered(
  (facts, { subject, policy, asOf }) => [
    facts.copies,
    facts.states,
    facts.catalogues,
    facts.recreations,
    facts.keyrings,
    facts.records,
    subject,
    policy,
    asOf,
  ],
  versionsNeededNow,
);

function versionsNeededNow(facts: ProtectionFacts, context: JudgeContext): readonly NeededVersion[] {
  const keyring = ownKeyring(facts.keyrings, context);
  if (keyring === undefined) return [];
  const uses = keyUses(keyring, recordsFor(facts.records, context));
  const copies = copiesThatCouldCount(facts, context);
  return strongest(copies.flatMap((copy) => neededByCopy(copy, uses, context.policy)));
}

function neededByCopy(
  copy: JudgedCopy,
  uses: Parameters<typeof neededVersions>[0],
  policy: Policy,
): readonly NeededVersion[] {
  const needed = neededVersions(uses, copy.observation.value.moment, policy);
  return copy.counts === 'holds' ? needed : needed.map((one) => ({ ...one, certainty: 'unknown' as const }));
}

function copiesThatCouldCount(facts: CopyFacts, context: JudgeContext): readonly JudgedCopy[] {
  return judgeCopiesOfAll(facts, context).filter((copy) => copy.counts !== 'fails');
}

/** Applicability: some copy that could count needs a version of the judged keyring's key. */
export function judgeCopyNeedsKey(facts: ProtectionFacts, context: JudgeContext): Judgement {
  const copies = copiesThatCouldCount(facts, context);
  const first = copies[0];
  if (first === undefined) {
    return regardless(judged('fails', 'no copy that could count needs the key'), 'keyrings', 'records');
  }
  if (ownKeyring(facts.keyrings, context) === undefined) {
    return judged('unknown', 'no keyring record names its key');
  }
  const needed = versionsNeededByCopies(facts, context);
  if (needed.length > 0) {
    const text = `${copyText(first.observation)} needs the key`;
    return judged('holds', text, [first.observation]);
  }
  const keyring = ownKeyring(facts.keyrings, context);
  const uses = keyring === undefined ? [] : keyUses(keyring, recordsFor(facts.records, context));
  if (uses.length === 0) {
    return judged('unknown', 'no key-version record names the key, so nothing tells which versions copies need');
  }
  return judged('fails', 'every copy is older than the first record that uses the key', [first.observation]);
}
