import type { Observation, Truth } from '../model/control.ts';
import type { Instant } from '../model/instant.ts';
import type { Loss } from '../model/policy.ts';
import { allOf, anyOf } from './conclude.ts';
import { type Holder, keyText, providerNode, unaskedText } from './custody-nodes.ts';
import { survives } from './failure-domains.ts';
import { keyAsTold, untoldByAlias } from './leaned-on-keys.ts';
import type { GraphNeed } from './recovery-graph.ts';

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
  /** Whether a provider holds a key, so that what it says of it matters. */
  readonly isAsked: boolean;
}

interface KeyWay {
  readonly truth: Truth;
  readonly because: string;
  readonly isGone: boolean;
  readonly cites: readonly Observation[];
}

/** Whether the keys that a store's files are encrypted with are there. */
export function keysOfStore({ custody, keyStates }: StoreKeyFacts, loss: Loss, asOf: Instant): StoreKeys {
  const needs = encryptionNeeds(custody);
  const keys = needs.map(({ heldBy }): KeyWay => {
    const ways = heldBy.map((holder) => keyWay(holder, keyStates, loss, asOf));
    const truth = anyOf(ways.map((way) => way.truth));
    const shown = ways.find((way) => way.truth === truth);
    if (shown === undefined) return { truth: 'unknown', because: UNTOLD, isGone: false, cites: [] };
    return { ...shown, isGone: ways.every((way) => way.isGone) };
  });
  const truth = allOf(keys.map((key) => key.truth));
  const deciding = keys.filter((key) => key.truth === truth);
  return {
    truth,
    because: [...new Set(deciding.map(({ because }) => because))].join('; '),
    cites: needs.length === 0 ? [] : [...custody, ...deciding.flatMap(({ cites }) => cites)],
    isGone: keys.some((key) => key.isGone),
    isAsked: needs.some(({ heldBy }) => heldBy.some(({ kind }) => kind === 'provider')),
  };
}

/** What must be had besides the live store itself before its files can be read. */
export function keyHoldersOf(custody: readonly Observation<'custody'>[]): readonly GraphNeed[] {
  return encryptionNeeds(custody).flatMap(({ heldBy }) => {
    const [holder, other] = heldBy;
    // One of several is enough, and a service outlives the loss or the store is lost with it.
    if (holder === undefined || other !== undefined || holder.kind !== 'provider') return [];
    return [{ id: providerNode(holder.name), text: `the files are encrypted with ${keyText(holder)}` }];
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

const UNTOLD =
  'the files are encrypted with a key of a key server, and nothing tells who holds it: state encryptedBy of the bucket in the configuration';
