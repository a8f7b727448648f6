import type { Judgement, Observation } from '../model/control.ts';
import { exceptAttested } from './attested-backups.ts';
import { regardless } from './define-control.ts';
import { exceptMaterial } from './imported-material.ts';
import { exceptPeers } from './key-peers.ts';

type States = readonly Observation<'provider-state'>[];

/** What tells which of them there are. */
export type WaysFacts = {
  readonly providers: States;
  readonly installProviders: States;
} & Parameters<typeof exceptMaterial>[1];

/** The same judgement, which other ways to have keys back could not change where no provider or key is of a kind that has them. */
export function exceptOtherWays(judgement: Judgement, observed: WaysFacts): Judgement {
  const names = judgement.truth === 'holds' ? idleSnapshots(observed) : [];
  return exceptOtherKinds(regardless(judgement, ...names), observed);
}

/** The same, but for snapshots: they may be what brings the keys back. */
export function exceptOtherKinds(judgement: Judgement, observed: WaysFacts): Judgement {
  return exceptMaterial(exceptAttested(exceptPeers(judgement, observed), observed), observed);
}

/** Names of the needs of snapshots of which one without a key speaks against nothing, as every key is there. */
export function idleSnapshots({ keyStates, installKeyStates }: WaysFacts): readonly string[] {
  const isThere = (states: readonly Observation<'key-state'>[]) =>
    states.every(({ value }) => value.state !== 'missing');
  return [
    ...(isThere(keyStates) ? ['snapshots', 'snapshotKeys'] : []),
    ...(isThere(installKeyStates) ? ['installSnapshots', 'installSnapshotKeys'] : []),
  ];
}
