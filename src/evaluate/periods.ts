import type { Facts } from '../model/facts.ts';
import { type Instant, toInstant, toMillis } from '../model/instant.ts';
import { scheduleOf } from './expected-runs.ts';

/**
 * The periods of backup schedules, from one run that is due to the next. They follow the cron text and time zone of the
 * plan itself, so a day on which clocks change has 23 or 25 hours, and a weekend may be one period.
 */

type Plan = Pick<Facts['backup-plan'], 'schedule' | 'timezone'>;

/** Runs that are looked at to learn the longest period of a schedule: two months of a weekly one. */
const LOOKED_AT = 8;
/** Instants kept of one schedule and window; more periods are not looked at, the latest are. */
const MOST_RUNS = 1000;

/** The period that an instant lies in, in milliseconds; null where the schedule has none. */
export function periodAt(plan: Plan, at: Instant): number | null {
  const schedule = scheduleOf(plan);
  if (schedule.kind === 'interval') return schedule.millis;
  if (schedule.kind !== 'cron') return null;
  return kept(AROUND, `${keyOf(plan)}|${at}`, () => {
    const previous = schedule.previous(toInstant(toMillis(at) + 1));
    const next = schedule.next(at);
    return previous === null || next === null ? null : toMillis(next) - toMillis(previous);
  });
}

/** The longest of the latest periods before an instant, in milliseconds; null where the schedule has none. */
export function longestPeriod(plan: Plan, before: Instant): number | null {
  const schedule = scheduleOf(plan);
  if (schedule.kind === 'interval') return schedule.millis;
  if (schedule.kind !== 'cron') return null;
  return kept(LONGEST, `${keyOf(plan)}|${before}`, () => {
    let longest = 0;
    let later = schedule.next(before);
    for (let looked = 0; looked < LOOKED_AT && later !== null; looked += 1) {
      const earlier = schedule.previous(later);
      if (earlier === null) break;
      longest = Math.max(longest, toMillis(later) - toMillis(earlier));
      later = earlier;
    }
    return longest === 0 ? null : longest;
  });
}

/**
 * When the runs of a cron schedule were due after `from` and not after `to`, in milliseconds and ascending; the latest
 * {@link MOST_RUNS} of them. Empty for other schedules.
 */
export function runsDue(plan: Plan, from: Instant, to: Instant): readonly number[] {
  const schedule = scheduleOf(plan);
  if (schedule.kind !== 'cron') return [];
  return kept(DUE, `${keyOf(plan)}|${from}|${to}`, () => {
    const due: number[] = [];
    let at = schedule.previous(toInstant(toMillis(to) + 1));
    while (at !== null && at > from && due.length < MOST_RUNS) {
      due.push(toMillis(at));
      at = schedule.previous(at);
    }
    return due.reverse();
  });
}

/** Thousands of databases share a plan and a clock, and working a calendar back is dear. */
const AROUND = new Map<string, number | null>();
const LONGEST = new Map<string, number | null>();
const DUE = new Map<string, readonly number[]>();
const KEPT_AT_MOST = 256;

function kept<T>(answers: Map<string, T>, key: string, work: () => T): T {
  const known = answers.get(key);
  if (known !== undefined) return known;
  if (answers.size >= KEPT_AT_MOST) answers.clear();
  const answer = work();
  answers.set(key, answer);
  return answer;
}

function keyOf({ schedule, timezone }: Plan): string {
  return `${timezone ?? ''}|${schedule ?? ''}`;
}
