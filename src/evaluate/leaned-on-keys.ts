import type { Observation, Truth } from '../model/control.ts';
import { instantText } from '../model/text.ts';
import { type Holder, keyText } from './custody-nodes.ts';
import { aboutSubject } from './remembered.ts';

/** Whether a key by which something is opened is there and can be used. */
export interface KeyThere {
  readonly truth: Truth;
  /** A clause of its own, e.g. `key unseal of vault-2 does not exist`; empty where it is there. */
  readonly because: string;
  /** Undefined where nobody asked about it. */
  readonly observation: Observation<'key-state'> | undefined;
}

/**
 * What the provider that is named for a key shows of it.
 *
 * @param keys states of keys that seals and locations lean on, of all providers
 */
export function keyThere(holder: Holder, keys: readonly Observation<'key-state'>[]): KeyThere {
  const observation =
    holder.key === null
      ? undefined
      : aboutSubject(keys, holder.name).find(({ value: { keyRef } }) => keyRef === holder.key);
  if (observation === undefined) {
    const because =
      holder.key === null
        ? `it is not known whether the key that opens it is there: state which key of ${holder.name} it is`
        : `it is not known whether ${keyText(holder)} is there, as nobody asked about it`;
    return { truth: 'unknown', because, observation };
  }
  return keyAsTold(holder, observation);
}

/** What a provider said of one key. */
export function keyAsTold(holder: Holder, observation: Observation<'key-state'>): KeyThere {
  const { state, canDecrypt, deletionDate, isBeingMade } = observation.value;
  const told = (truth: Truth, what: string): KeyThere => ({
    truth,
    because: what === '' ? '' : `${keyText(holder)} ${what}`,
    observation,
  });
  switch (state) {
    case 'missing':
      return told('fails', 'does not exist');
    case 'disabled':
      return told('fails', 'is disabled');
    case 'pending-deletion':
      return told('fails', `will be deleted${deletionDate === null ? '' : ` on ${instantText(deletionDate)}`}`);
    case 'pending-import':
      return told('fails', 'has no key material');
    case 'unavailable':
      return told('fails', isBeingMade === true ? 'is still being made' : 'cannot be used by its provider');
    case 'enabled':
      return canDecrypt === false ? told('fails', 'cannot decrypt') : told('holds', '');
  }
}
