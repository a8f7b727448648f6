import type { Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { toMillis } from '../model/instant.ts';
import { allOf } from './conclude.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import { type Holder, keyText } from './custody-nodes.ts';
import { keyOfHsm } from './custody-of-hsms.ts';
import { survives } from './failure-domains.ts';
import { VAULT } from './key-needs.ts';
import { domainsOfKey } from './key-places.ts';
import { isAttestable, type KeyThere, keyThere, outOfDates, untoldByAlias } from './leaned-on-keys.ts';
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
  const attested = aboutSubject(facts.materialOfProviders, holder.name);
  const there = keyThere(holder, facts.keysOfProviders, context.asOf, attested);
  if (there.observation === undefined) builder.unseenKeys.add(node);
  if (isAttestable(there.observation, context.asOf)) builder.material.add(node);
  // A key out of its dates is blocked, not gone, and is lost where its HSM is, as any other key.
  const isBlocked = there.observation !== undefined && outOfDates(there.observation, context.asOf) !== null;
  const inHsm = there.truth === 'fails' && !isBlocked ? null : keyOfHsm(builder, node, holder);
  if (inHsm !== null) {
    const { truth, because } = inHsm;
    return { ...there, truth, because, undone: truth };
  }
  const domains = aboutSubject(facts.allProviderDomains, holder.name).map(({ value }) => value);
  const outlives = survives(domains, context.policy.loss);
  const elsewhere = lostElsewhere(holder, there, domains, context);
  if (elsewhere !== null) return elsewhere;
  const isVault = aboutSubject(facts.providerStates, holder.name)[0]?.value.kind === VAULT;
  const undone = undoneOf(builder, holder, there, isVault);
  // Who kept the material can import it again, and nobody saw it.
  if (there.material === 'unknown') return { ...there, truth: 'unknown', undone };
  if (there.truth !== 'fails' || outlives === 'holds' || !isVault) return { ...there, undone };
  const because = `${there.because}, and whether what ${holder.name} is restored from holds it is not known`;
  return { ...there, truth: 'unknown', because, undone };
}

/**
 * A key that stands elsewhere than its provider, which outlives the loss: in another account, or in a key manager of the
 * customer. Null where it shares the fate of its provider.
 */
function lostElsewhere(
  holder: Holder,
  there: KeyThere,
  domains: readonly Facts['failure-domain'][],
  { policy: { loss } }: CustodyBuilder['context'],
): HeldKey | null {
  if (there.truth === 'fails' || survives(domains, loss) !== 'holds') return null;
  const outlives = survives(domainsOfKey(domains, there.observation?.value), loss);
  if (outlives === 'holds') return null;
  const because =
    outlives === 'fails'
      ? `${keyText(holder)} is lost with the account that it belongs to`
      : `it is not known whether ${keyText(holder)} outlives the loss, whose material is not kept by AWS: state failureDomain of provider ${holder.name}`;
  return { ...there, truth: outlives, because, undone: outlives };
}

/** The same key, with which what lies somewhere is encrypted: where it is named by an alias that leaves that open, it is not known. */
export function byAlias(holder: Holder, held: HeldKey | null): HeldKey | null {
  const because = held === null ? null : untoldByAlias(holder, held);
  if (held === null || because === null) return held;
  return { ...held, truth: 'unknown', because, undone: 'unknown' };
}

/** A key by which something is opened, and whether it is there once what can be undone was. */
export interface HeldKey extends KeyThere {
  readonly undone: Truth;
}

/**
 * A key that is disabled, or waits for its deletion, comes back without a copy of it. One that is gone from a Vault may be
 * in a snapshot of it: nobody looked. Material that was imported once may be imported again where somebody kept it.
 */
function undoneOf({ facts, context }: CustodyBuilder, holder: Holder, there: KeyThere, isVault: boolean): Truth {
  const key = there.observation?.value;
  if (there.truth !== 'fails' || key === undefined) return there.truth;
  if (there.material !== undefined) return there.material;
  switch (key.state) {
    case 'disabled':
    case 'unavailable':
      return 'holds';
    case 'pending-deletion':
      if (key.isPurgeOverdue === true) return 'unknown';
      return key.deletionDate === null || toMillis(key.deletionDate) > toMillis(context.asOf) ? 'holds' : 'fails';
    case 'missing':
      // Behind an alias that points nowhere the key may be there still.
      if (key.isLostAlias === true) return 'unknown';
      return isVault && aboutSubject(facts.allSnapshots, holder.name).length > 0 ? 'unknown' : 'fails';
    case 'enabled':
      return key.canDecrypt !== false && outOfDates({ value: key }, context.asOf) !== null ? 'holds' : 'fails';
    case 'pending-import':
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
