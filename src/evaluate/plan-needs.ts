import type { Observation, Polarity } from '../model/control.ts';
import type { Subject } from '../model/subject.ts';
import { need } from './define-control.ts';
import { remembered } from './remembered.ts';
import { plansCovering } from './schedule.ts';

/** Needs for the backup plans that can cover the judged database; plans are context and lower no grade. */
export function planNeeds<const P extends Polarity>(polarity: P) {
  return {
    installPlans: need('backup-plan', 'install', polarity, { context: true }),
    ownPlans: need('backup-plan', 'organization', polarity, { context: true }),
  } as const;
}

/** Names of the needs that {@link planNeeds} makes. */
export const PLAN_NEED_NAMES = ['installPlans', 'ownPlans'] as const;

export interface PlanFacts {
  readonly installPlans: readonly Observation<'backup-plan'>[];
  readonly ownPlans: readonly Observation<'backup-plan'>[];
}

/** Plans, enabled or not, that cover a database, by plan id; what is observed stands before what is declared. */
export function coveringPlans(
  facts: PlanFacts,
  database: Pick<Subject, 'organizationId'>,
): readonly Observation<'backup-plan'>[] {
  return plansOver(facts, database.organizationId === null ? 'install-database' : 'tenant-database');
}

const REPLICATES = /replica|standby/i;
/** Tools that make copies, also where they take them from a standby or keep them in several places. */
const COPIES = /dump|base.?backup|backrest|barman|wal.?[ge]\b|snapshot|pitr|point.?in.?time|restic|borg/i;

/** True for a plan that only feeds a standby: that repeats every mistake at once and replays to no earlier moment. */
export function isReplication({ value: { method } }: Observation<'backup-plan'>): boolean {
  return REPLICATES.test(method) && !COPIES.test(method);
}

/** Says of plans that among them is replication, which is no copy; empty where there is none. */
export function replicationAside(plans: readonly Observation<'backup-plan'>[]): string {
  const replica = plans.find(isReplication);
  return replica === undefined ? '' : `; replication (plan ${replica.value.planId}) is no copy`;
}

const plansOver = remembered(
  ({ installPlans, ownPlans }: PlanFacts, kind: DatabaseKind) => [ownPlans, installPlans, kind],
  ({ installPlans, ownPlans }: PlanFacts, kind: DatabaseKind): readonly Observation<'backup-plan'>[] =>
    [...plansCovering(kind, [...installPlans, ...ownPlans])].sort(
      (a, b) =>
        Number(a.grade === 'declared') - Number(b.grade === 'declared') || a.value.planId.localeCompare(b.value.planId),
    ),
);

type DatabaseKind = Parameters<typeof plansCovering>[0];
