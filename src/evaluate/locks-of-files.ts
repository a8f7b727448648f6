import type { Observation, Truth } from '../model/control.ts';
import { DAY, HOUR, type Instant, toMillis } from '../model/instant.ts';
import type { Limit } from '../model/policy.ts';
import { counted, instantText } from '../model/text.ts';
import { allOf } from './conclude.ts';

/** What files that were drawn say of the lock that their bucket gives by default. */
export interface LocksOfFiles {
  readonly truth: Truth;
  readonly because: string;
}

/**
 * Whether files in a bucket bear its default lock. It is given to what is written since it was set (Amazon S3 User Guide,
 * "Locking objects with Object Lock"): one that is younger than the lock lasts, and has none, was there before, or the
 * lock was taken off it. Older ones prove nothing, as theirs has ended. The lock of a single file may be shorter than the
 * default, and of another mode.
 *
 * @param days for how long the bucket locks
 * @param retention for how long copies must be kept: no file needs a longer lock
 */
export function locksOfFiles(
  samples: readonly Observation<'file-sample'>[],
  days: number,
  retention: Limit,
): LocksOfFiles {
  const all = samples.map((sample) => locksIn(sample, days, retention));
  const truth = all.length === 0 ? 'unknown' : allOf(all.map((one) => one.truth));
  const deciding = all.filter((one) => one.truth === truth).map(({ because }) => because);
  return {
    truth,
    because: [...new Set(deciding)].join('; ') || 'whether the files in it are locked was not looked at',
  };
}

function locksIn({ value, collectedAt }: Observation<'file-sample'>, days: number, retention: Limit): LocksOfFiles {
  const { found, population, missing, locked = 0, unlocked } = value;
  if (population === 0) return { truth: 'holds', because: 'the database lists no file that would have to be locked' };
  const drawn = counted(value.drawn, 'file');
  if (found === 0) return { truth: 'unknown', because: 'no file was found in it that could show whether it is locked' };
  const newest = unlocked?.newest ?? null;
  if (unlocked !== undefined && isWithin(newest, days, collectedAt)) {
    const because = `${unlocked.files} of ${drawn} drawn are not locked, the newest of them written on ${instantText(newest)}`;
    return { truth: 'fails', because };
  }
  const short = tooShort(value, days, retention);
  if (short?.truth === 'fails') return short;
  const untold = found - locked - (unlocked?.files ?? 0);
  if (untold > 0) {
    const because = `whether they are locked the service does not tell of ${untold} of ${drawn} drawn`;
    return { truth: 'unknown', because };
  }
  if (locked === 0) {
    const because = `none of ${drawn} drawn is locked, and none is young enough for its lock to last until now, so that nothing shows whether objects are locked`;
    return { truth: 'unknown', because };
  }
  if (short !== null) return short;
  if (missing > 0) {
    const because = `${locked} of ${drawn} drawn are locked, and ${missing} ${missing === 1 ? 'is' : 'are'} not there: whether locked old versions hold them was not looked at`;
    return { truth: 'unknown', because };
  }
  const older = unlocked === undefined ? '' : ', the others are older than that';
  const governed = value.locks?.governance ?? 0;
  const lifted =
    governed === 0
      ? ''
      : `, ${governed} of them in GOVERNANCE mode, which privileged users can lift (s3:BypassGovernanceRetention)`;
  return { truth: 'holds', because: `${locked} of ${drawn} drawn are locked${older}${lifted}` };
}

/**
 * Uploads may take long: a lock counts from their beginning, while some services say that a file was written at their end.
 */
const UPLOAD = HOUR;

/** What the shortest lock lacks of that which was promised from when its file was written; null where nothing. */
function tooShort(
  { locked = 0, locks }: Observation<'file-sample'>['value'],
  days: number,
  retention: Limit,
): LocksOfFiles | null {
  if (locked === 0) return null;
  if (locks === undefined) return { truth: 'unknown', because: 'until when they are locked is not told' };
  const { earliestEnd, shortestSeconds } = locks;
  if (earliestEnd === null) return null;
  if (shortestSeconds === null) {
    const because = `one of them is locked until ${instantText(earliestEnd)}, and when it was written is not told`;
    return { truth: 'unknown', because };
  }
  if (shortestSeconds * 1000 + UPLOAD >= Math.min(days, retention.value) * DAY) return null;
  const lasts = `${counted(Math.floor((shortestSeconds * 1000) / DAY), 'day')} from when its file was written`;
  const because = `of ${counted(locked, 'lock')} of files drawn the shortest lasts ${lasts}, which is less than ${retention.text} (${retention.origin}); the first ends on ${instantText(earliestEnd)}`;
  return { truth: 'fails', because };
}

function isWithin(written: Instant | null, days: number, now: Instant): written is Instant {
  return written !== null && toMillis(now) < toMillis(written) + days * DAY;
}
