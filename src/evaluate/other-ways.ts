import type { Judgement, Observation } from '../model/control.ts';
import { exceptAttested } from './attested-backups.ts';
import { exceptMaterial } from './imported-material.ts';
import { exceptPeers } from './key-peers.ts';
import { exceptGaps } from './key-snapshots.ts';

type States = readonly Observation<'provider-state'>[];

/** The same judgement, which other ways to have keys back could not change where no provider or key is of a kind that has them. */
export function exceptOtherWays(
  judgement: Judgement,
  observed: { readonly providers: States; readonly installProviders: States } & Parameters<typeof exceptMaterial>[1],
): Judgement {
  const isThere = (states: readonly Observation<'key-state'>[]) =>
    states.every(({ value }) => value.state !== 'missing');
  const own = exceptGaps(judgement, isThere(observed.keyStates), 'snapshots', 'snapshotKeys');
  const both = exceptGaps(own, isThere(observed.installKeyStates), 'installSnapshots', 'installSnapshotKeys');
  return exceptMaterial(exceptAttested(exceptPeers(both, observed), observed), observed);
}
