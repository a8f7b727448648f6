import type { Judgement, Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { regardless } from './define-control.ts';
import { type SameKey, shownByProof } from './key-identity.ts';
import { type NeededVersion, versionText } from './keys.ts';
import { type LiveVersion, live } from './live-version.ts';
import type { Reasoned } from './recovery-key-facts.ts';

type Needed = Pick<NeededVersion, 'version' | 'use'>;

/** Whether a proof is of a version in use; of versions with names, the name that a record states must be the same. */
export function isProofOf({ version, use }: Needed, proof: Facts['unwrap-proof']): boolean {
  return proof.version === version && (proof.versionName ?? null) === (use.named?.name ?? null);
}

export function proofVersionText(version: number | null, name: string | null | undefined): string {
  return name == null ? versionText(version) : `version ${name} of the key`;
}

export function proofText({ value }: Pick<Observation<'unwrap-proof'>, 'value'>): string {
  const { version, versionName, because }: Facts['unwrap-proof'] = value;
  return `${proofVersionText(version, versionName)}: ${because}`;
}

/** What the version can do, with what was unwrapped taken into account, where that alone shows it. */
export function withProof(
  known: LiveVersion,
  needed: Needed | null,
  proofs: readonly Observation<'unwrap-proof'>[],
): LiveVersion {
  if (known.awaitsProof !== true) return known;
  const shows = proofs.some(
    ({ value }) => value.outcome === 'unwrapped' && (needed === null || isProofOf(needed, value)),
  );
  return shows ? live('usable', 'is enabled, and unwrapped a sample') : known;
}

/** The same judgement, which no proof could change where the key shows itself, or is judged to fail. */
export function exceptProofs(judgement: Judgement, key: Observation<'key-state'> | undefined): Judgement {
  const awaitsNone = key?.value.imported === undefined || judgement.truth === 'fails';
  return awaitsNone ? regardless(judgement, 'proofs') : judgement;
}

/**
 * Why it is not known what opens what a version wrapped, wherever the key is: only unwrapping shows it of an imported one, and
 * nothing of a version that there cannot be. Null where it is known, or for others to tell.
 */
export function awaitedProof(
  known: LiveVersion,
  identity: SameKey,
  needed: Needed,
  proofs: readonly Observation<'unwrap-proof'>[],
): string | null {
  const proven = withProof(known, needed, proofs);
  if (proven.awaitsProof === true || proven.tellsNone === true)
    return `${versionText(needed.version)} ${proven.because}`;
  const isImported = identity.missing === 'imported-since' && shownByProof(needed.use, proofs) === null;
  return isImported ? `${identity.because}; --prove-keys tells` : null;
}

/** A proof whose provider says that another key wrapped what the records have of a version; undefined where there is none. */
export function proofOfAnotherKey(
  proofs: readonly Observation<'unwrap-proof'>[],
  needed?: Needed,
): Observation<'unwrap-proof'> | undefined {
  return proofs.find(
    ({ value }) => value.isOfAnotherKey === true && (needed === undefined || isProofOf(needed, value)),
  );
}

/** What such a proof shows. */
export function anotherKeyText({ value }: Pick<Observation<'unwrap-proof'>, 'value'>): string {
  const what = proofVersionText(value.version, value.versionName);
  return `${what} did not wrap the sample that its record has, as its provider says: it is another key under the same name`;
}

/**
 * What a needed version opens, where its key was seen to refuse a sample that it should have wrapped: whether it opens
 * the data is then not known, as one damaged sample is not all data. A version that cannot be used at present refuses
 * everything, which shows nothing of the sample. Proofs that are not there change nothing.
 */
export function asProven(
  opens: Reasoned,
  needed: Needed,
  known: Pick<LiveVersion, 'state'>,
  proofs: readonly Observation<'unwrap-proof'>[],
): Reasoned {
  if (known.state === 'blocked' || known.state === 'lost') return opens;
  const refused = proofs.find(({ value }) => value.outcome === 'refused' && isProofOf(needed, value));
  if (refused === undefined || opens.truth !== 'holds') return opens;
  return {
    truth: 'unknown',
    because: `a wrapped sample does not unwrap, so it is not known whether the rest of the data does: ${proofText(refused)}`,
    cites: [refused, ...opens.cites],
  };
}
