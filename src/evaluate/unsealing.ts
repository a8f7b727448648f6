import type { Observation } from '../model/control.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import { type Holder, holderNode, keyText, OPEN, UNTOLD, unaskedText, unsealNode } from './custody-nodes.ts';
import { keyLacking, keyOfHolder, withKey } from './custody-of-keys.ts';
import { peerWays } from './custody-of-peers.ts';
import { withKeyInside } from './custody-of-snapshots.ts';
import { AWS_KMS, SHAMIR, VAULT } from './key-needs.ts';
import { citesOfKey } from './leaned-on-keys.ts';
import type { Way } from './recovery-graph.ts';
import { aboutSubject } from './remembered.ts';

/** The kind of provider that can hold the key of each kind of seal (Vault documentation, "Seal configuration"). */
const SEAL_KINDS: Readonly<Record<string, string>> = {
  transit: VAULT,
  awskms: AWS_KMS,
  azurekeyvault: 'azure-key-vault',
  pkcs11: 'pkcs11',
};

/** How a provider that comes back is unsealed, as a node of its own. */
export function addUnsealing(
  builder: CustodyBuilder,
  id: string,
  state: Observation<'provider-state'> | undefined,
): void {
  const node = unsealNode(id);
  builder.keys.add(node);
  const custody = aboutSubject(builder.facts.providerCustody, id)[0];
  const holders = custody?.value.needs.flatMap(({ heldBy }) => heldBy) ?? [];
  if (custody === undefined && state?.value.sealType !== SHAMIR) builder.custody.add(node);
  // Of what kind a holder is decides whether such a seal can use it.
  const isUnseen = ({ kind, name }: Holder) =>
    kind === 'provider' && aboutSubject(builder.facts.providerStates, name).length === 0;
  if (state?.value.sealType !== SHAMIR && holders.some(isUnseen)) builder.providerStates.add(node);
  const { ways, unknown } = unsealing(id, state, custody, builder.facts.providerStates);
  const isHeld = ways.some(({ needs }) => needs.length > 0);
  const keys = isHeld ? holders.map((holder) => keyOfHolder(builder, node, holder)) : [];
  const onPeers = isHeld ? holders.flatMap((holder) => peerWays(builder, node, holder)) : [];
  // Set before the snapshots of holders are looked at, which may wait for this one.
  builder.ways.set(node, []);
  const held = ways.map((way, index): Way => {
    const holder = isHeld ? holders[index] : undefined;
    const inside = holder === undefined ? [] : withKeyInside(builder, holder);
    // A key of a service that no provider covers: nobody asked whether it is there.
    const truth = holder?.kind === 'service' ? 'unknown' : way.truth;
    return withKey({ ...way, truth, needs: [...way.needs, ...inside] }, keys[index]);
  });
  builder.ways.set(node, [...held, ...onPeers.map(({ way }) => way)]);
  const lacking = keyLacking(keys);
  const unasked = isHeld ? holders.find(({ kind }) => kind === 'service') : undefined;
  const untold = unasked === undefined ? unknown : `${id} is unsealed by ${unaskedText(unasked)}`;
  builder.ends.set(
    node,
    lacking === null
      ? { unknown: untold, never: untold }
      : {
          unknown: `${id} is unsealed by a key that is not shown to be there: ${lacking}`,
          never: `${id} is unsealed by a key that cannot be used: ${lacking}`,
        },
  );
  builder.cites.set(node, [
    ...(state === undefined ? [] : [state]),
    ...(custody === undefined ? [] : [custody]),
    ...keys.flatMap((key) => (key === null ? [] : citesOfKey(key))),
    ...onPeers.flatMap(({ cites }) => cites),
  ]);
  for (const holder of holders) builder.holders.push(holder);
}

/**
 * How a Vault is unsealed: by people with their shares, or by a key that somebody holds.
 *
 * @param states of all providers: the holder must be of a kind that such a seal can use
 */
export function unsealing(
  id: string,
  state: Observation<'provider-state'> | undefined,
  custody: Observation<'custody'> | undefined,
  states: readonly Observation<'provider-state'>[],
): { readonly ways: readonly Way[]; readonly unknown: string } {
  if (state !== undefined && state.value.kind !== VAULT) return { ways: [OPEN], unknown: '' };
  const seal = state?.value.sealType ?? null;
  if (seal === null) return { ways: [UNTOLD], unknown: `it is not known what seals ${id}` };
  if (seal === SHAMIR) return { ways: [OPEN], unknown: '' };
  const holders =
    custody?.value.needs.filter(({ what }) => what === 'unseal-key').flatMap(({ heldBy }) => heldBy) ?? [];
  if (holders.length === 0) {
    const unknown = `${id} unseals itself (seal ${seal}), and nothing tells who holds the key for it: state seal of provider ${id} in the configuration`;
    return { ways: [UNTOLD], unknown };
  }
  const strange = holders.find((holder) => !canHold(seal, holder, states));
  if (strange !== undefined) {
    const unknown = `${id} says that ${seal} unseals it, and ${strange.name}, which is named for it, is of another kind`;
    return { ways: [UNTOLD], unknown };
  }
  const ways = holders.map(
    (holder): Way => ({
      truth: 'holds',
      needs: [{ id: holderNode(holder), text: `${id} is unsealed by ${keyText(holder)}` }],
    }),
  );
  return { ways, unknown: '' };
}

/** Whether a holder is of a kind that a seal can use; one whose kind is not known may be. */
function canHold(seal: string, holder: Holder, states: readonly Observation<'provider-state'>[]): boolean {
  if (holder.kind === 'service') return seal === 'awskms';
  const kind = aboutSubject(states, holder.name)[0]?.value.kind;
  const wanted = SEAL_KINDS[seal];
  return kind === undefined || wanted === undefined || kind === wanted;
}
