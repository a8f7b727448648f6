import type { JudgeContext, Observation, Truth } from '../model/control.ts';
import type { Loss } from '../model/policy.ts';
import { attestedWay, exportedWay } from './attested-backups.ts';
import { allOf, anyOf } from './conclude.ts';
import { survives } from './failure-domains.ts';
import { VAULT } from './key-needs.ts';
import { isHsm, somePeerSurvives } from './key-peers.ts';
import { snapshotText } from './key-snapshots.ts';
import { joined, type KeyFacts, type Reasoned, snapshotsOf } from './recovery-key-facts.ts';
import { aboutSubject, remembered } from './remembered.ts';

/** Whether the providers themselves outlive the loss and answer, or a peer of them does, or they can be restored from a snapshot that does. */
export function providersBack(facts: KeyFacts, context: JudgeContext): Reasoned {
  const ids = [...new Set(facts.keyrings.map(({ value }) => value.providerId))];
  if (ids.length === 0) return { truth: 'unknown', because: 'no key provider is known', cites: [] };
  return joined(
    ids.map((id) => {
      const back = providerBack(facts, id, context);
      return back.truth === 'fails' ? (exportedKeysOf(facts, id, context) ?? back) : back;
    }),
  );
}

/** Keys of a lost HSM that somebody attests to be exported: which of them is enough, the keys themselves tell. */
function exportedKeysOf(facts: KeyFacts, id: string, { policy }: JudgeContext): Reasoned | null {
  const domains = aboutSubject(facts.providerDomains, id).map(({ value }) => value);
  if (survives(domains, policy.loss) === 'holds') return null;
  const own = new Set(facts.keyrings.flatMap(({ value }) => (value.providerId === id ? [value.keyringId] : [])));
  const exported = facts.exports.filter(({ subject }) => own.has(subject.key));
  const way = exportedWay(aboutSubject(facts.providers, id)[0], exported);
  return way.truth === 'fails' ? null : way;
}

/** Organizations lean on the same few providers. */
const providerBack: typeof providerBackNow = remembered(
  ({ providers, providerDomains, snapshots, peers, backups, locationDomains }, id, { policy, asOf }) => [
    providers,
    providerDomains,
    snapshots,
    peers,
    backups,
    locationDomains,
    id,
    policy,
    asOf,
  ],
  providerBackNow,
);

function providerBackNow(facts: KeyFacts, id: string, context: JudgeContext): Reasoned {
  const of = <O extends Observation>(list: readonly O[]) => aboutSubject(list, id);
  const state = of(facts.providers)[0];
  const provider = survives(
    of(facts.providerDomains).map(({ value }) => value),
    context.policy.loss,
  );
  const answers: Truth = state === undefined ? 'unknown' : state.value.initialized === false ? 'fails' : 'holds';
  const cites = state === undefined ? [] : [state];
  const hsm = state !== undefined && isHsm(state);
  const alive: Reasoned = {
    truth: allOf([provider, answers]),
    because:
      provider === 'holds'
        ? answers === 'holds'
          ? `key provider ${id} stands outside the lost failure domain and answers`
          : `key provider ${id} ${answers === 'fails' ? 'is not initialized' : 'did not answer'}`
        : provider === 'fails'
          ? `key provider ${id} is lost with the host, and ${lostText(state)}`
          : `it is not known whether key provider ${id} outlives the loss: state its failure domain`,
    cites,
  };
  const looked = snapshotsOf(facts, id, context).map((snapshot) => ({
    snapshot,
    truth: snapshot.fromTheFuture ? ('fails' as const) : allOf([snapshot.good, snapshot.survives]),
  }));
  const restorable = anyOf(looked.map((one) => one.truth));
  const found = looked.find((one) => one.truth === restorable);
  const restored: Reasoned = {
    truth: restorable,
    because:
      found === undefined
        ? `no snapshot of key provider ${id} was found`
        : `key provider ${id} ${restorable === 'holds' ? 'can' : 'may'} be restored from ${snapshotText(found.snapshot)}`,
    cites: found === undefined ? [] : [found.snapshot.observation],
  };
  const attested = provider === 'holds' ? [] : [attestedWay(id, state, of(facts.backups), context.policy.loss)];
  const onPeers = hsm ? [peerBack(of(facts.peers), context.policy.loss)] : [];
  const ways = [alive, ...onPeers, restored, ...attested];
  const truth = anyOf(ways.map((way) => way.truth));
  return ways.find((way) => way.truth === truth) ?? alive;
}

/** What does not bring a lost provider back, by its kind. */
function lostText(state: Observation<'provider-state'> | undefined): string {
  if (state === undefined || state.value.kind === VAULT) return 'no good snapshot of it outlives the loss';
  return isHsm(state) ? 'no peer of it outlives the loss' : 'nothing is known that brings it back';
}

function peerBack(peers: readonly Observation<'provider-peer'>[], loss: Loss): Reasoned {
  const truth = somePeerSurvives(peers, loss);
  const found = peers.find((one) => somePeerSurvives([one], loss) === truth);
  if (found === undefined) return { truth, because: 'it has no peer', cites: [] };
  const { peer } = found.value;
  const because =
    truth === 'holds'
      ? `${peer}, the peer, stands outside the lost failure domain and answers`
      : `it is not known whether ${peer}, the peer, outlives the loss: state its failure domain`;
  return { truth, because, cites: [found] };
}
