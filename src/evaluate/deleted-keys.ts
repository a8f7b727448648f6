import type { JudgeContext, Observation, Observed } from '../model/control.ts';
import { need } from './define-control.ts';
import { type JudgedSnapshot, judgeSnapshots, snapshotText } from './key-snapshots.ts';
import type { KeyUse, LiveVersion } from './keys.ts';

/**
 * What tells whether restoring the provider would bring a deleted key back. It says how a gap is undone and never
 * whether there is one, so every judgement holds regardless of it.
 */
export const SNAPSHOTS_OF_KEY = {
  providers: need('provider-state', 'provider', 'either'),
  snapshots: need('provider-snapshot', 'provider', 'more-helps'),
  snapshotKeys: need('snapshot-key', 'self', 'more-helps'),
  providerDomains: need('failure-domain', 'provider', 'either', { context: true }),
  locationDomains: need('failure-domain', 'all-locations', 'either', { context: true }),
} as const;
export const SNAPSHOT_NEED_NAMES = Object.keys(SNAPSHOTS_OF_KEY);

/** The newest snapshot that holds a deleted key, is good and outlives the loss; null where the key is there or none does. */
export function snapshotOfDeletedKey(
  facts: Observed<typeof SNAPSHOTS_OF_KEY>,
  key: Observation<'key-state'> | undefined,
  context: JudgeContext,
): JudgedSnapshot | null {
  if (key === undefined || key.value.state !== 'missing') return null;
  const holds = ({ observation: { value } }: JudgedSnapshot) =>
    facts.snapshotKeys.some(
      (one) => one.value.location === value.location && one.value.path === value.path && one.value.present,
    );
  const found = judgeSnapshots(facts, context.policy.loss, context.asOf).find(
    (one) => one.good === 'holds' && one.survives === 'holds' && !one.fromTheFuture && holds(one),
  );
  return found ?? null;
}

/**
 * What the key can do, with a snapshot that holds it taken into account: what can be restored is blocked, not lost.
 *
 * @param use the use of the version that is asked about; undefined asks about the key as a whole
 */
export function withSnapshot(live: LiveVersion, snapshot: JudgedSnapshot | null, use?: KeyUse): LiveVersion {
  const taken = snapshot?.observation.value.takenAt ?? null;
  if (live.state !== 'lost' || snapshot === null || taken === null) return live;
  if (use !== undefined && (use.since === null || taken < use.since)) return live;
  return {
    state: 'blocked',
    because: `${live.because}; restoring ${snapshotText(snapshot)}, which holds it, brings it back`,
    until: null,
  };
}
