import type { Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { type NeededVersion, versionText } from './keys.ts';
import type { LiveVersion } from './live-version.ts';
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

/**
 * What a needed version opens, where its key was seen to refuse a sample that it should have wrapped: whether it opens
 * the data is then not known, as one damaged sample is not all data. A version that cannot be used at present refuses
 * everything, which shows nothing of the sample. Proofs that are not there change nothing.
 */
export function asProven(
  opens: Reasoned,
  needed: Needed,
  live: Pick<LiveVersion, 'state'>,
  proofs: readonly Observation<'unwrap-proof'>[],
): Reasoned {
  if (live.state === 'blocked' || live.state === 'lost') return opens;
  const refused = proofs.find(({ value }) => value.outcome === 'refused' && isProofOf(needed, value));
  if (refused === undefined || opens.truth !== 'holds') return opens;
  return {
    truth: 'unknown',
    because: `a wrapped sample does not unwrap, so it is not known whether the rest of the data does: ${proofText(refused)}`,
    cites: [refused, ...opens.cites],
  };
}
