import type { Truth } from '../model/control.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import { instantText } from '../model/text.ts';
import { allOf, anyOf } from './conclude.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import { ageOfSealKey, keyOf, madeBefore, openedAt, snapshotHasKey } from './custody-key-ages.ts';
import { type Holder, holderNode, keyedNode, keyText, UNTOLD, unsealNode } from './custody-nodes.ts';
import { survives } from './failure-domains.ts';
import { VAULT } from './key-needs.ts';
import { type JudgedSnapshot, judgeSnapshots } from './key-snapshots.ts';
import type { GraphNeed, Way } from './recovery-graph.ts';
import { aboutSubject } from './remembered.ts';
import { anotherSealKey, unsealedAs } from './snapshot-unsealing.ts';

/**
 * A Vault is restored from a snapshot of it. What was taken under another seal, or is older than what opens it, lies beside
 * the others, and needs what opened Vault then.
 *
 * @param has whether a snapshot has what is asked for, besides being one
 */
export function snapshotWays(
  builder: CustodyBuilder,
  id: string,
  has: (snapshot: JudgedSnapshot) => Truth = () => 'holds',
): readonly Way[] {
  const { facts } = builder;
  const seal = aboutSubject(facts.providerStates, id)[0]?.value.sealType ?? null;
  const opener = ageOfSealKey(seal, aboutSubject(facts.providerCustody, id)[0]?.value, facts.keysOfProviders);
  const isBefore = ({ observation: { value } }: JudgedSnapshot) =>
    opener !== null && value.takenAt !== null && toMillis(value.takenAt) < toMillis(opener.since);
  const alike = Map.groupBy(snapshotsOf(builder, id), (snapshot) => {
    const { observation, seal } = snapshot;
    const { location, keyHeldBy, takenAt } = observation.value;
    const sealed = seal.opens === 'holds' ? '' : seal.because;
    const named = anotherSealKey(builder, id, snapshot)?.arn ?? null;
    return JSON.stringify([openedAt(facts, location, takenAt), keyHeldBy ?? null, sealed, named, isBefore(snapshot)]);
  });
  return [...alike.values()].map((there, index): Way => {
    const [first] = there;
    const { location = '', takenAt = null } = first?.observation.value ?? {};
    return {
      truth: anyOf(there.map((one) => allOf([one.whole, one.survives, has(one)]))),
      needs: [
        { id: openedAt(facts, location, takenAt), text: `the snapshots of ${id} lie in ${location}` },
        ...addObjectKey(builder, id, index, there),
        {
          id: first === undefined ? unsealNode(id) : unsealedAs(builder, id, first, isBefore(first) ? opener : null),
          text: '',
        },
      ],
    };
  });
}

function snapshotsOf({ facts, context }: CustodyBuilder, id: string): readonly JudgedSnapshot[] {
  return judgeSnapshots(
    {
      snapshots: aboutSubject(facts.allSnapshots, id),
      providers: aboutSubject(facts.providerStates, id),
      providerDomains: aboutSubject(facts.allProviderDomains, id),
      locationDomains: facts.locationDomains,
    },
    context.policy.loss,
    context.asOf,
  ).filter(({ fromTheFuture }) => !fromTheFuture);
}

/**
 * That a lost Vault comes back with a key of it: from a snapshot that has the key. A node of its own, where that is not said
 * already with its coming back at all.
 *
 * @param before only the versions made before then are needed; null: all
 */
export function withKeyInside(
  builder: CustodyBuilder,
  holder: Holder,
  before: Instant | null = null,
): readonly GraphNeed[] {
  const { name } = holder;
  const found = keyOfLostVault(builder, holder);
  if (found === null) return [];
  const { keyRef, outlives } = found;
  const key = before === null ? found.key : madeBefore(found.key, before);
  const has = ({ observation }: JudgedSnapshot) => snapshotHasKey(key, observation);
  const snapshots = snapshotsOf(builder, name).filter((one) => allOf([one.whole, one.survives]) !== 'fails');
  if (snapshots.every((one) => has(one) === 'holds')) return [];
  const node = `${keyedNode(name, keyRef)}${before === null ? '' : ` before ${before}`}`;
  if (!builder.ways.has(node)) {
    builder.keys.add(node);
    builder.cites.set(
      node,
      snapshots.map(({ observation }) => observation),
    );
    const made = key.versions?.flatMap(({ createdAt }) => createdAt ?? []).sort()[0];
    const since = made === undefined ? '' : `, made ${instantText(made)},`;
    builder.ends.set(node, {
      unknown: `${name} is lost, and whether a snapshot of it that outlives the loss has ${keyText(holder)} in every version is not known`,
      never: `${name} is lost, and ${keyText(holder)}${since} is younger than every snapshot of it that outlives the loss`,
    });
    // Set before the snapshots are looked at, which may lie in what the key opens.
    builder.ways.set(node, []);
    builder.ways.set(node, [
      ...(outlives === 'unknown' ? [{ truth: 'unknown' as const, needs: [] }] : []),
      ...snapshotWays(builder, name, has),
    ]);
  }
  return [{ id: node, text: '' }];
}

/** A key of a Vault that is lost, or may be; null of others. */
function keyOfLostVault({ facts, context }: CustodyBuilder, holder: Holder) {
  const { kind, name, key: keyRef } = holder;
  const key = keyOf(holder, facts);
  if (kind !== 'provider' || keyRef === null || key === undefined || key.state === 'missing') return null;
  if (aboutSubject(facts.providerStates, name)[0]?.value.kind !== VAULT) return null;
  const domains = aboutSubject(facts.allProviderDomains, name).map(({ value }) => value);
  const outlives = survives(domains, context.policy.loss);
  return outlives === 'holds' ? null : { keyRef, key, outlives };
}

/** How many rotations of a key are told apart, from the last one on: what is older than them may need versions from before. */
const ROTATIONS = 50;

/**
 * When a key of a lost Vault was rotated, oldest first, where not every snapshot of it is younger than all of its versions:
 * what was encrypted before a rotation needs no version from after it. None where nothing tells.
 */
export function rotationsOf(builder: CustodyBuilder, holder: Holder): readonly Instant[] {
  const key = keyOfLostVault(builder, holder)?.key;
  const versions = key?.versions ?? [];
  const made = versions.flatMap(({ createdAt }) => createdAt ?? []).sort();
  if (key === undefined || made.length < versions.length) return [];
  const isInAll = snapshotsOf(builder, holder.name).every((one) => snapshotHasKey(key, one.observation) === 'holds');
  return isInAll ? [] : [...new Set(made.slice(1))].slice(-ROTATIONS);
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
