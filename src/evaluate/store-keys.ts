import type { Observation, Truth } from '../model/control.ts';
import type { Instant } from '../model/instant.ts';
import type { Loss } from '../model/policy.ts';
import { allOf, anyOf } from './conclude.ts';
import { type End, type Holder, keyText, providerNode, UNTOLD, unaskedText } from './custody-nodes.ts';
import { survives } from './failure-domains.ts';
import { keyAsTold, untoldByAlias } from './leaned-on-keys.ts';
import type { Way } from './recovery-graph.ts';

/** Facts of one store that tell of the keys without which its files cannot be read. */
export interface StoreKeyFacts {
  readonly custody: readonly Observation<'custody'>[];
  readonly keyStates: readonly Observation<'key-state'>[];
}

export interface StoreKeys {
  /** Whether every key is there and can be used. */
  readonly truth: Truth;
  /** A clause of its own; empty where the files need no key of a key service. */
  readonly because: string;
  readonly cites: readonly Observation[];
  /** A key that nothing brings back: the files are lost with it. One that is disabled or waits for its deletion is there. */
  readonly isGone: boolean;
  /** Of keys that are not known to be there: whether that is because nobody tells who holds them. */
  readonly isUntold: boolean;
  /** Whether a provider holds a key, so that what it says of it matters. */
  readonly isAsked: boolean;
}

interface KeyWay {
  readonly truth: Truth;
  readonly because: string;
  readonly isGone: boolean;
  readonly isUntold?: true;
  readonly cites: readonly Observation[];
}

/** Whether the keys that a store's files are encrypted with are there. */
export function keysOfStore({ custody, keyStates }: StoreKeyFacts, loss: Loss, asOf: Instant): StoreKeys {
  const needs = encryptionNeeds(custody);
  const keys = needs.map(({ heldBy }): KeyWay => {
    const ways = heldBy.map((holder) => keyWay(holder, keyStates, loss, asOf));
    const truth = anyOf(ways.map((way) => way.truth));
    const shown = ways.find((way) => way.truth === truth);
    if (shown === undefined) return { truth: 'unknown', because: UNTOLD_KEY, isGone: false, isUntold: true, cites: [] };
    return { ...shown, isGone: ways.every((way) => way.isGone) };
  });
  const truth = allOf(keys.map((key) => key.truth));
  const deciding = keys.filter((key) => key.truth === truth);
  return {
    truth,
    because: [...new Set(deciding.map(({ because }) => because))].join('; '),
    cites: needs.length === 0 ? [] : [...custody, ...deciding.flatMap(({ cites }) => cites)],
    isGone: keys.some((key) => key.isGone),
    isUntold: truth === 'unknown' && deciding.every((key) => key.isUntold === true),
    isAsked: needs.some(({ heldBy }) => heldBy.some(({ kind }) => kind === 'provider')),
  };
}

/** A key of a live store, as a node of what recovers what. */
export interface StoreKeyNode {
  readonly id: string;
  readonly ways: readonly Way[];
  readonly end: End;
  readonly cites: readonly Observation[];
}

/**
 * Keys that must be had besides the live store itself before its files can be read; one that is there for certain, whatever
 * comes back, is left out. That a key is blocked is FILE-3's to say.
 */
export function storeKeyNodes(
  store: string,
  { custody, keyStates }: StoreKeyFacts,
  loss: Loss,
  asOf: Instant,
): readonly StoreKeyNode[] {
  return encryptionNeeds(custody).flatMap(({ heldBy }, index): readonly StoreKeyNode[] => {
    const held = heldBy.map((holder) => ({ holder, key: keyWay(holder, keyStates, loss, asOf) }));
    const ways = held.map(({ holder, key }): Way => {
      const text = `the files are encrypted with ${keyText(holder)}`;
      const needs = holder.kind === 'provider' ? [{ id: providerNode(holder.name), text }] : [];
      return { truth: key.truth === 'fails' && !key.isGone ? 'holds' : key.truth, needs };
    });
    if (ways.some(({ truth, needs }) => truth === 'holds' && needs.length === 0)) return [];
    const because = held.find(({ key }) => key.truth !== 'holds')?.key.because ?? UNTOLD_KEY;
    return [
      {
        id: `key:${store}#${index}`,
        ways: ways.length === 0 ? [UNTOLD] : ways,
        end: { unknown: because, never: because },
        cites: [...custody, ...held.flatMap(({ key }) => key.cites)],
      },
    ];
  });
}

function encryptionNeeds(custody: readonly Observation<'custody'>[]) {
  return custody.flatMap(({ value }) => value.needs).filter(({ what }) => what === 'encryption-key');
}

function keyWay(holder: Holder, keyStates: StoreKeyFacts['keyStates'], loss: Loss, asOf: Instant): KeyWay {
  const way = (truth: Truth, because: string, isGone = false): KeyWay => ({ truth, because, isGone, cites: [] });
  const { kind, name, key, account, region } = holder;
  if (kind === 'outside') return way('holds', `the files are encrypted with ${keyText(holder)}, as is stated`);
  if (kind === 'service') {
    const outlives = survives([{ host: null, site: null, account, region, origin: 'observed' }], loss);
    if (outlives === 'fails')
      return way('fails', `${keyText(holder)} is lost, and the files are encrypted with it`, true);
    return way('unknown', `the files are encrypted with ${unaskedText(holder)}`);
  }
  const observation = key === null ? undefined : keyStates.find(({ value }) => value.keyRef === key);
  if (kind !== 'provider' || observation === undefined) {
    const todo = key === null ? `: state which key of ${name} it is` : '';
    return way(
      'unknown',
      `the files are encrypted with ${keyText(holder)}, and it is not known whether it is there${todo}`,
    );
  }
  const untold = untoldByAlias(holder, { observation });
  if (untold !== null) {
    return {
      truth: 'unknown',
      because: `the files are encrypted with a key that they need: ${untold}`,
      isGone: false,
      cites: [observation],
    };
  }
  const told = keyAsTold(holder, observation, asOf);
  const because =
    told.truth === 'holds'
      ? `the files are encrypted with ${keyText(holder)}, which is there`
      : `the files are encrypted with a key that they need: ${told.because}`;
  // As KEY-2 says of keys: imported material that is gone comes back only where somebody kept it, which nobody attests here.
  return {
    truth: told.truth,
    because,
    isGone: observation.value.state === 'missing' || told.material !== undefined,
    cites: [observation],
  };
}

const UNTOLD_KEY =
  'the files are encrypted with a key of a key server, and nothing tells who holds it: state encryptedBy of the bucket in the configuration';
