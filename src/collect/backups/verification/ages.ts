import { DAY, type Instant, toMillis } from '../../../model/instant.ts';
import { type PolicyLimits, verificationDays } from '../../../model/policy.ts';
import type { Subject } from '../../../model/subject.ts';
import type { Verification } from './verification-memory.ts';

type Reading = Pick<Verification, 'verifiedAt' | 'isNew'>;

/** How long full readings of the copies of one database count. */
export interface VerificationAges {
  readonly now: Instant;
  /** Age from which on one counts for nothing. Milliseconds. */
  readonly limit: number;
  /** Age from which on it is made anew. Milliseconds. */
  readonly renewal: number;
}

/**
 * @param subject see {@link verificationDays}
 * @param everyDays within how many days every copy shall have its turn; undefined: as the age limit needs it
 */
export function verificationAges(
  policy: PolicyLimits,
  subject: Pick<Subject, 'kind' | 'organizationId'> | null,
  everyDays: number | undefined,
  now: Instant,
): VerificationAges {
  const days = verificationDays(policy, subject);
  // In time: a run may be missed, and a budget used up, before the limit is reached.
  const renewal = Math.min((days * 2) / 3, everyDays ?? Number.POSITIVE_INFINITY);
  return { now, limit: days * DAY, renewal: renewal * DAY };
}

/** Whether a reading counts for nothing any more. */
export function isOld({ verifiedAt }: Reading, { now, limit }: VerificationAges): boolean {
  return toMillis(now) - toMillis(verifiedAt) > limit;
}

/** Whether it is time to read anew: its limit comes near, or it found damage, which is looked at in each run. */
export function isOldEnough({ verifiedAt, isNew }: Reading, { now, renewal }: VerificationAges, isDamaged: boolean) {
  return !isNew && (isDamaged || toMillis(now) - toMillis(verifiedAt) >= renewal);
}
