import type { JudgeContext, Observation, Observed } from '../model/control.ts';
import { type Instant, toInstant } from '../model/instant.ts';
import { need } from './define-control.ts';
import { holdsKey } from './key-peers.ts';
import { type JudgedSnapshot, judgeSnapshots, snapshotText } from './key-snapshots.ts';
import type { KeyUse } from './keys.ts';
import type { LiveVersion } from './live-version.ts';
import { keyIn, momentOfKey, snapshotsWithout } from './served-keys.ts';

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

/** A snapshot that holds a deleted key. */
export interface HeldInSnapshot {
  readonly snapshot: JudgedSnapshot;
  /** Up to when what was made of the key is in it; null where nothing tells. */
  readonly moment: Instant | null;
  /** From before it, and lacking the key: what is in it may be another key, where the one that is meant was used by then. */
  readonly without: readonly JudgedSnapshot[];
  /** When the first snapshot that holds a key of that name was taken. */
  readonly first: Instant | null;
}

/** The newest snapshot that holds a deleted key, is good and outlives the loss; null where the key is there or none does. */
export function snapshotOfDeletedKey(
  facts: Observed<typeof SNAPSHOTS_OF_KEY>,
  key: Observation<'key-state'> | undefined,
  context: JudgeContext,
): HeldInSnapshot | null {
  if (key === undefined || key.value.state !== 'missing') return null;
  const snapshots = judgeSnapshots(facts, context.policy.loss, context.asOf);
  const holding = snapshots.filter((one) => !one.fromTheFuture && keyIn(one, facts.snapshotKeys) !== null);
  const found = holding.find((one) => one.good === 'holds' && one.survives === 'holds');
  if (found === undefined) return null;
  const takenAt = found.observation.value.takenAt ?? '';
  const without = snapshotsWithout(snapshots, facts.snapshotKeys, EVER).filter(
    (one) => (one.observation.value.takenAt ?? '') < takenAt,
  );
  const first = holding.flatMap((one) => (one.whole === 'fails' ? [] : (one.observation.value.takenAt ?? []))).sort();
  const moment = momentOfKey(found, keyIn(found, facts.snapshotKeys));
  return { snapshot: found, moment, without, first: first[0] ?? null };
}

const EVER: Instant = toInstant(0);

/**
 * What the key can do, with a snapshot that holds it taken into account: what can be restored is blocked, not lost.
 *
 * @param use the use of the version that is asked about; undefined asks about the key as a whole
 */
export function withSnapshot(live: LiveVersion, held: HeldInSnapshot | null, use?: KeyUse): LiveVersion {
  const taken = held?.snapshot.observation.value.takenAt ?? null;
  if (live.state !== 'lost' || held === null || taken === null) return live;
  if (use !== undefined && (use.since === null || taken < use.since)) return live;
  const named = snapshotText(held.snapshot);
  if (live.tellsNone === true) {
    return {
      ...live,
      because: `${live.because}; ${named} holds the key, and whether in the version that is meant cannot be told`,
    };
  }
  const isCertain = use === undefined || (use.since !== null && held.moment !== null && held.moment >= use.since);
  const since = use === undefined ? held.first : use.since;
  const gap = held.without.find((one) => since !== null && (one.observation.value.takenAt ?? '') > since);
  if (gap !== undefined) {
    const because = `${live.because}; whether ${named} holds it cannot be told, as ${snapshotText(gap)} lacks it and a key of its name may have been made since`;
    return { ...live, because };
  }
  const way = isCertain
    ? `restoring ${named}, which holds it, brings it back`
    : `restoring ${named} may bring it back: the file of the key there is from before the record that uses it`;
  return { state: 'blocked', because: `${live.because}; ${way}`, until: null };
}

/** The peer on which there is a key of a deleted key's name, rather one that is shown to be the same; undefined where there is none. */
export function peerOfDeletedKey(
  peers: readonly Observation<'key-peer'>[],
  key: Observation<'key-state'> | undefined,
): Observation<'key-peer'> | undefined {
  if (key?.value.state !== 'missing') return undefined;
  const holding = peers.filter(({ value }) => value.holds);
  return holding.find(({ value }) => holdsKey(value) === 'holds') ?? holding[0];
}

/** What the key can do, with a peer taken into account: what a peer is shown to hold is blocked, of a namesake nobody knows. */
export function withPeer(live: LiveVersion, peer: Observation<'key-peer'> | undefined): LiveVersion {
  if (peer === undefined) return live;
  const there = `${live.because}; a key of the same name is on ${peer.value.peer}, its peer`;
  if (holdsKey(peer.value) !== 'holds') {
    return { ...live, because: `${there}, and it is not proven to be the same key (${peer.value.because})` };
  }
  const state = live.state === 'lost' ? 'blocked' : live.state;
  return { ...live, state, because: `${there}, proven to be the same key: bring it back from there` };
}
