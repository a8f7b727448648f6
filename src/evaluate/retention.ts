import type { JudgeContext, Observation } from '../model/control.ts';
import { DAY, type Instant } from '../model/instant.ts';
import type { Limit } from '../model/policy.ts';
import { need } from './define-control.ts';
import { periodAt } from './periods.ts';
import { isCredibleCreation } from './provisioning.ts';

/** The organization of the judged database; of the install database there is none. */
export const ORGANIZATION = need('organization', 'organization', 'either');

type Plan = Observation<'backup-plan'>;

/**
 * How far back copies must reach: what the plans that are enabled promise, the longest of them; the limit where none
 * promises anything. A limit that the policy states is a duty, which no plan may fall short of.
 */
export function requiredRetention(plans: readonly Plan[], context: Pick<JudgeContext, 'limit'>): Limit {
  const limit = context.limit('retentionDays');
  const promised = longestPromise(plans);
  const days = promised?.value.retentionDays ?? null;
  if (promised === undefined || days === null) return limit;
  if (limit.origin !== 'default' && limit.value >= days) return limit;
  return promiseOf(promised, days);
}

/** How long one plan keeps its copies: by its own promise, else by the limit. */
export function retentionOf(plan: Plan, context: Pick<JudgeContext, 'limit'>): Limit {
  const { retentionDays } = plan.value;
  return retentionDays === null ? context.limit('retentionDays') : promiseOf(plan, retentionDays);
}

function promiseOf({ value }: Plan, days: number): Limit {
  return { value: days, text: `${days} days`, origin: `plan ${value.planId}` };
}

/** The enabled plan that promises to keep copies longest. */
export function longestPromise(plans: readonly Plan[]): Plan | undefined {
  return plans
    .filter(({ value }) => value.enabled && value.retentionDays !== null && value.retentionDays > 0)
    .reduce<Plan | undefined>(
      (best, plan) => ((plan.value.retentionDays ?? 0) > (best?.value.retentionDays ?? 0) ? plan : best),
      undefined,
    );
}

/**
 * When the judged database was made, by its own record or its organization's; null where neither tells, or tells of a
 * time to come.
 */
export function madeAt(
  facts: {
    readonly states: readonly Observation<'database-state'>[];
    readonly organizations: readonly Observation<'organization'>[];
  },
  context: Pick<JudgeContext, 'asOf' | 'limit'>,
): Instant | null {
  const at = facts.states[0]?.value.createdAt ?? facts.organizations[0]?.value.createdAt ?? null;
  return at !== null && isCredibleCreation(at, context) ? at : null;
}

/** The shortest period of the enabled plans around an instant, in milliseconds; a day where none tells. */
export function shortestPeriod(plans: readonly Plan[], at: Instant): number {
  const periods = plans
    .filter(({ value }) => value.enabled)
    .map(({ value }) => periodAt(value, at))
    .filter((period) => period !== null);
  return periods.length === 0 ? DAY : Math.min(...periods);
}
