import type { Observation, Truth } from '../model/control.ts';
import { allOf, anyOf } from './conclude.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import type { Holder } from './custody-nodes.ts';
import { survives } from './failure-domains.ts';
import { holdsKey, isHsm, peerSurvives } from './key-peers.ts';
import type { Way } from './recovery-graph.ts';
import { aboutSubject } from './remembered.ts';

/** A way to have a key without its holder, and what shows it. */
export interface PeerWay {
  readonly way: Way;
  readonly cites: readonly Observation[];
}

/**
 * The peer of an HSM that holds the key, too, as a way beside the HSM itself. It is one where the peer outlives the loss
 * and is shown to hold that very key: a namesake, or a key of which nobody says which it is, leaves it open.
 *
 * @param node that leans on the holder
 */
export function peerWays(builder: CustodyBuilder, node: string, holder: Holder): readonly PeerWay[] {
  const { facts, context } = builder;
  if (holder.kind !== 'provider' || !aboutSubject(facts.providerStates, holder.name).some(isHsm)) return [];
  const domains = aboutSubject(facts.allProviderDomains, holder.name).map(({ value }) => value);
  // One that outlives the loss takes no peer.
  if (survives(domains, context.policy.loss) === 'holds') return [];
  builder.peers.add(node);
  const holding = aboutSubject(facts.keysOnPeers, holder.name).filter(({ value }) => value.keyRef === holder.key);
  return aboutSubject(facts.allPeers, holder.name).map((peer): PeerWay => {
    const own = holding.filter(({ value }) => value.peer === peer.value.peer);
    const holds: Truth = own.length === 0 ? 'unknown' : anyOf(own.map(({ value }) => holdsKey(value)));
    const truth = allOf([peerSurvives(peer.value, context.policy.loss), holds]);
    return {
      way: { truth, needs: [] },
      cites: truth === 'holds' || own.some(({ value }) => !value.holds) ? [peer, ...own] : [],
    };
  });
}

/** Why no peer of a lost HSM certainly stands in for it, as a clause after another; empty where it has none. */
export function peersText({ facts, context }: CustodyBuilder, id: string): string {
  const [peer] = aboutSubject(facts.allPeers, id);
  if (peer === undefined) return '';
  const text = {
    fails: 'is lost with it',
    unknown: 'may be lost with it: state failureDomain of the peer',
    holds:
      'outlives the loss, and nothing shows that it holds the key: name the key where the configuration names who holds it',
  }[peerSurvives(peer.value, context.policy.loss)];
  return `; ${peer.value.peer}, its peer, ${text}`;
}
