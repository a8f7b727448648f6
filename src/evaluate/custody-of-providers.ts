import { allOf, anyOf } from './conclude.ts';
import { attestedWays } from './custody-attested.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import { holderNode, keyText, OPEN, openedNode, providerNode, UNTOLD } from './custody-nodes.ts';
import { peersText } from './custody-of-peers.ts';
import { survives } from './failure-domains.ts';
import { AWS_KMS, VAULT } from './key-needs.ts';
import { type JudgedSnapshot, judgeSnapshots, snapshotText } from './key-snapshots.ts';
import type { GraphNeed, Way } from './recovery-graph.ts';
import { aboutSubject } from './remembered.ts';
import { addUnsealing, unsealNode } from './unsealing.ts';

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
    // Of other kinds than these nothing is known here of what brings them back, and of one that did not answer neither.
    ...(state?.value.kind === VAULT || state?.value.kind === AWS_KMS ? [] : [UNTOLD]),
  ]);
  addUnsealing(builder, id, state);
}

/** That nobody stated where a provider stands leaves a doubt of its own. */
const MAY_OUTLIVE: Way = { truth: 'unknown', needs: [] };

/** What was taken under another seal lies beside the others, and needs what opened Vault then. */
function snapshotWays(builder: CustodyBuilder, id: string): readonly Way[] {
  const { facts, context } = builder;
  const snapshots = judgeSnapshots(
    {
      snapshots: aboutSubject(facts.allSnapshots, id),
      providers: aboutSubject(facts.providerStates, id),
      providerDomains: aboutSubject(facts.allProviderDomains, id),
      locationDomains: facts.locationDomains,
    },
    context.policy.loss,
    context.asOf,
  ).filter(({ fromTheFuture }) => !fromTheFuture);
  const alike = Map.groupBy(snapshots, ({ observation: { value }, seal }) =>
    JSON.stringify([value.location, value.keyHeldBy ?? null, seal.opens === 'holds' ? '' : seal.because]),
  );
  return [...alike.values()].map((there, index): Way => {
    const [first] = there;
    const location = first?.observation.value.location ?? '';
    return {
      truth: anyOf(there.map(({ whole, survives: outlives }) => allOf([whole, outlives]))),
      needs: [
        { id: openedNode(location), text: `the snapshots of ${id} lie in ${location}` },
        ...addObjectKey(builder, id, index, there),
        { id: first === undefined ? unsealNode(id) : unsealedAs(builder, id, first), text: '' },
      ],
    };
  });
}

/** The key that opens objects of a bucket whatever the bucket's default is, as a node of its own; none of other files. */
function addObjectKey(
  builder: CustodyBuilder,
  id: string,
  index: number,
  snapshots: readonly JudgedSnapshot[],
): readonly GraphNeed[] {
  const node = `snapshots:${id}#${index}`;
  const observation = snapshots[0]?.observation;
  const heldBy = observation?.value.keyHeldBy;
  if (observation === undefined || heldBy === undefined) return [];
  const { path, location } = observation.value;
  builder.keys.add(node);
  builder.cites.set(node, [observation]);
  builder.holders.push(...heldBy);
  const held = heldBy.map((holder): Way => {
    const text = `object ${path} there is encrypted with ${keyText(holder)}`;
    return { truth: 'holds', needs: [{ id: holderNode(holder), text }] };
  });
  const untold = `nothing tells who holds the key that opens object ${path} in ${location}: state encryptedBy of that location in the configuration`;
  builder.ways.set(node, heldBy.length === 0 ? [UNTOLD] : held);
  builder.ends.set(node, { unknown: untold, never: untold });
  return [{ id: node, text: `the snapshots of ${id} lie in ${location}` }];
}

/** What opens a Vault that is restored from a snapshot. @returns its node */
function unsealedAs(builder: CustodyBuilder, id: string, snapshot: JudgedSnapshot): string {
  const { observation, seal } = snapshot;
  const isLiveTold = (aboutSubject(builder.facts.providerStates, id)[0]?.value.sealType ?? null) !== null;
  // Of one that tells no seal, how it is unsealed is not known in any case.
  if (seal.opens === 'holds' || !isLiveTold) return unsealNode(id);
  const node = `${unsealNode(id)} ${seal.because}`;
  const text = `${snapshotText(snapshot)}: ${seal.because}`;
  builder.keys.add(node);
  builder.ways.set(node, [UNTOLD]);
  builder.ends.set(node, { unknown: text, never: text });
  builder.cites.set(node, [observation]);
  return node;
}
