import type { JudgeContext, Observation } from '../model/control.ts';
import { type Instant, MINUTE, toInstant } from '../model/instant.ts';
import { need } from './define-control.ts';
import { isSince, later, type PromisedRun, promisedRun } from './expected-runs.ts';
import { isCredibleCreation } from './provisioning.ts';

/** What tells from when on runs of a database are promised, beside its plans, and which were made. */
export const PROMISE_NEEDS = {
  organizations: need('organization', 'organization', 'either'),
  rows: need('tenant-database', 'organization', 'either'),
  states: need('database-state', 'self', 'either'),
} as const;

/** Names of the needs that tell when the database was made. */
export const MADE_NEED_NAMES = ['rows', 'states'] as const;

export interface PromiseFacts {
  readonly organizations: readonly Observation<'organization'>[];
  readonly rows: readonly Observation<'tenant-database'>[];
  readonly states: readonly Observation<'database-state'>[];
  readonly runs: readonly Observation<'backup-run'>[];
  readonly copies: readonly Observation<'copy'>[];
}

/** What a plan has promised of a database, and the needs that could not change that. */
export interface DatabasePromise {
  readonly promise: PromisedRun;
  readonly regardlessOf: readonly (keyof PromiseFacts)[];
}

/**
 * What a plan has promised of the judged database by now: of no time before plan and organization were there, nor, where
 * nothing was left of the run, before the database was made.
 */
export function promiseOf(
  plan: Observation<'backup-plan'>,
  facts: PromiseFacts,
  context: JudgeContext,
): DatabasePromise {
  const starts = [plan.value.createdAt, facts.organizations[0]?.value.createdAt].filter(
    (start) => typeof start === 'string',
  );
  const since = starts.reduce(later, toInstant(0));
  const grace = context.limit('runGraceMinutes').value * MINUTE;
  const promise = promisedRun(plan.value, since, context.asOf, grace);
  if (promise.kind !== 'due') return { promise, regardlessOf: [...MADE_NEED_NAMES, 'runs', 'copies'] };
  if (wasMade(promise.at, facts)) return { promise, regardlessOf: MADE_NEED_NAMES };
  const { rows, states } = facts;
  const row = rows.find(({ value }) => value.databaseName === context.subject.name)?.value.createdAt ?? null;
  const made = row ?? states[0]?.value.createdAt ?? null;
  if (made === null || made <= promise.at || !isCredibleCreation(made, context)) {
    return { promise, regardlessOf: row === null ? ['runs', 'copies'] : ['states', 'runs', 'copies'] };
  }
  return {
    promise: promisedRun(plan.value, later(since, made), context.asOf, grace),
    regardlessOf: row === null ? [] : ['states'],
  };
}

/** Whether anything shows that a run was started, whatever became of it: then the database was there. */
function wasMade(at: Instant, { runs, copies }: PromiseFacts): boolean {
  return (
    runs.some(({ value }) => isSince(value.startedAt, at)) ||
    copies.some(({ value }) => value.moment !== null && isSince(value.moment.notBefore, at))
  );
}
