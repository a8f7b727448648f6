import type { Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { notAttested } from './attested-backups.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import { type Holder, keyText } from './custody-nodes.ts';
import { survives } from './failure-domains.ts';
import { holdsKey, isHsm, peerSurvives } from './key-peers.ts';
import { aboutSubject } from './remembered.ts';

/** What is known of a key in a lost HSM beside the HSM itself. */
export interface KeyOfHsm {
  /** *fails* where nothing else has the key; *unknown* where that cannot be told. */
  readonly truth: Exclude<Truth, 'holds'>;
  /** A clause of its own. */
  readonly because: string;
}

/**
 * A key in an HSM that is lost, where no peer of it that outlives the loss is shown to hold it. Where no such peer is declared,
 * or every one was asked and lacks it, and nobody attests an export of the HSM, nothing brings it back. A key of the same name that is another
 * one leaves open which of the two encrypted what is opened with it.
 *
 * @param node that leans on the holder
 * @returns null where the HSM outlives the loss, or a peer has the key
 */
export function keyOfHsm(builder: CustodyBuilder, node: string, holder: Holder): KeyOfHsm | null {
  const { facts, context } = builder;
  const { kind, name, key } = holder;
  const state = aboutSubject(facts.providerStates, name)[0];
  if (kind !== 'provider' || key === null || state === undefined || !isHsm(state)) return null;
  const { loss } = context.policy;
  const domains = aboutSubject(facts.allProviderDomains, name).map(({ value }) => value);
  const outlives = survives(domains, loss);
  if (outlives === 'holds') return null;
  builder.attested.add(node);
  const onPeers = aboutSubject(facts.keysOnPeers, name).filter(({ value }) => value.keyRef === key);
  const peers = aboutSubject(facts.allPeers, name).map(
    ({ value }): Peer => ({
      name: value.peer,
      stands: peerSurvives(value, loss),
      seen: onPeers.find((one) => one.value.peer === value.peer)?.value,
    }),
  );
  if (peers.some(({ stands, seen }) => stands === 'holds' && seen !== undefined && holdsKey(seen) === 'holds'))
    return null;
  const lack = peers.every(
    ({ stands, seen }) => stands === 'fails' || (seen?.holds === false && seen.differs !== true),
  );
  const isKept = notAttested(state, aboutSubject(facts.backupsOfProviders, name), loss) === '';
  const isGone = outlives === 'fails' && lack && !isKept;
  return {
    truth: isGone ? 'fails' : 'unknown',
    because: `${keyText(holder)} ${outlives === 'fails' ? 'is lost with it' : 'may be lost with it: state failureDomain of it'}; ${peers.length === 0 ? 'no peer of it is declared' : peers.map(peerText).join('; ')}`,
  };
}

interface Peer {
  readonly name: string;
  readonly stands: Truth;
  readonly seen: Facts['key-peer'] | undefined;
}

function peerText({ name, stands, seen }: Peer): string {
  if (stands === 'fails') return `${name}, its peer, is lost with it`;
  if (stands === 'unknown') return `${name}, its peer, may be lost with it: state failureDomain of the peer`;
  const shown = seen === undefined ? '' : `: ${seen.because}`;
  return `${name}, its peer, outlives the loss, and nothing shows that it holds the key${shown}`;
}
