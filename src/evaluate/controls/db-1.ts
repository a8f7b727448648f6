import type { Observed } from '../../model/control.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { neverComesDue, notUnderstood } from '../expected-runs.ts';
import { coveringPlans, isReplication, replicationAside } from '../plan-needs.ts';

const NEEDS = {
  installPlans: need('backup-plan', 'install', 'more-helps', { leastGrade: 'declared' }),
  ownPlans: need('backup-plan', 'organization', 'more-helps', { leastGrade: 'declared' }),
} as const;

/** DB-1: an enabled plan that comes due covers the database: the product's, another tool's own, or a declared one. */
export const db1 = defineControl({
  id: 'DB-1',
  title: 'An enabled backup plan covers the database',
  failureTitle: 'No enabled backup plan covers the database',
  severity: 'high',
  bears: 'protection',
  subject: 'database',
  rationale: 'A copy that no plan renews is the last one. Nobody notices until it is needed.',
  remediation:
    'Enable the plan, give it a schedule that comes due, or add one that covers the database: a replica repeats every mistake at once and is no copy. If another tool backs it up, state its plan in the configuration (plans).',
  limits: [],
  applies: [
    part({
      name: 'a plan is known',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>) {
        const plans = [...observed.installPlans, ...observed.ownPlans];
        if (plans.length > 0) return judged('holds', 'backup plans are known', plans.slice(0, 1));
        return judged('fails', 'the inventory of backup plans is empty and no plan of another tool is declared');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'an enabled plan covers it',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const all = coveringPlans(observed, context.subject);
        const covering = all.filter((plan) => !isReplication(plan));
        const aside = replicationAside(all);
        const coming = covering.filter((plan) => plan.value.enabled && !neverComesDue(plan.value));
        const enabled = coming.find((plan) => notUnderstood(plan.value) === null) ?? coming[0];
        if (enabled !== undefined) {
          const { planId, method, schedule } = enabled.value;
          const untold = notUnderstood(enabled.value);
          if (untold !== null) {
            // That it is enabled and covers the database is stated all the same; whether it keeps a schedule is DB-4's.
            const text = `plan ${planId} is enabled and covers it (${method}), and when it comes due cannot be told: ${untold}`;
            return judged('holds', text, [enabled]);
          }
          const when = schedule === null ? '' : `, schedule ${schedule}`;
          return judged('holds', `plan ${planId} covers it (${method}${when})`, [enabled]);
        }
        const never = covering.find((plan) => plan.value.enabled);
        if (never !== undefined) {
          const { planId, schedule } = never.value;
          return judged('fails', `plan ${planId} covers it and never comes due (schedule ${schedule})${aside}`, all);
        }
        const disabled = covering[0];
        if (disabled !== undefined) {
          return judged('fails', `plan ${disabled.value.planId} covers it and is disabled${aside}`, all);
        }
        return judged(
          'fails',
          `no plan of the inventory and no declared plan covers it${aside}`,
          all.length > 0 ? all : [...observed.installPlans, ...observed.ownPlans].slice(0, 1),
        );
      },
    }),
  ],
});
