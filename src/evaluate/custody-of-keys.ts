import type { Truth } from '../model/control.ts';
import { toMillis } from '../model/instant.ts';
import { allOf } from './conclude.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import type { Holder } from './custody-nodes.ts';
import { keyOfHsm } from './custody-of-hsms.ts';
import { survives } from './failure-domains.ts';
import { VAULT } from './key-needs.ts';
import { type KeyThere, keyThere } from './leaned-on-keys.ts';
import type { Way } from './recovery-graph.ts';
import { aboutSubject } from './remembered.ts';

/**
 * Whether the key that a node leans on is there. A key that is gone from a Vault which is lost itself may be in the
 * snapshot from which that Vault comes back.
 *
 * @param node that leans on the holder
 * @returns null where no provider holds it: of others nobody asks
 */
export function keyOfHolder(builder: CustodyBuilder, node: string, holder: Holder): HeldKey | null {
  if (holder.kind !== 'provider') return null;
  const { facts, context } = builder;
  builder.leaningOnKeys.add(node);
  const there = keyThere(holder, facts.keysOfProviders);
  if (there.observation === undefined) builder.unseenKeys.add(node);
  const inHsm = there.truth === 'fails' ? null : keyOfHsm(builder, node, holder);
  if (inHsm !== null) {
    const { truth, because } = inHsm;
    return { ...there, truth, because, undone: truth };
  }
  const domains = aboutSubject(facts.allProviderDomains, holder.name).map(({ value }) => value);
  const outlives = survives(domains, context.policy.loss);
  const isVault = aboutSubject(facts.providerStates, holder.name)[0]?.value.kind === VAULT;
  const undone = undoneOf(builder, holder, there, isVault);
  if (there.truth !== 'fails' || outlives === 'holds' || !isVault) return { ...there, undone };
  const because = `${there.because}, and whether what ${holder.name} is restored from holds it is not known`;
  return { ...there, truth: 'unknown', because, undone };
}

/** A key by which something is opened, and whether it is there once what can be undone was. */
export interface HeldKey extends KeyThere {
  readonly undone: Truth;
}

/**
 * A key that is disabled, or waits for its deletion, comes back without a copy of it. One that is gone from a Vault may be
 * in a snapshot of it, and material that was imported once may be imported again: nobody looked.
 */
function undoneOf({ facts, context }: CustodyBuilder, holder: Holder, there: KeyThere, isVault: boolean): Truth {
  const key = there.observation?.value;
  if (there.truth !== 'fails' || key === undefined) return there.truth;
  switch (key.state) {
    case 'disabled':
    case 'unavailable':
      return 'holds';
    case 'pending-deletion':
      return key.deletionDate === null || toMillis(key.deletionDate) > toMillis(context.asOf) ? 'holds' : 'fails';
    case 'pending-import':
      return 'unknown';
    case 'missing':
      return isVault && aboutSubject(facts.allSnapshots, holder.name).length > 0 ? 'unknown' : 'fails';
    case 'enabled':
      return 'fails';
  }
}

/** The same way, which is open only where its key is there. */
export function withKey(way: Way, there: HeldKey | null | undefined): Way {
  if (there == null) return way;
  return { ...way, truth: allOf([way.truth, there.truth]), undone: allOf([way.truth, there.undone]) };
}

/** Why it is not certain that a key is there; null where it is of all. */
export function keyLacking(keys: readonly (KeyThere | null)[]): string | null {
  return keys.find((one) => one !== null && one.truth !== 'holds')?.because ?? null;
}
