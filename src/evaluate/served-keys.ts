import type { Judgement, Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, MINUTE, SECOND, toMillis } from '../model/instant.ts';
import { instantText } from '../model/text.ts';
import { allOf, anyOf, truthOf } from './conclude.ts';
import { CLOCK_TOLERANCE_MINUTES } from './copies.ts';
import { regardless } from './define-control.ts';
import type { CreationBound } from './key-identity.ts';
import { type JudgedSnapshot, snapshotText, standsApart, takenKey } from './key-snapshots.ts';
import { isOfUntold } from './snapshot-goodness.ts';

/** Whether restoring some snapshot brings a key version back, and which one. */
export interface Serving {
  readonly truth: Truth;
  /** The newest that does, or may. */
  readonly snapshot: JudgedSnapshot | null;
  /** One from before that, and after the key was used, which lacks the key; null: none is known, or it does not matter. */
  readonly gap: JudgedSnapshot | null;
}

/**
 * Whether some snapshot is good, stands where it counts, is not older than the version's creation and holds the key.
 *
 * @param counts where a snapshot must stand to count; {@link standsApart} for what must outlive its provider
 */
export function servingSnapshots(
  bound: CreationBound,
  snapshots: readonly JudgedSnapshot[],
  keys: readonly Observation<'snapshot-key'>[],
  counts: (snapshot: JudgedSnapshot) => Truth = standsApart,
): Serving {
  const lacking = bound.isGone === true ? snapshotsWithout(snapshots, keys, bound.latest) : [];
  const served = snapshots.map((snapshot) => {
    const gap = lacking.find((one) => takenKey(one) < takenKey(snapshot)) ?? null;
    const truth = allOf([
      truthOf(!snapshot.fromTheFuture),
      snapshot.good,
      counts(snapshot),
      isYoungEnough(snapshot, bound, keyIn(snapshot, keys)),
      truthOf(keyIn(snapshot, keys) !== null),
      gap === null ? 'holds' : 'unknown',
    ]);
    return { snapshot, gap, truth };
  });
  const truth = anyOf(served.map((one) => one.truth));
  const chosen = truth === 'fails' ? undefined : served.find((one) => one.truth === truth);
  return { truth, snapshot: chosen?.snapshot ?? null, gap: chosen?.gap ?? null };
}

/**
 * Snapshots without the key from when it was in use already: it had been deleted by then, and a later one that holds a key
 * of its name may hold another that was made since.
 */
export function snapshotsWithout(
  snapshots: readonly JudgedSnapshot[],
  keys: readonly Observation<'snapshot-key'>[],
  used: Instant | null,
): readonly JudgedSnapshot[] {
  return snapshots.filter((snapshot) => {
    const { location, path, takenAt, storage } = snapshot.observation.value;
    if (used === null || takenAt === null || toMillis(takenAt) <= toMillis(used) || storage === 'file') return false;
    const isWhole = snapshot.whole !== 'fails' && !isOfUntold(snapshot.observation.value) && !snapshot.fromTheFuture;
    return isWhole && keys.some(({ value }) => value.location === location && value.path === path && !value.present);
  });
}

/** Why it is not certain that a snapshot holds the key that is meant, as a clause after another; empty where nothing speaks against it. */
export function gapText(
  { gap, snapshot }: Serving,
  { latest }: Pick<CreationBound, 'latest'> = { latest: null },
): string {
  if (gap === null) {
    if (snapshot === null || latest === null || !isOfAbout(snapshot, latest)) return '';
    const clocks = snapshot.observation.value.storage === 'consul' ? ', by the clock of another server' : '';
    return `; it was taken at about the moment by which that was made${clocks}, so take another one`;
  }
  return `; ${snapshotText(gap)} lacks the key, so what is there of that name since may be another key`;
}

/** The same judgement; where every key is there and the same, a snapshot without it speaks against nothing. */
export function exceptGaps(judgement: Judgement, isThere: boolean, ...names: readonly string[]): Judgement {
  return judgement.truth === 'holds' && isThere ? regardless(judgement, ...names) : judgement;
}

function isYoungEnough(snapshot: JudgedSnapshot, bound: CreationBound, key: SnapshotKey | null): Truth {
  const at = momentOfKey(snapshot, key);
  if (at === null) return 'unknown';
  const isFrom = (moment: Instant) => isSince(at, moment, snapshot.observation.value.storage);
  const ofOther = bound.replaced === undefined ? 'fails' : isFrom(bound.replaced.by);
  if (ofOther !== 'fails') return ofOther === 'holds' ? 'fails' : 'unknown';
  // It may be from after the trimming, and no path in it tells which versions its key has.
  const { trimmed } = bound;
  if (trimmed !== undefined && (trimmed.notBefore === null || isFrom(trimmed.notBefore) !== 'fails')) return 'unknown';
  if (bound.latest !== null && isFrom(bound.latest) === 'holds') {
    return bound.replaced?.exact === false ? 'unknown' : 'holds';
  }
  return bound.earliest !== null && isFrom(bound.earliest) === 'fails' ? 'fails' : 'unknown';
}

/**
 * A snapshot's header has whole seconds, rounded up as well as down, and Vault cuts the creation of most versions down to
 * one. A snapshot of Consul has the time of another server's clock.
 */
const CLEARLY: Readonly<Record<'raft' | 'consul', number>> = {
  raft: 2 * SECOND,
  consul: CLOCK_TOLERANCE_MINUTES * MINUTE,
};

function isOfAbout({ observation }: JudgedSnapshot, moment: Instant): boolean {
  const { takenAt, storage } = observation.value;
  return takenAt !== null && storage !== 'file' && isSince(takenAt, moment, storage) === 'unknown';
}

/** Whether what a snapshot holds is from an instant on; unknown where the two are too close together to tell. */
function isSince(at: Instant, moment: Instant, storage: Facts['provider-snapshot']['storage']): Truth {
  // The file of a key is written after its version was made; archives keep whole seconds of that.
  if (storage === 'file') return truthOf(toMillis(at) >= Math.floor(toMillis(moment) / SECOND) * SECOND);
  const ahead = toMillis(at) - toMillis(moment);
  if (Math.abs(ahead) < CLEARLY[storage ?? 'raft']) return 'unknown';
  return truthOf(ahead > 0);
}

type SnapshotKey = Observation<'snapshot-key'>['value'];

/**
 * Up to when what was made of a key is in a snapshot. Files are copied one after the other: that of the key may have been
 * copied before it was written anew, and Vault writes it right after it made a version. Null where nothing tells.
 */
export function momentOfKey({ observation }: JudgedSnapshot, key: SnapshotKey | null): Instant | null {
  return observation.value.storage === 'file' ? (key?.writtenAt ?? null) : observation.value.takenAt;
}

/** What was seen of a key in a snapshot that holds it; null where the snapshot does not. */
export function keyIn(
  { observation }: JudgedSnapshot,
  keys: readonly Observation<'snapshot-key'>[],
): SnapshotKey | null {
  const { location, path } = observation.value;
  const held = keys.find(({ value }) => value.location === location && value.path === path && value.present);
  return held?.value ?? null;
}

/** That in the newest copy of files that holds the key the time of its own file counts; empty where there is none. */
export function keyFileText(
  snapshots: readonly JudgedSnapshot[],
  keys: readonly Observation<'snapshot-key'>[],
): string {
  const copy = snapshots.find((one) => one.observation.value.storage === 'file' && keyIn(one, keys) !== null);
  if (copy === undefined) return '';
  const at = momentOfKey(copy, keyIn(copy, keys));
  const written =
    at === null
      ? "does not tell when the key's own file was written, which is the moment that counts"
      : `holds the key's own file as of ${instantText(at)}, which is the moment that counts`;
  return `; ${snapshotText(copy)}, a copy of files, ${written}`;
}
