import type { Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { DAY, HOUR, type Instant, MINUTE, toInstant, toMillis } from '../model/instant.ts';
import { CLOCK_TOLERANCE_MINUTES } from './copies.ts';
import { parseSchedule, type Schedule, usualDuration } from './schedule.ts';

type Plan = Facts['backup-plan'];
type Run = Observation<'backup-run'>;

/** What a plan has promised by now: a run since `at`, none yet, none ever, an unbroken stream, or nobody knows. */
export type PromisedRun =
  | { readonly kind: 'due'; readonly at: Instant }
  | { readonly kind: 'not due'; readonly next: Instant | null }
  | { readonly kind: 'never' }
  | { readonly kind: 'continuous' }
  | { readonly kind: 'unknown'; readonly because: string };

/**
 * The latest run a plan should have started, its grace having passed. Cron schedules name the instant; of an interval
 * some run must lie within it.
 *
 * @param since from when on the plan and what it covers both exist
 * @param graceMillis how late a run may start, in milliseconds
 */
export function promisedRun(plan: Plan, since: Instant, asOf: Instant, graceMillis: number): PromisedRun {
  const schedule = scheduleOf(plan);
  if (schedule.kind === 'continuous' || schedule.kind === 'never') return schedule;
  if (schedule.kind === 'none') return { kind: 'unknown', because: `plan ${plan.planId} states no schedule` };
  if (schedule.kind === 'not understood') return { kind: 'unknown', because: untoldText(plan, schedule) };
  const judgedAt = toInstant(toMillis(asOf) - graceMillis);
  if (schedule.kind === 'interval') {
    const at = toInstant(toMillis(judgedAt) - schedule.millis);
    return at >= since ? { kind: 'due', at } : { kind: 'not due', next: toInstant(toMillis(since) + schedule.millis) };
  }
  const at = schedule.previous(judgedAt);
  return at !== null && at >= since ? { kind: 'due', at } : { kind: 'not due', next: schedule.next(since) };
}

/** Why nobody can tell when a plan comes due, of one that states a schedule; null where it can be told. */
export function notUnderstood(plan: Plan): string | null {
  const schedule = scheduleOf(plan);
  return schedule.kind === 'not understood' ? untoldText(plan, schedule) : null;
}

function untoldText(plan: Plan, { text }: Extract<Schedule, { kind: 'not understood' }>): string {
  return unknownZone(plan) ?? `the schedule of plan ${plan.planId} is not understood: ${text}`;
}

/** Says so where it is the time zone of a plan that keeps it from being understood, and not its schedule. */
function unknownZone({ planId, schedule, timezone }: Plan): string | null {
  if (timezone === null || parseSchedule({ schedule, timezone: null }).kind === 'not understood') return null;
  return `the time zone of plan ${planId} is not known: ${timezone.slice(0, 100)}`;
}

/** True for a plan whose schedule names a date that never comes: it makes no copy of anything. */
export function neverComesDue(plan: Plan): boolean {
  return scheduleOf(plan).kind === 'never';
}

/** True where a run was started for what was expected at `at`; clocks may differ by their tolerance. */
export function isSince(startedAt: Instant, at: Instant): boolean {
  return toMillis(startedAt) >= toMillis(at) - CLOCK_TOLERANCE_MINUTES * MINUTE;
}

/** How long a run may go on before it is taken for stuck: three usual durations and at least the grace; a day where nothing is usual yet. */
export function stuckAfter(runs: readonly Run[], graceMillis: number): number {
  const usual = usualDuration(runs);
  return usual === 0 ? DAY : Math.max(3 * usual, graceMillis);
}

/** Runs that are going on: recorded as running, without a later one that succeeded, which would show a forgotten record. */
export function goingOn(runs: readonly Run[]): readonly Run[] {
  const lastSuccess = runs
    .filter(({ value }) => value.status === 'succeeded')
    .map(({ value }) => value.startedAt)
    .reduce(later, '');
  return runs.filter(({ value }) => value.status === 'running' && value.startedAt > lastSuccess);
}

/**
 * The run that is going on, was started when its plan says (within the grace), and is not stuck; null where there is
 * none. A run that names no plan may be any plan's.
 */
export function runOnTime(
  runs: readonly Run[],
  plans: readonly Observation<'backup-plan'>[],
  asOf: Instant,
  graceMillis: number,
): Run | null {
  const longest = stuckAfter(runs, graceMillis);
  const isOnTime = (run: Run) => {
    const { startedAt, planId } = run.value;
    const age = toMillis(asOf) - toMillis(startedAt);
    if (age < -CLOCK_TOLERANCE_MINUTES * MINUTE || age > longest) return false;
    return plans.some(
      ({ value }) =>
        value.enabled && (planId === null || planId === value.planId) && startsAt(value, startedAt, graceMillis),
    );
  };
  return goingOn(runs).find(isOnTime) ?? null;
}

/** The later of two instants; text of this form sorts by time. */
export function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

function startsAt(plan: Plan, startedAt: Instant, graceMillis: number): boolean {
  const schedule = scheduleOf(plan);
  if (schedule.kind === 'interval') return true;
  if (schedule.kind !== 'cron') return false;
  const expected = schedule.previous(toInstant(toMillis(startedAt) + CLOCK_TOLERANCE_MINUTES * MINUTE));
  return expected !== null && toMillis(startedAt) <= toMillis(expected) + graceMillis;
}

/** `2 h`, `12 min`: a usual duration for a sentence, rounded up to a minute. */
export function durationText(millis: number): string {
  return millis >= HOUR ? `${Math.ceil(millis / HOUR)} h` : `${Math.ceil(millis / MINUTE)} min`;
}

/** Schedules met lately. Thousands of databases share a plan, and reading a cron expression is the dear part. */
const MET = new Map<string, Schedule>();
const MET_AT_MOST = 256;

/** What the schedule of a plan means; read once for all databases that share it. */
export function scheduleOf(plan: Pick<Plan, 'schedule' | 'timezone'>): Schedule {
  // Nearly always the plan that was asked about just before.
  if (lastMet?.plan !== plan) lastMet = { plan, schedule: metSchedule(plan) };
  return lastMet.schedule;
}

let lastMet: { readonly plan: Pick<Plan, 'schedule' | 'timezone'>; readonly schedule: Schedule } | null = null;

function metSchedule(plan: Pick<Plan, 'schedule' | 'timezone'>): Schedule {
  const key = `${plan.timezone ?? ''}|${plan.schedule ?? ''}`;
  const met = MET.get(key);
  if (met !== undefined) return met;
  if (MET.size >= MET_AT_MOST) MET.clear();
  const schedule = remembering(parseSchedule(plan));
  MET.set(key, schedule);
  return schedule;
}

/** Databases of one plan are judged one after another by one clock, so that the last answer is nearly always the next. */
function remembering(schedule: Schedule): Schedule {
  if (schedule.kind !== 'cron') return schedule;
  let last: { readonly before: Instant; readonly run: Instant | null } | null = null;
  return {
    ...schedule,
    previous(before) {
      if (last?.before !== before) last = { before, run: schedule.previous(before) };
      return last.run;
    },
  };
}
