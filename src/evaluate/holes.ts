import type { JudgeContext, Observation } from '../model/control.ts';
import { DAY, type Instant, MINUTE, toInstant, toMillis } from '../model/instant.ts';
import type { JudgedCopy } from './copies.ts';
import { CLOCK_TOLERANCE_MINUTES } from './copies.ts';
import { goingOn, scheduleOf, stuckAfter } from './expected-runs.ts';
import { runsDue } from './periods.ts';
import { retentionOf } from './retention.ts';

type Plan = Observation<'backup-plan'>;
type Run = Observation<'backup-run'>;

/** A stretch of time in milliseconds since 1970, `end` excluded. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Longest that a run which is going on excuses its period. */
const LONGEST_RUN = 3 * DAY;

/** Periods of one plan without a copy that counts. */
export interface Holes {
  readonly looked: number;
  readonly certain: readonly Stretch[];
  /** Without a copy that counts for certain, where one that may count lies or may lie. */
  readonly possible: readonly Stretch[];
  /** True where no run that may be going on could change what was found. */
  readonly isRunless: boolean;
}

const TOLERANCE = CLOCK_TOLERANCE_MINUTES * MINUTE;

/** From when on a plan must have left copies: over the retention, and since database and plan both exist. */
function windowOf(plan: Plan, made: Instant | null, context: JudgeContext) {
  const kept = Math.max(0, toMillis(context.asOf) - retentionOf(plan, context).value * DAY);
  const { createdAt } = plan.value;
  const existsSince = Math.max(made === null ? 0 : toMillis(made), createdAt === null ? 0 : toMillis(createdAt));
  return { kept, existsSince, from: Math.max(kept, existsSince) };
}

/**
 * Periods of a cron schedule that have ended, by their own length each; empty for other schedules. The first within the
 * retention is left out: its copy may be deleted already.
 */
export function endedPeriods(plan: Plan, made: Instant | null, context: JudgeContext): readonly Stretch[] {
  const { kept, existsSince } = windowOf(plan, made, context);
  const latestStart = toMillis(context.asOf) - context.limit('runGraceMinutes').value * MINUTE;
  const due = runsDue(plan.value, toInstant(kept), context.asOf);
  return due
    .slice(0, -1)
    .map((start, index) => ({ start, end: due[index + 1] ?? start }))
    .slice(1)
    .filter(({ start }) => start >= existsSince && start <= latestStart);
}

/** True where a plan has had time to leave a copy: some period of it has ended. */
export function hasEndedPeriod(plan: Plan, made: Instant | null, context: JudgeContext): boolean {
  const schedule = scheduleOf(plan.value);
  if (schedule.kind !== 'interval') return endedPeriods(plan, made, context).length > 0;
  const grace = context.limit('runGraceMinutes').value * MINUTE;
  return windowOf(plan, made, context).from + 2 * schedule.millis + grace < toMillis(context.asOf);
}

/** Where copies of a plan are missing. A period whose run is still going is no hole. */
export function holesOf(
  plan: Plan,
  made: Instant | null,
  copies: readonly JudgedCopy[],
  runs: readonly Run[],
  context: JudgeContext,
): Holes {
  const going = startsOfRunning(plan, runs, context);
  const isExcused = ({ start, end }: Stretch) => going.some((at) => at >= start - TOLERANCE && at < end - TOLERANCE);
  const found = scheduleOf(plan.value).kind === 'interval' ? gapsOf : emptyPeriodsOf;
  const all = found(plan, made, copies, context);
  const certain = all.certain.filter((hole) => !isExcused(hole));
  const possible = all.possible.filter((hole) => !isExcused(hole));
  const tooOld = toMillis(context.asOf) - LONGEST_RUN - TOLERANCE;
  const isRunless = all.certain.length + all.possible.length === 0 || certain.some(({ end }) => end < tooOld);
  return { looked: all.looked, certain, possible, isRunless };
}

function emptyPeriodsOf(plan: Plan, made: Instant | null, copies: readonly JudgedCopy[], context: JudgeContext) {
  const periods = endedPeriods(plan, made, context);
  const filled = fillings(periods, copies);
  return {
    looked: periods.length,
    certain: periods.filter((_, index) => filled[index] === NOT),
    possible: periods.filter((_, index) => filled[index] === MAYBE),
  };
}

const [NOT, MAYBE, SURELY] = [0, 1, 2];

/** Which periods, ascending and apart, hold a copy: each copy falls into the period that it was made in. */
function fillings(periods: readonly Stretch[], copies: readonly JudgedCopy[]): readonly number[] {
  const filled = periods.map(() => NOT);
  for (const { observation, counts } of copies) {
    if (counts === 'fails') continue;
    const { moment } = observation.value;
    const from = moment === null ? Number.NEGATIVE_INFINITY : toMillis(moment.notBefore) + TOLERANCE;
    const to = moment === null ? Number.POSITIVE_INFINITY : toMillis(moment.notAfter) + TOLERANCE;
    for (let index = firstEndingAfter(periods, from); index < periods.length; index += 1) {
      const period = periods[index];
      if (period === undefined || period.start > to) break;
      const isInside = from >= period.start && to < period.end;
      filled[index] = Math.max(filled[index] ?? NOT, counts === 'holds' && isInside ? SURELY : MAYBE);
    }
  }
  return filled;
}

function firstEndingAfter(periods: readonly Stretch[], at: number): number {
  let [low, high] = [0, periods.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((periods[middle]?.end ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Of an interval some copy must lie within it, counted from the copy before: longer stretches are holes. */
function gapsOf(plan: Plan, made: Instant | null, copies: readonly JudgedCopy[], context: JudgeContext) {
  const schedule = scheduleOf(plan.value);
  const millis = schedule.kind === 'interval' ? schedule.millis : Number.POSITIVE_INFINITY;
  const { from } = windowOf(plan, made, context);
  const allowed = millis + context.limit('runGraceMinutes').value * MINUTE;
  const now = toMillis(context.asOf);
  const between = (marks: readonly number[]): readonly Stretch[] => {
    const inside = [from, ...marks.filter((mark) => mark > from && mark <= now)].sort((a, b) => a - b);
    const gaps = inside.map((start, index) => ({ start, end: inside[index + 1] ?? now }));
    // After the last copy one interval more is the business of the run that is due now.
    return gaps.filter(({ start, end }, index) => end - start > allowed + (index === gaps.length - 1 ? millis : 0));
  };
  const moments = (certainOnly: boolean) =>
    copies.flatMap(({ observation, counts }) => {
      const { moment } = observation.value;
      if (counts === 'fails' || moment === null) return [];
      if (!certainOnly) return [toMillis(moment.notBefore), toMillis(moment.notAfter)];
      return counts === 'holds' && moment.notBefore === moment.notAfter ? [toMillis(moment.notBefore)] : [];
    });
  const isTimeless = copies.some(({ observation, counts }) => counts !== 'fails' && observation.value.moment === null);
  return {
    looked: Math.floor((now - from) / millis),
    certain: isTimeless ? [] : between(moments(false)),
    possible: between(moments(true)),
  };
}

/** When the runs that are going on were started; one that is stuck excuses nothing. */
function startsOfRunning(plan: Plan, runs: readonly Run[], context: JudgeContext): readonly number[] {
  const longest = Math.min(LONGEST_RUN, stuckAfter(runs, context.limit('runGraceMinutes').value * MINUTE));
  return goingOn(runs)
    .filter(({ value }) => value.planId === null || value.planId === plan.value.planId)
    .map(({ value }) => toMillis(value.startedAt))
    .filter((at) => toMillis(context.asOf) - at <= longest);
}
