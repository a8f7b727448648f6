import type { Observation } from '../model/control.ts';
import { notAttested } from './attested-backups.ts';
import { attestedWays } from './custody-attested.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import { OPEN, providerNode } from './custody-nodes.ts';
import { peersText } from './custody-of-peers.ts';
import { snapshotWays } from './custody-of-snapshots.ts';
import { survives } from './failure-domains.ts';
import { AWS_KMS, VAULT } from './key-needs.ts';
import { isHsm, peerSurvives } from './key-peers.ts';
import type { Way } from './recovery-graph.ts';
import { aboutSubject } from './remembered.ts';
import { addUnsealing } from './unsealing.ts';

/**
 * A provider outlives the loss, or is restored: from a snapshot that does and then unsealed, or from what is attested to
 * be kept of it.
 */
export function addProvider(builder: CustodyBuilder, id: string): void {
  const node = providerNode(id);
  if (builder.ways.has(node)) return;
  const { facts, context } = builder;
  const domains = aboutSubject(facts.allProviderDomains, id);
  const outlives = survives(
    domains.map(({ value }) => value),
    context.policy.loss,
  );
  const never = `${id} is lost, and nothing that outlives the loss brings it back`;
  const unknown = `it is not known whether ${id} outlives the loss or can be restored`;
  builder.ends.set(node, { unknown, never });
  if (outlives === 'holds') {
    builder.ways.set(node, [OPEN]);
    return;
  }
  const state = aboutSubject(facts.providerStates, id)[0];
  if (state === undefined) builder.providerStates.add(node);
  else builder.cites.set(node, [state]);
  const attested = attestedWays(builder, id, state);
  builder.ends.set(node, { unknown: `${unknown}${attested.lacking}${peersText(builder, id)}`, never });
  builder.ways.set(node, [
    ...(outlives === 'unknown' ? [MAY_OUTLIVE] : []),
    ...snapshotWays(builder, id),
    ...attested.ways,
    ...otherWays(builder, id, state),
  ]);
  addUnsealing(builder, id, state);
}

/** That nobody stated where a provider stands leaves a doubt of its own. */
const MAY_OUTLIVE: Way = { truth: 'unknown', needs: [] };

/**
 * Of other kinds than Vault and KMS nothing is known here of what brings them back, and of one that did not answer neither.
 * What is kept in an HSM is lost with it, unless a peer is declared or somebody attests an export.
 */
function otherWays(
  builder: CustodyBuilder,
  id: string,
  state: Observation<'provider-state'> | undefined,
): readonly Way[] {
  if (state?.value.kind === VAULT || state?.value.kind === AWS_KMS) return [];
  if (state === undefined || !isHsm(state)) return [{ truth: 'unknown', needs: [] }];
  const { facts, context } = builder;
  builder.peers.add(providerNode(id));
  builder.attested.add(providerNode(id));
  const isKept = notAttested(state, aboutSubject(facts.backupsOfProviders, id), context.policy.loss) === '';
  const peers = aboutSubject(facts.allPeers, id).filter(
    ({ value }) => peerSurvives(value, context.policy.loss) !== 'fails',
  );
  return isKept || peers.length > 0 ? [{ truth: 'unknown', needs: [] }] : [];
}
