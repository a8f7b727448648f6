import type { Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { isKmsKeyArn, sameKmsKey } from '../model/kms-key-reference.ts';
import { type Holder, keyText } from './custody-nodes.ts';
import { SHAMIR } from './key-needs.ts';
import { leanedOnKey } from './leaned-on-keys.ts';

/** The key that a snapshot names as what unseals its Vault, where another one is known to unseal the live one. */
export interface OtherSealKey {
  /** As the snapshot names it. */
  readonly arn: string;
  /** Who holds that; null where nobody tells, as in bundles of older versions. */
  readonly holder: Holder | null;
  /** Whether the other one is stated; else a later snapshot names it. */
  readonly isStated: boolean;
  /** What speaks against it, as a clause after the snapshot. */
  readonly because: string;
}

/**
 * What a snapshot says of its seal, held against what is known of the live Vault. Only keys of AWS KMS are named by their
 * ARN; of other seals, and of a key that the configuration leaves open, nothing can be compared.
 *
 * @returns null where both are the same key, or nothing shows that they are not
 */
export function otherSealKey(
  id: string,
  { value: snapshot }: Observation<'provider-snapshot'>,
  sealType: string | null,
  custody: Facts['custody'] | undefined,
  keys: readonly Observation<'key-state'>[],
): OtherSealKey | null {
  const arn = snapshot.sealKeyId;
  if (sealType === null || sealType === SHAMIR || arn === null || !isKmsKeyArn(arn)) return null;
  const needs = custody?.needs.filter(({ what }) => what === 'unseal-key') ?? [];
  const holders = needs.flatMap(({ heldBy }) => heldBy);
  const [first] = holders;
  if (first === undefined || !holders.every((holder) => isAnother(arn, holder, keys))) return null;
  const isStated = needs.some(({ origin }) => origin === 'stated');
  const holder = snapshot.sealKeyHeldBy ?? null;
  const named = holder === null ? `key ${arn} of AWS KMS` : keyText(holder);
  const because = isStated
    ? `names ${named} as what unseals it, and the configuration states ${keyText(first)}: correct seal of provider ${id}, or take another snapshot if its seal was changed since`
    : `names ${named} as what unseals it, and a later one ${keyText(first)}`;
  return { arn, holder, isStated, because };
}

function isAnother(arn: string, holder: Holder, keys: readonly Observation<'key-state'>[]): boolean {
  const { kind, key } = holder;
  if (key === null) return false;
  // Whoever is outside may call a key by any name.
  if (kind === 'outside' && !isKmsKeyArn(key)) return false;
  const same = sameKmsKey(arn, key);
  if (same !== 'unknown') return same === 'fails';
  const pointsTo = leanedOnKey(holder, keys)?.value.identity ?? null;
  return pointsTo !== null && sameKmsKey(arn, pointsTo) === 'fails';
}
