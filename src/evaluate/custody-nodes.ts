import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import type { Way } from './recovery-graph.ts';

/* Nodes of the custody graph: their ids, and the words for the steps between them. */

export type Holder = Facts['custody']['needs'][number]['heldBy'][number];

/** Words for a node at which a search for what is lacking ends. */
export interface End {
  /** Where nothing tells. */
  readonly unknown: string;
  /** Where nothing brings it back. */
  readonly never: string;
}

export const providerNode = (id: string) => `provider:${id}`;
export const openedNode = (location: string) => `opened:${location}`;
/** Stands for what opens files there that are older than the key with which the location is stated to be encrypted. */
export const olderNode = (location: string) => `older:${location}`;
/** Stands for what opens files there that were written before a rotation of the key with which each of them is encrypted. */
export const beforeNode = (location: string, rotated: Instant) => `before:${location} ${rotated}`;
export const unsealNode = (id: string) => `unseal:${id}`;
/** Stands for a lost Vault that is restored from a snapshot which has the key. */
export const keyedNode = (id: string, key: string) => `keyed:${id} ${key}`;
/** Stands for the keys of files there that are encrypted themselves. */
export const unlockedNode = (location: string) => `unlocked:${location}`;

/** A way that is there for certain and takes nothing else. */
export const OPEN: Way = { truth: 'holds', needs: [] };
/** A way that nobody could tell of. */
export const UNTOLD: Way = { truth: 'unknown', needs: [], isUntold: true };

export function holderNode({ kind, name, key, account, region }: Holder): string {
  if (kind === 'service') return `service:${name} ${account ?? ''} ${region ?? ''} ${account === null ? key : ''}`;
  return kind === 'outside' ? 'outside' : `${kind}:${name}`;
}

export function keyText({ kind, name, key }: Holder): string {
  const by = kind === 'service' ? `${name}` : name;
  return key === null ? `a key of ${by}` : `key ${key} of ${by}`;
}

/** A key of a service of which no provider of the configuration could be asked, as words after who needs it. */
export function unaskedText(holder: Holder): string {
  const where = holder.account === null ? 'that holds it' : `of account ${holder.account}`;
  return `${keyText(holder)}, and nobody asked whether it is there: add a provider of kind aws-kms ${where} to the configuration`;
}

export function placeText({ kind, name }: Holder): string {
  switch (kind) {
    case 'host':
      return `on host ${name}`;
    case 'location':
      return `in what is backed up in ${name}`;
    case 'outside':
      return `outside (${name})`;
    default:
      return `in ${name}`;
  }
}
