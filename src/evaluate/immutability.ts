import type { JudgeContext, Observation, Truth } from '../model/control.ts';
import { DAY, type Instant, toInstant, toMillis } from '../model/instant.ts';
import type { Limit } from '../model/policy.ts';
import { counted, instantText } from '../model/text.ts';
import type { JudgedCopy } from './copies.ts';

/** Far more than Amazon S3 allows; more still outruns the calendar. */
const LONGEST_LOCK_DAYS = 1_000_000;

/** Whether a copy can be changed or deleted, and why. */
export interface Immutability {
  readonly truth: Truth;
  readonly because: string;
  readonly cites: readonly Observation[];
  /** False where its place did not tell of locks, though it would have mattered. */
  readonly isTold: boolean;
}

/** What tells of locks. Facts of places bear the name of the location as key. */
export interface LockFacts {
  readonly locks: readonly Observation<'store-object-lock'>[];
  readonly versioning: readonly Observation<'store-versioning'>[];
  /** Statements that a place is offline or write-once. */
  readonly offline: readonly Observation<'declaration'>[];
}

/**
 * Whether a copy stays for as long as copies must be kept: locked for that long since it was written, and locked now,
 * with every copy that it builds on. The default lock of a bucket holds for what was written since it was set, and only
 * where the bucket keeps versions (Amazon S3 User Guide, "Locking objects with Object Lock").
 *
 * @param copies all copies of the database that may count
 */
export function immutabilityOf(
  copy: JudgedCopy,
  copies: readonly JudgedCopy[],
  facts: LockFacts,
  retention: Limit,
  context: Pick<JudgeContext, 'asOf'>,
): Immutability {
  const own = lockOf(copy, facts, retention, context);
  const { physical, location } = copy.observation.value;
  if (own.truth !== 'holds' || physical === undefined || own.until === null) return own;
  for (const label of physical.builtOn) {
    const base = copies.find(
      ({ observation: { value } }) => value.location === location && value.physical?.label === label,
    );
    if (base === undefined)
      return { ...own, truth: 'unknown', because: `it builds on ${label}, whose lock is not known` };
    const { until } = lockOf(base, facts, retention, context);
    if (until === null || until <= toMillis(context.asOf)) {
      return { ...own, truth: 'fails', because: `it builds on ${label}, which is not locked any more` };
    }
  }
  return own;
}

/** `until` in milliseconds since 1970; null where nothing ends the lock or there is none. */
export type Lock = Immutability & { readonly until: number | null };

function lockOf(
  { observation }: JudgedCopy,
  facts: LockFacts,
  retention: Limit,
  { asOf }: Pick<JudgeContext, 'asOf'>,
): Lock {
  const { location, physical, modifiedAt, moment } = observation.value;
  // A vault counts from when the copy was begun, storage from when it was written: the earlier of the two is its birth.
  const [born = modifiedAt] = [moment?.notBefore ?? modifiedAt, modifiedAt].sort();
  const until = physical?.lockedUntil ?? null;
  const declared = declaredLock(location, facts);
  if (declared !== null) return declared;
  if (until !== null) return lockedUntil(toMillis(until), 'its service locks it', [], born, retention, asOf);
  return lockOfPlace({ location, writtenAt: modifiedAt, born }, facts, retention, asOf);
}

/** What lies in a location, and since when. */
export interface Placed {
  readonly location: string;
  readonly writtenAt: Instant;
  /** From when on it must be kept. */
  readonly born: Instant;
}

/** Whether what was written to a location at some time is locked there for as long as it must be kept. */
export function lockOfPlace(
  { location, writtenAt, born }: Placed,
  facts: LockFacts,
  retention: Limit,
  asOf: Instant,
): Lock {
  const declared = declaredLock(location, facts);
  if (declared !== null) return declared;
  const lock = facts.locks.find(({ subject }) => subject.key === location);
  const versioning = facts.versioning.find(({ subject }) => subject.key === location);
  const none = { isTold: true, until: null } as const;
  if (lock !== undefined && !lock.value.enabled) {
    return { truth: 'fails', because: `${location} locks nothing`, cites: [lock], ...none };
  }
  if (versioning !== undefined && versioning.value.state !== 'enabled') {
    const because = `${location} keeps no versions of what is overwritten (versioning is ${versioning.value.state})`;
    return { truth: 'fails', because, cites: [versioning], ...none };
  }
  if (lock === undefined || versioning === undefined) {
    const because = `${location} does not tell whether it locks what lies there`;
    return { truth: 'unknown', because, cites: [], isTold: false, until: null };
  }
  const { mode, days } = lock.value;
  if (mode === null || days === null) {
    const because = `${location} can lock objects and has no default lock; whether this one was locked by itself is not known`;
    return { truth: 'unknown', because, cites: [lock], ...none };
  }
  const until = toMillis(writtenAt) + Math.min(days, LONGEST_LOCK_DAYS) * DAY;
  const judged = lockedUntil(until, lockText(location, mode, days), [lock, versioning], born, retention, asOf);
  return judged.truth === 'holds' ? { ...judged, ...bornBy(writtenAt, lock, judged.because) } : judged;
}

/**
 * Whether what was written at some time bears the default lock, which holds for what was written since it was set: no
 * service tells when that was. It does where an object there is locked that was written then or before, and none since is
 * open; a locked one from later shows nothing of what was written before, unless every object was asked.
 */
function bornBy(
  writtenAt: Instant,
  { value: { seen }, subject }: LockFacts['locks'][number],
  because: string,
): Pick<Lock, 'truth' | 'because'> {
  const only = `${because}, if it was written after that was set`;
  if (seen === undefined || seen.asked === 0) {
    return { truth: 'unknown', because: `${only}: no object there told of its own lock` };
  }
  const written = toMillis(writtenAt);
  const reaches = (newest: Instant | null): newest is Instant => newest !== null && toMillis(newest) >= written;
  const { asked, isEvery, lockedSince, newestOpen, newestUnlocked } = seen;
  if (reaches(newestUnlocked)) {
    const text = `${subject.key} has a default lock, and an object there that was written on ${instantText(newestUnlocked)} has none: the default was set later, or the lock was taken off`;
    // A later one without a lock shows that the default is younger than this one, which may bear a lock of its own.
    return { truth: toMillis(newestUnlocked) === written ? 'fails' : 'unknown', because: text };
  }
  if (reaches(newestOpen)) {
    return { truth: 'unknown', because: `${only}: objects there do not tell whether they are locked` };
  }
  if (lockedSince !== null && (isEvery || toMillis(lockedSince) <= written)) return { truth: 'holds', because };
  return {
    truth: 'unknown',
    because: `${only}: of ${counted(asked, 'object')} asked there none that is as old is locked`,
  };
}

/** `x locks for 30 days in COMPLIANCE mode`. */
export function lockText(place: string, mode: string, days: number): string {
  return mode === 'GOVERNANCE'
    ? `${place} locks for ${counted(days, 'day')} in GOVERNANCE mode, which privileged users can lift (s3:BypassGovernanceRetention),`
    : `${place} locks for ${counted(days, 'day')} in ${mode} mode`;
}

function declaredLock(location: string, { offline }: LockFacts): Lock | null {
  const declared = offline.find(({ subject }) => subject.key === location);
  if (declared === undefined) return null;
  const because = `attestation ${declared.value.id} declares ${location} to be offline or write-once`;
  return { truth: 'holds', because, cites: [declared], isTold: true, until: null };
}

function lockedUntil(
  until: number,
  how: string,
  cites: readonly Observation[],
  born: Instant,
  retention: Limit,
  asOf: Instant,
): Lock {
  const common = { cites, isTold: true, until } as const;
  const end = instantText(toInstant(until));
  if (until <= toMillis(asOf)) return { truth: 'fails', because: `${how}: its lock ended on ${end}`, ...common };
  if (until < toMillis(born) + retention.value * DAY) {
    return {
      truth: 'fails',
      because: `${how}: until ${end}, which is less than ${retention.text} (${retention.origin})`,
      ...common,
    };
  }
  return { truth: 'holds', because: `${how}: until ${end}`, ...common };
}
