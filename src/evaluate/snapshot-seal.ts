import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';

/** What a snapshot would be opened with once it is restored, beside what opens the live Vault. */
export interface ComparedSeal {
  /** Whether what opens the live Vault opens the snapshot as well, as far as both tell. */
  readonly opens: Truth;
  /** Whether the shares are as many as those of the live Vault: of an auto-unseal the recovery shares, which open nothing. */
  readonly shares: Truth;
  /** Why one of them is not known; empty where both hold. */
  readonly because: string;
}

const SHAMIR = 'shamir';

/**
 * A restored Vault is sealed as the snapshot says (core/seal-config in its storage), whatever seals the live one by now.
 * What is different may still be kept, so it is unknown and no failure. That shares were replaced by as many others shows
 * nowhere.
 *
 * @param live the state of the Vault that the snapshot is of; undefined where it did not answer
 */
export function comparedSeal(
  { value: snapshot }: Observation<'provider-snapshot'>,
  live: Observation<'provider-state'> | undefined,
): ComparedSeal {
  const seal = live?.value.sealType ?? null;
  if (live === undefined || seal === null) {
    return untold('the live Vault does not tell what seals it, so what opens it once restored cannot be compared');
  }
  if (snapshot.sealType === null) return untold('it does not tell what seals it, so nor what opens it once restored');
  if (snapshot.sealType !== seal) {
    return untold(
      `it was taken before the seal was changed from ${snapshot.sealType} to ${seal}, and restored it opens only with what opened Vault then, of which nothing is known; take another snapshot`,
    );
  }
  const [then, now] = [sharesText(snapshot), sharesText(live.value)];
  if (then === null || now === null || then === now) return { opens: 'holds', shares: 'holds', because: '' };
  if (seal === SHAMIR) {
    return untold(
      `it opens with ${then} unseal shares of before the rekeying, and the live Vault with ${now}; take another snapshot`,
    );
  }
  const because = `its recovery shares are ${then} of before the rekeying, and those of the live Vault ${now}; take another snapshot`;
  return { opens: 'holds', shares: 'unknown', because };
}

function untold(because: string): ComparedSeal {
  return { opens: 'unknown', shares: 'unknown', because };
}

function sharesText({
  sealShares,
  sealThreshold,
}: Pick<Facts['provider-state'], 'sealShares' | 'sealThreshold'>): string | null {
  return sealShares === null || sealThreshold === null ? null : `${sealThreshold} of ${sealShares}`;
}
