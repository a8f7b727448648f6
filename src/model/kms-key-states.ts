import type { Facts } from './facts.ts';

/**
 * What each state of a key in AWS KMS means for whoever must decrypt with it. Source: AWS KMS Developer Guide, "Key
 * states of AWS KMS keys" and, of Updating, "Change the primary key in a set of multi-Region keys": a key can be used for
 * the seconds that this takes. Others, known or not, are not usable.
 */
const STATES: Readonly<Record<string, Facts['key-state']['state']>> = {
  Enabled: 'enabled',
  Updating: 'enabled',
  Disabled: 'disabled',
  PendingDeletion: 'pending-deletion',
  PendingReplicaDeletion: 'pending-deletion',
  PendingImport: 'pending-import',
};

/** @param state in the word of AWS */
export function kmsKeyState(state: string): Facts['key-state']['state'] {
  return STATES[state] ?? 'unavailable';
}
