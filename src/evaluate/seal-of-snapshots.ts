import type { JudgeContext, Judgement, Observation, Observed } from '../model/control.ts';
import { toMillis } from '../model/instant.ts';
import { allOf } from './conclude.ts';
import { ageOfSealKey, olderThanKeyText } from './custody-key-ages.ts';
import { judged, regardless } from './define-control.ts';
import { type OWN_SNAPSHOTS, SHAMIR } from './key-needs.ts';
import { type JudgedSnapshot, judgeSnapshots, possibleNewest, snapshotText, standsApart } from './key-snapshots.ts';
import { keyThere } from './leaned-on-keys.ts';
import { otherSealKey } from './seal-keys.ts';
import { isOfUntold } from './snapshot-goodness.ts';

/**
 * Whether what opens the live Vault opens the newest snapshot that would be restored as well. That there is none, or none
 * that is good, is not asked about here.
 */
export function judgeSealOfSnapshots(observed: SealFacts, context: JudgeContext): Judgement {
  const seal = observed.providers[0]?.value.sealType ?? null;
  const judgement = judgeSeal(observed, context);
  return seal === null || seal === SHAMIR ? regardless(judgement, 'custody', 'keys') : judgement;
}

/** What is told of a Vault and its snapshots, and of the key that unseals it. */
interface SealFacts extends Observed<typeof OWN_SNAPSHOTS> {
  readonly custody: readonly Observation<'custody'>[];
  readonly keys: readonly Observation<'key-state'>[];
}

function judgeSeal(observed: SealFacts, context: JudgeContext): Judgement {
  const whole = judgeSnapshots(observed, context.policy.loss, context.asOf).filter(
    (one) => !one.fromTheFuture && one.whole !== 'fails' && !isOfUntold(one.observation.value),
  );
  const counting = whole.filter((one) => standsApart(one) !== 'fails');
  const possible = possibleNewest(counting).flatMap((one) => one ?? []);
  const states = observed.providers.slice(0, 1);
  const [newest] = possible;
  if (newest === undefined) {
    const contradicted = contradictedSeal(whole.slice(0, 1), observed, context);
    if (contradicted !== null) return contradicted;
    const holds = judged('holds', 'no snapshot of it is there to be opened otherwise', states);
    // One that names the key of its seal could speak against whatever were stated.
    return whole.some(({ observation }) => observation.value.sealKeyId !== null)
      ? holds
      : regardless(holds, 'custody', 'keys');
  }
  const other = possible.find(({ seal }) => allOf([seal.opens, seal.shares]) !== 'holds');
  if (other !== undefined) {
    return judged('unknown', `${snapshotText(other)}: ${other.seal.because}`, [...states, other.observation]);
  }
  const contradicted = contradictedSeal(possible, observed, context);
  if (contradicted !== null) return contradicted;
  const seal = states[0]?.value.sealType ?? null;
  const key = ageOfSealKey(seal, observed.custody[0]?.value, observed.keys);
  const older = possible.find(({ observation: { value } }) => {
    return key !== null && value.takenAt !== null && toMillis(value.takenAt) < toMillis(key.since);
  });
  if (key !== null && older !== undefined) {
    const because = `${snapshotText(older)} is ${olderThanKeyText(key, context.subject.name)}`;
    return judged('unknown', because, [...states, older.observation, ...observed.custody]);
  }
  return judged('holds', 'its newest snapshot tells the same seal and as many shares', [...states, newest.observation]);
}

/**
 * What the snapshots that would be restored name as the key of their seal, where another one is stated to unseal Vault, or a
 * later snapshot names it: each opens with the key that it names. Null where none does.
 */
function contradictedSeal(
  possible: readonly JudgedSnapshot[],
  { providers, custody, keys }: SealFacts,
  { subject, asOf }: JudgeContext,
): Judgement | null {
  const sealType = providers[0]?.value.sealType ?? null;
  const named = possible.map((snapshot) => {
    const { seal, observation } = snapshot;
    const other =
      seal.opens !== 'holds' ? null : otherSealKey(subject.key, observation, sealType, custody[0]?.value, keys);
    const holder = other?.holder ?? null;
    const there = holder === null ? null : keyThere(holder, keys, asOf);
    return { snapshot, other, there };
  });
  const shown = named.find(({ other }) => other !== null);
  if (shown?.other == null) return null;
  const isGone = named.every(({ other, there }) => other !== null && there?.truth === 'fails');
  const lacks = shown.there === null || shown.there.truth === 'holds' ? '' : `; ${shown.there.because}`;
  return judged(isGone ? 'fails' : 'unknown', `${snapshotText(shown.snapshot)} ${shown.other.because}${lacks}`, [
    ...providers.slice(0, 1),
    shown.snapshot.observation,
    ...custody,
    ...(shown.there?.observation === undefined ? [] : [shown.there.observation]),
  ]);
}
