import type { Observation, Truth } from '../model/control.ts';
import { type Instant, MINUTE, toMillis } from '../model/instant.ts';
import type { Loss } from '../model/policy.ts';
import { instantText } from '../model/text.ts';
import { allOf } from './conclude.ts';
import { CLOCK_TOLERANCE_MINUTES } from './copies.ts';
import { apart, survivalByKey } from './failure-domains.ts';
import { remembered } from './remembered.ts';
import { goodness, isOfUntold, mountsOfSameVault } from './snapshot-goodness.ts';
import { type ComparedSeal, comparedSeal } from './snapshot-seal.ts';

/** What a judge must see to say which snapshots of a key provider count. All of it is about one provider. */
export interface SnapshotFacts {
  readonly snapshots: readonly Observation<'provider-snapshot'>[];
  readonly providers: readonly Observation<'provider-state'>[];
  readonly providerDomains: readonly Observation<'failure-domain'>[];
  readonly locationDomains: readonly Observation<'failure-domain'>[];
}

/** A snapshot with everything that decides whether it counts. */
export interface JudgedSnapshot {
  readonly observation: Observation<'provider-snapshot'>;
  /** Whole, of this Vault, and opened by what opens it now. */
  readonly good: Truth;
  /** Complete, with matching checksums, and of this cluster, whatever opens it. */
  readonly whole: Truth;
  readonly seal: ComparedSeal;
  readonly goodBecause: string;
  /** Outside the lost failure domain. */
  readonly survives: Truth;
  /** Outside the failure domain of the provider that it restores. */
  readonly apart: Truth;
  readonly fromTheFuture: boolean;
}

/** Judges every snapshot, newest first; of two of one instant the worse first; undated ones last. */
export const judgeSnapshots: (facts: SnapshotFacts, loss: Loss, asOf: Instant) => readonly JudgedSnapshot[] =
  remembered(
    ({ snapshots, providers, providerDomains, locationDomains }, loss, asOf) => [
      snapshots,
      providers,
      providerDomains,
      locationDomains,
      loss,
      asOf,
    ],
    judgeEachSnapshot,
  );

function judgeEachSnapshot(facts: SnapshotFacts, loss: Loss, asOf: Instant): readonly JudgedSnapshot[] {
  const survival = survivalByKey(facts.locationDomains, loss);
  const own = facts.providerDomains.map(({ value }) => value);
  const sameVault = mountsOfSameVault(facts.snapshots, facts.providers[0]);
  return facts.snapshots
    .map((observation): JudgedSnapshot => {
      const { location, takenAt } = observation.value;
      const [whole, wholeBecause] = goodness(observation, facts.providers[0], sameVault);
      const isOther = whole === 'fails' || isOfUntold(observation.value);
      const seal = comparedSeal(observation, facts.providers[0]);
      const there = facts.locationDomains.filter(({ subject }) => subject.key === location).map(({ value }) => value);
      return {
        observation,
        good: allOf([whole, seal.opens]),
        whole,
        seal,
        goodBecause: isOther || seal.because === '' ? wholeBecause : `${wholeBecause}; but ${seal.because}`,
        survives: survival(location),
        apart: apart(own, there),
        fromTheFuture: takenAt !== null && toMillis(takenAt) > toMillis(asOf) + CLOCK_TOLERANCE_MINUTES * MINUTE,
      };
    })
    .sort(
      (a, b) =>
        takenKey(b).localeCompare(takenKey(a)) ||
        BADNESS.indexOf(a.good) - BADNESS.indexOf(b.good) ||
        snapshotText(a).localeCompare(snapshotText(b)),
    );
}

const BADNESS: readonly Truth[] = ['fails', 'unknown', 'holds'];

/** Puts snapshots in the order of their time; undated ones first. */
export function takenKey(snapshot: JudgedSnapshot): string {
  return snapshot.observation.value.takenAt ?? '';
}

/** Whether it is no older than `oldest`. Of files only the last writing is known: a copy of an idle Vault may be younger. */
export function isRecent(snapshot: JudgedSnapshot, oldest: number): Truth {
  const { takenAt, storage } = snapshot.observation.value;
  if (takenAt === null) return 'unknown';
  if (snapshot.fromTheFuture) return 'fails';
  if (toMillis(takenAt) >= oldest) return 'holds';
  return storage === 'file' ? 'unknown' : 'fails';
}

/** Names a snapshot in a sentence. */
export function snapshotText(snapshot: JudgedSnapshot): string {
  const { path, location, takenAt } = snapshot.observation.value;
  return `${path} in ${location}${takenAt === null ? '' : ` (taken ${instantText(takenAt)})`}`;
}

/** Whether it outlives both the loss that is judged and the loss of the provider itself. */
export function standsApart(snapshot: JudgedSnapshot): Truth {
  return allOf([snapshot.survives, snapshot.apart]);
}

/** Every snapshot that may be the newest one that counts; null where it may be that none counts. */
export function possibleNewest(newestFirst: readonly JudgedSnapshot[]): readonly (JudgedSnapshot | null)[] {
  const undated = newestFirst.filter((one) => one.observation.value.takenAt === null);
  const dated = newestFirst.filter((one) => one.observation.value.takenAt !== null);
  const end = dated.findIndex((one) => standsApart(one) === 'holds');
  if (end >= 0) return [...dated.slice(0, end + 1), ...undated];
  return undated.some((one) => standsApart(one) === 'holds') ? [...dated, ...undated] : [...dated, ...undated, null];
}
