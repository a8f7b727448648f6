import { allOf } from './conclude.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import type { Holder } from './custody-nodes.ts';
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
export function keyOfHolder(builder: CustodyBuilder, node: string, holder: Holder): KeyThere | null {
  if (holder.kind !== 'provider') return null;
  const { facts, context } = builder;
  builder.leaningOnKeys.add(node);
  const there = keyThere(holder, facts.keysOfProviders);
  if (there.observation === undefined) builder.unseenKeys.add(node);
  const domains = aboutSubject(facts.allProviderDomains, holder.name).map(({ value }) => value);
  const outlives = survives(domains, context.policy.loss);
  const isVault = aboutSubject(facts.providerStates, holder.name)[0]?.value.kind === VAULT;
  if (there.truth !== 'fails' || outlives === 'holds' || !isVault) return there;
  const because = `${there.because}, and whether what ${holder.name} is restored from holds it is not known`;
  return { ...there, truth: 'unknown', because };
}

/** The same way, which is open only where its key is there. */
export function withKey(way: Way, there: KeyThere | null | undefined): Way {
  return there == null ? way : { ...way, truth: allOf([way.truth, there.truth]) };
}

/** Why a key is not there for certain; null where all are. */
export function keyLacking(keys: readonly (KeyThere | null)[]): string | null {
  return keys.find((one) => one !== null && one.truth !== 'holds')?.because ?? null;
}
