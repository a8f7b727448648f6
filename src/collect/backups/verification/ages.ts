import { toMillis } from '../../../model/instant.ts';
import type { VerificationAges } from '../survey-copies.ts';
import type { Verification } from './verification-memory.ts';

type Reading = Pick<Verification, 'verifiedAt' | 'isNew'>;

/** Whether a reading counts for nothing any more. */
export function isOld({ verifiedAt }: Reading, { now, limit }: VerificationAges): boolean {
  return toMillis(now) - toMillis(verifiedAt) > limit;
}

/** Whether it is time to read anew: its limit comes near, or it found damage, which is looked at in each run. */
export function isOldEnough({ verifiedAt, isNew }: Reading, { now, renewal }: VerificationAges, isDamaged: boolean) {
  return !isNew && (isDamaged || toMillis(now) - toMillis(verifiedAt) >= renewal);
}
