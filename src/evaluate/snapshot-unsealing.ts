import type { CustodyBuilder } from './custody-builder.ts';
import { type KeyAge, olderThanKeyText } from './custody-key-ages.ts';
import { type Holder, holderNode, UNTOLD, unsealNode } from './custody-nodes.ts';
import { type HeldKey, keyLacking, keyOfHolder, withKey } from './custody-of-keys.ts';
import { type JudgedSnapshot, snapshotText } from './key-snapshots.ts';
import { citesOfKey } from './leaned-on-keys.ts';
import type { Way } from './recovery-graph.ts';
import { aboutSubject } from './remembered.ts';
import { type OtherSealKey, otherSealKey } from './seal-keys.ts';

/** The key that a snapshot names for its seal, where it is not the one that is known to unseal its Vault now. */
export function anotherSealKey(
  { facts }: CustodyBuilder,
  id: string,
  { observation, seal }: JudgedSnapshot,
): OtherSealKey | null {
  if (seal.opens !== 'holds') return null;
  const sealType = aboutSubject(facts.providerStates, id)[0]?.value.sealType ?? null;
  const custody = aboutSubject(facts.providerCustody, id)[0]?.value;
  return otherSealKey(id, observation, sealType, custody, facts.keysOfProviders);
}

/**
 * What opens a Vault that is restored from a snapshot.
 *
 * @param younger the key that unseals it now, where the snapshot is older than that
 * @returns its node
 */
export function unsealedAs(
  builder: CustodyBuilder,
  id: string,
  snapshot: JudgedSnapshot,
  younger: KeyAge | null,
): string {
  const { observation, seal } = snapshot;
  const isLiveTold = (aboutSubject(builder.facts.providerStates, id)[0]?.value.sealType ?? null) !== null;
  const other = anotherSealKey(builder, id, snapshot);
  if (other !== null) return unsealedByAnother(builder, id, snapshot, other);
  // Of one that tells no seal, how it is unsealed is not known in any case.
  if (younger !== null && seal.opens === 'holds') return unsealedBefore(builder, id, snapshot, younger);
  if (seal.opens === 'holds' || !isLiveTold) return unsealNode(id);
  const node = `${unsealNode(id)} ${seal.because}`;
  const text = `${snapshotText(snapshot)}: ${seal.because}`;
  builder.keys.add(node);
  builder.ways.set(node, [UNTOLD]);
  builder.ends.set(node, { unknown: text, never: text });
  builder.cites.set(node, [observation]);
  return node;
}

/** A snapshot that is older than the key that unseals its Vault now was taken under another one, or one that is gone. */
function unsealedBefore(builder: CustodyBuilder, id: string, snapshot: JudgedSnapshot, key: KeyAge): string {
  const node = `${unsealNode(id)} before its key`;
  const text = `${snapshotText(snapshot)} is ${olderThanKeyText(key, id)}`;
  builder.keys.add(node);
  builder.ways.set(node, [{ truth: 'unknown', needs: [] }]);
  builder.ends.set(node, { unknown: text, never: text });
  builder.cites.set(node, [snapshot.observation]);
  return node;
}

/**
 * A snapshot opens with the key that it names, whatever is stated of its Vault: it stays shut where that one is gone. Where
 * the statement contradicts it and both keys are there, which of the two it takes is for people to find out.
 */
function unsealedByAnother(
  builder: CustodyBuilder,
  id: string,
  snapshot: JudgedSnapshot,
  { arn, holder, isStated, because }: OtherSealKey,
): string {
  const node = `${unsealNode(id)} by ${arn}`;
  const told = `${snapshotText(snapshot)} ${because}`;
  builder.keys.add(node);
  const key = holder === null ? null : keyOfHolder(builder, node, holder);
  const isOpen = !isStated && holder?.kind === 'provider';
  builder.ways.set(node, [namedWay(holder, key, isOpen ? 'holds' : 'unknown', told)]);
  const lacking = keyLacking([key]);
  const lacks = lacking === null ? '' : `; ${lacking}`;
  builder.ends.set(node, { unknown: `${told}${lacks}`, never: `${told}${lacks}` });
  builder.cites.set(node, [
    snapshot.observation,
    ...aboutSubject(builder.facts.providerCustody, id),
    ...(key === null ? [] : citesOfKey(key)),
  ]);
  if (holder !== null) builder.holders.push(holder);
  return node;
}

function namedWay(holder: Holder | null, key: HeldKey | null, truth: Way['truth'], text: string): Way {
  return withKey({ truth, needs: holder === null ? [] : [{ id: holderNode(holder), text }] }, key);
}
