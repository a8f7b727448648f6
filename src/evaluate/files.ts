import type { Observation, Truth } from '../model/control.ts';
import { byTime, type Instant, toMillis } from '../model/instant.ts';
import type { Loss } from '../model/policy.ts';
import { instantText } from '../model/text.ts';
import { latestCredible } from './copies.ts';
import { survivalByKey } from './failure-domains.ts';
import { remembered } from './remembered.ts';

/** A dated copy of one path in a backup set, with everything that decides whether it counts. */
export interface JudgedFileCopy {
  readonly observation: Observation<'file-copy'>;
  /** The set was finished and holds the path. */
  readonly complete: boolean;
  readonly completeBecause: string;
  readonly fromTheFuture: boolean;
  /** Outside the lost failure domain. */
  readonly survives: Truth;
  readonly counts: Truth;
}

/** Judges every copy, newest first. */
export const judgeFileCopies: typeof judgeEachFileCopy = remembered(
  (copies, locationDomains, loss, asOf) => [copies, locationDomains, loss, asOf],
  judgeEachFileCopy,
);

function judgeEachFileCopy(
  copies: readonly Observation<'file-copy'>[],
  locationDomains: readonly Observation<'failure-domain'>[],
  loss: Loss,
  asOf: Instant,
): readonly JudgedFileCopy[] {
  const survival = survivalByKey(locationDomains, loss);
  const horizon = latestCredible(asOf);
  return copies
    .map((observation): JudgedFileCopy => {
      const { value } = observation;
      const complete = value.complete && value.present;
      const fromTheFuture = toMillis(value.moment) > horizon;
      const survives = survival(value.location);
      return {
        observation,
        complete,
        completeBecause: value.complete && !value.present ? 'it does not hold the path' : value.because,
        fromTheFuture,
        survives,
        counts: complete && !fromTheFuture ? survives : 'fails',
      };
    })
    .sort((a, b) => byTime(b.observation.value.moment, a.observation.value.moment) || byName(a, b));
}

function byName(a: JudgedFileCopy, b: JudgedFileCopy): number {
  return fileCopyText(a).localeCompare(fileCopyText(b));
}

/** Names a copy in a sentence. */
export function fileCopyText({ observation: { value } }: JudgedFileCopy): string {
  return `backup set ${value.copy} in ${value.location} of ${instantText(value.moment)}`;
}

/** What was seen of a copy that counts: a listing tells that something lies below the path, and no more. */
export function heldText(copy: JudgedFileCopy): string {
  if (copy.observation.value.files === 0) {
    return `${fileCopyText(copy)} has nothing of the directory, which is empty, as no file is registered`;
  }
  return `${fileCopyText(copy)} holds the directory; what is in it was not compared`;
}

/** Why a copy does not count, or may not. */
export function whyNot(copy: JudgedFileCopy): string {
  if (copy.fromTheFuture) return 'it is dated in the future';
  if (!copy.complete) return copy.completeBecause;
  if (copy.survives === 'fails') return 'it lies in the failure domain that is lost';
  const { location } = copy.observation.value;
  return `it is not known whether it outlives the loss: state the failure domain of location ${location} in the configuration`;
}
