import { Cron } from 'croner';
import type { Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { byTime, DAY, HOUR, type Instant, MINUTE, SECOND, toInstant, toMillis } from '../model/instant.ts';
import { remembered } from './remembered.ts';

/**
 * Arithmetic of backup schedules: the only file that knows cron. Every instant and the time zone are given explicitly;
 * a plan without a zone is read as UTC. Schedules: cron with five fields or one of its names (`@daily`), an ISO 8601 duration
 * (`PT24H`), or `continuous`.
 */

type Plan = Facts['backup-plan'];

/** Plans, enabled or not, whose scope includes a database of that kind. */
export function plansCovering(
  database: 'install-database' | 'tenant-database',
  plans: readonly Observation<'backup-plan'>[],
): readonly Observation<'backup-plan'>[] {
  return plans.filter(({ value }) => value.covers === 'all' || value.covers === 'cluster' || value.covers === database);
}

/**
 * What a schedule means: instants of its runs, an interval, a continuous stream, cron text whose date never comes (such
 * as 31 February), or text nobody understands.
 */
export type Schedule =
  | {
      readonly kind: 'cron';
      readonly previous: (before: Instant) => Instant | null;
      readonly next: (after: Instant) => Instant | null;
    }
  | { readonly kind: 'interval'; readonly millis: number }
  | { readonly kind: 'continuous' }
  | { readonly kind: 'none' }
  | { readonly kind: 'never'; readonly text: string }
  | { readonly kind: 'not understood'; readonly text: string };

/** Longest schedule text that is parsed; inventories are input from the outside. */
const LONGEST = 100;

/** crontab(5), "EXTENSIONS": names that stand for five fields. `@reboot` names no time. */
const NAMED: Readonly<Partial<Record<string, string>>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

export function parseSchedule(plan: Pick<Plan, 'schedule' | 'timezone'>): Schedule {
  const text = plan.schedule?.trim() ?? '';
  if (text === '') return { kind: 'none' };
  if (text.toLowerCase() === 'continuous') return { kind: 'continuous' };
  const millis = durationMillis(text);
  if (millis !== null) return { kind: 'interval', millis };
  const fields = Object.hasOwn(NAMED, text.toLowerCase()) ? (NAMED[text.toLowerCase()] ?? text) : text;
  if (text.length > LONGEST || fields.split(/\s+/).length !== 5)
    return { kind: 'not understood', text: text.slice(0, LONGEST) };
  try {
    const cron = new Cron(fields, { timezone: plan.timezone ?? 'UTC', paused: true });
    // An unknown time zone shows only when a run is computed.
    if (cron.nextRun(new Date(0)) === null) return { kind: 'never', text };
    return {
      kind: 'cron',
      previous: (before) => instantOf(cron.previousRuns(1, new Date(before))[0]),
      next: (after) => instantOf(cron.nextRun(new Date(after))),
    };
  } catch {
    return { kind: 'not understood', text };
  }
}

/** The first run a plan should make for something that exists since `since`; null where the schedule does not tell. */
export function firstExpectedRun(plan: Plan, since: Instant): Instant | null {
  if (!plan.enabled) return null;
  const schedule = parseSchedule(plan);
  if (schedule.kind === 'cron') return schedule.next(since);
  if (schedule.kind === 'interval') return toInstant(toMillis(since) + schedule.millis);
  return null;
}

/** Median duration in milliseconds of the last 10 successful runs; 0 below 3 of them. */
export const usualDuration: typeof usualDurationOf = remembered((runs) => [runs], usualDurationOf);

function usualDurationOf(runs: readonly Observation<'backup-run'>[]): number {
  const durations = runs
    .filter(({ value }) => value.status === 'succeeded' && value.finishedAt !== null)
    .sort((a, b) => byTime(b.value.startedAt, a.value.startedAt))
    .slice(0, 10)
    .map(({ value }) => toMillis(value.finishedAt ?? value.startedAt) - toMillis(value.startedAt))
    .sort((a, b) => a - b);
  if (durations.length < 3) return 0;
  return durations[Math.floor(durations.length / 2)] ?? 0;
}

function instantOf(date: Date | null | undefined): Instant | null {
  return date === null || date === undefined ? null : toInstant(date.getTime());
}

/** ISO 8601 durations in weeks, days, hours, minutes and seconds; months and years have no fixed length. */
function durationMillis(text: string): number | null {
  const match = /^P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$/.exec(text);
  if (match === null) return null;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((field) => Number(field ?? 0));
  const millis =
    (weeks ?? 0) * 7 * DAY +
    (days ?? 0) * DAY +
    (hours ?? 0) * HOUR +
    (minutes ?? 0) * MINUTE +
    (seconds ?? 0) * SECOND;
  return millis > 0 ? millis : null;
}
