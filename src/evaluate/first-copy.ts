import type { JudgeContext, Observation, Observed, Part } from '../model/control.ts';
import { HOUR, type Instant, MINUTE, toInstant, toMillis } from '../model/instant.ts';
import type { SubjectNode } from '../model/subject.ts';
import { instantText } from '../model/text.ts';
import { concludePart } from './conclude-part.ts';
import { judged, need, part, regardless } from './define-control.ts';
import { isCredibleCreation, isProvisioning } from './provisioning.ts';
import { firstExpectedRun, plansCovering } from './schedule.ts';
import type { Scope } from './scope.ts';
import { seenThrough } from './seen-through.ts';
import { signOfAge } from './signs-of-age.ts';

const ORGANIZATION = need('organization', 'organization', 'either');
const AGE_NEEDS = { organizations: ORGANIZATION } as const;
const COPY_NEEDS = { copies: need('copy', 'organization-databases', 'more-helps', { claimedOnly: true }) } as const;
const PLAN_NEEDS = {
  organizations: ORGANIZATION,
  installPlans: need('backup-plan', 'install', 'either', { leastGrade: 'declared' }),
  ownPlans: need('backup-plan', 'organization', 'either', { leastGrade: 'declared' }),
} as const;

/** What tells until when the first copy of a new organization is awaited. */
export interface FirstCopyFacts {
  readonly organizations: readonly Observation<'organization'>[];
  readonly installPlans: readonly Observation<'backup-plan'>[];
  readonly ownPlans: readonly Observation<'backup-plan'>[];
}

/**
 * The instant until which the first copy of an organization is awaited: its first expected run plus grace, at most
 * `firstCopyHours` after its creation; without a plan that cap. Null for what belongs to the install.
 */
export function firstCopyDue(facts: FirstCopyFacts, context: Pick<JudgeContext, 'limit'>): Instant | null {
  const organization = facts.organizations[0]?.value;
  if (organization === undefined) return null;
  const grace = context.limit('runGraceMinutes').value * MINUTE;
  const runs = plansCovering('tenant-database', [...facts.installPlans, ...facts.ownPlans])
    .map((plan) => firstExpectedRun(plan.value, organization.createdAt))
    .filter((run) => run !== null)
    .map((run) => toMillis(run) + grace);
  const due = Math.min(firstCopyCap(organization.createdAt, context), ...runs);
  return toInstant(Math.max(due, provisioningEnd(organization, context)));
}

/** An organization that is still being made may have no database yet that its first run could copy. */
function provisioningEnd(
  organization: Observation<'organization'>['value'],
  context: Pick<JudgeContext, 'limit'>,
): number {
  if (!isProvisioning(organization)) return 0;
  return toMillis(organization.createdAt) + context.limit('provisioningHours', 'tenant-database').value * HOUR;
}

function firstCopyCap(createdAt: Instant, context: Pick<JudgeContext, 'limit'>): number {
  return toMillis(createdAt) + context.limit('firstCopyHours').value * HOUR;
}

/**
 * Applicability of what asks for a copy: does not apply to a new organization while its first copy is awaited and no
 * complete artifact lies anywhere yet. The grace excuses an absent copy only; where one lies, everything is judged. An
 * organization is not new because one date says so: whatever shows that it was there before ends the grace.
 */
export const pastFirstCopyGrace: readonly [Part, ...Part[]] = [
  part({
    name: 'not new',
    needs: AGE_NEEDS,
    judge(observed: Observed<typeof AGE_NEEDS>, context) {
      const organization = observed.organizations[0];
      if (organization === undefined) return judged('holds', 'it belongs to the install');
      const { createdAt } = organization.value;
      const now = toMillis(context.asOf);
      const latest = Math.max(firstCopyCap(createdAt, context), provisioningEnd(organization.value, context));
      const isNew = isCredibleCreation(createdAt, context) && now <= latest;
      return judged(isNew ? 'fails' : 'holds', `created ${instantText(createdAt)}`, [organization]);
    },
  }),
  signOfAge,
  part({
    name: 'a copy lies there',
    needs: COPY_NEEDS,
    judge(observed: Observed<typeof COPY_NEEDS>) {
      const copy = observed.copies.find((one) => one.value.integrity !== 'incomplete');
      if (copy === undefined) return judged('fails', 'no copy lies there yet');
      return judged('holds', 'a copy lies there already', [copy]);
    },
  }),
  part({
    name: 'first run was due',
    needs: PLAN_NEEDS,
    judge(observed: Observed<typeof PLAN_NEEDS>, context) {
      const organization = observed.organizations[0];
      const cap =
        organization === undefined
          ? null
          : Math.max(firstCopyCap(organization.value.createdAt, context), provisioningEnd(organization.value, context));
      if (cap !== null && toMillis(context.asOf) > cap) {
        // No plan can put it off further, and there is no need to work out when its first run was.
        const text = `first copy due by ${instantText(toInstant(cap))}`;
        return regardless(judged('holds', text, observed.organizations), 'installPlans', 'ownPlans');
      }
      const due = firstCopyDue(observed, context);
      if (due === null) return judged('holds', 'it belongs to the install');
      const text = `first copy due by ${instantText(due)}`;
      return judged(toMillis(context.asOf) > toMillis(due) ? 'holds' : 'fails', text, observed.organizations);
    },
  }),
];

/** Whether a new organization's first copy is still awaited, with missing evidence taken into account. */
export function isFirstCopyAwaited(node: SubjectNode, scope: Scope, context: JudgeContext): boolean {
  return pastFirstCopyGrace.every((condition) => concludePart(condition, node, scope, context).truth === 'fails');
}

/** Until when it is awaited; null where that is not known. */
export function firstCopyDueOf(node: SubjectNode, scope: Scope, context: JudgeContext): Instant | null {
  const observed = {
    organizations: seenThrough(PLAN_NEEDS.organizations, node, scope).observations,
    installPlans: seenThrough(PLAN_NEEDS.installPlans, node, scope).observations,
    ownPlans: seenThrough(PLAN_NEEDS.ownPlans, node, scope).observations,
  };
  return firstCopyDue(observed, context);
}
