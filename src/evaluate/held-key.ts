import type { JudgeContext, Observation, Truth } from '../model/control.ts';
import { attestedWay, exportedWay } from './attested-backups.ts';
import { allOf, anyOf } from './conclude.ts';
import { survives } from './failure-domains.ts';
import { holdsKey, isHsm, peerDatesText, somePeerSurvives } from './key-peers.ts';
import { domainsOfKey } from './key-places.ts';
import type { JudgedSnapshot } from './key-snapshots.ts';
import { type KeyUse, keyUses } from './keys.ts';
import { type KeyFacts, type Reasoned, snapshotsOf } from './recovery-key-facts.ts';
import { aboutSubject } from './remembered.ts';
import { statedUse } from './stated-version.ts';

/** A keyring with everything about its key that is the same for all copies. */
export interface HeldKey {
  readonly keyring: Observation<'keyring'>;
  readonly uses: readonly KeyUse[];
  /** The use of a version that the keyring alone states, and its provider does not have. */
  readonly stated: KeyUse | null;
  readonly createdAt: KeyFacts['createdAt'];
  readonly state: Observation<'key-state'> | undefined;
  /** Whether its provider outlives the loss. */
  readonly provider: Truth;
  readonly snapshots: readonly JudgedSnapshot[];
  readonly snapshotKeys: readonly Observation<'snapshot-key'>[];
  /** Whether a peer of its provider serves it; the key has no versions there. */
  readonly onPeer: Reasoned;
  /** A peer whose key of the same name is another one; null: none is known. */
  readonly otherOnPeer: Observation<'key-peer'> | null;
  /** What somebody attests to be kept of its provider, or of the key itself. */
  readonly attested: Reasoned;
  /** What is attested of its imported material. */
  readonly material: KeyFacts['material'];
  /** What came of unwrapping samples. */
  readonly proofs: KeyFacts['proofs'];
  /** Whether the versions looked at so far open. */
  readonly opened: Map<KeyUse, Map<number | null, Reasoned>>;
}

export function heldKey(facts: KeyFacts, keyring: Observation<'keyring'>, context: JudgeContext): HeldKey {
  const { keyringId, providerId } = keyring.value;
  const state = facts.keyStates.find(({ subject }) => subject.key === keyringId);
  const domains = aboutSubject(facts.providerDomains, providerId).map(({ value }) => value);
  const uses = keyUses(keyring, facts.records);
  const itself = aboutSubject(facts.providers, providerId)[0];
  const ofProvider = attestedWay(providerId, itself, aboutSubject(facts.backups, providerId), context.policy.loss);
  const ofKey = exportedWay(itself, aboutSubject(facts.exports, keyringId));
  return {
    keyring,
    uses,
    stated: statedUse(keyring, uses, state?.value),
    createdAt: facts.createdAt,
    state,
    provider: survives(domainsOfKey(domains, state?.value), context.policy.loss),
    snapshots: snapshotsOf(facts, providerId, context),
    snapshotKeys: aboutSubject(facts.snapshotKeys, keyringId),
    onPeer: servedByPeer(facts, keyringId, providerId, context),
    otherOnPeer: aboutSubject(facts.keyPeers, keyringId).find(({ value }) => value.differs === true) ?? null,
    attested: ofProvider.truth === 'fails' && ofKey.truth !== 'fails' ? ofKey : ofProvider,
    material: aboutSubject(facts.material, keyringId),
    proofs: aboutSubject(facts.proofs, keyringId),
    opened: new Map(),
  };
}

function servedByPeer(
  facts: KeyFacts,
  keyringId: string,
  providerId: string,
  { policy, asOf }: JudgeContext,
): Reasoned {
  const no = (because: string): Reasoned => ({ truth: 'fails', because, cites: [] });
  if (!aboutSubject(facts.providers, providerId).some(isHsm)) return no('its provider has no peers');
  const stands = somePeerSurvives(aboutSubject(facts.peers, providerId), policy.loss);
  const looked = aboutSubject(facts.keyPeers, keyringId).map((seen) => ({
    seen,
    // Which of the two tokens holds the key that wrapped the data, neither tells.
    truth: seen.value.differs === true ? ('unknown' as const) : holdsKey(seen.value),
  }));
  const holds = anyOf(looked.map((one) => one.truth));
  const truth = allOf([stands, holds]);
  const found = looked.find((one) => one.truth === holds)?.seen;
  if (found === undefined) return no(`no peer of key provider ${providerId} holds the key`);
  const { peer, because } = found.value;
  const told =
    truth === 'holds'
      ? `its peer, ${peer}, holds the key: ${because}${peerDatesText(found.value, asOf)}`
      : stands === 'unknown'
        ? `it is not known whether ${peer}, the peer, outlives the loss: state its failure domain`
        : stands === 'fails'
          ? `${peer}, the peer of key provider ${providerId}, is lost with it`
          : `its peer, ${peer}: ${because}`;
  return { truth, because: told, cites: [found] };
}
