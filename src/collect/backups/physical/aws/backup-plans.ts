import type { Instant } from '../../../../model/instant.ts';
import { SourceError } from '../../../../model/source-error.ts';
import type { ClusterIdentity, ClusterPlan } from '../physical-copy.ts';
import type { AwsBackupSource } from './aws-backup-source.ts';
import type { AwsReading } from './aws-reading.ts';
import { cronOfAws } from './aws-schedule.ts';
import { type PlanRule, planEntrySchema, planSchema, selectionEntrySchema, selectionSchema } from './backup-answers.ts';
import { isSelected, type Selectable } from './backup-selection.ts';
import { identityOf, type ManagedDatabase } from './managed-databases.ts';

/** What plans may name: the resources of one cluster, all of which must be selected. */
export interface PlanTarget {
  readonly cluster: ClusterIdentity;
  readonly resources: readonly Selectable[];
}

/** Automated backups of RDS are a plan of their own; a retention of 0 days switches them off. */
export function automatedBackupPlans(databases: readonly ManagedDatabase[]): readonly ClusterPlan[] {
  return databases
    .filter(({ retentionDays }) => retentionDays > 0)
    .map((database) => ({
      cluster: identityOf(database),
      plan: {
        planId: `RDS automated backups of ${database.name}`,
        covers: 'cluster',
        method: 'rds-automated-backup, continuous',
        enabled: true,
        schedule: 'continuous',
        timezone: null,
        retentionDays: database.retentionDays,
        targetUri: database.arn,
        createdAt: database.createdAt,
      },
    }));
}

/**
 * Every rule of every plan of AWS Backup, for each of the targets that the plan selects.
 * Source: AWS Backup API Reference, ListBackupPlans, GetBackupPlan, ListBackupSelections, GetBackupSelection.
 */
export async function readBackupPlans(
  source: AwsBackupSource,
  reading: AwsReading,
  targets: readonly PlanTarget[],
): Promise<readonly ClusterPlan[]> {
  const plans = await reading.list(
    'backup',
    'ListBackupPlans',
    planEntrySchema,
    async () => (await source.backup()).plans,
  );
  if (targets.length === 0) return [];
  const found: ClusterPlan[] = [];
  for (const { BackupPlanId: id, CreationDate: createdAt } of plans) {
    const plan = await reading.one('backup', 'GetBackupPlan', planSchema, async () => (await source.backup()).plan(id));
    if (plan === null) continue;
    const { BackupPlanName: name, Rules: rules } = plan.BackupPlan;
    const selections = await readSelections(source, reading, id);
    for (const target of targets) {
      const answers = target.resources.map((resource) => {
        const all = selections.map((selection) => isSelected(selection, resource));
        return all.includes('yes') ? 'yes' : all.includes('unknown') ? 'unknown' : 'no';
      });
      if (answers.includes('no') || answers.length === 0) continue;
      if (answers.includes('unknown')) {
        reading.note(unclear(source.region, name));
        continue;
      }
      found.push(...rules.map((rule) => ({ cluster: target.cluster, plan: planFact(name, rule, createdAt) })));
    }
  }
  return found;
}

async function readSelections(source: AwsBackupSource, reading: AwsReading, planId: string) {
  const entries = await reading.list('backup', 'ListBackupSelections', selectionEntrySchema, async () =>
    (await source.backup()).selections(planId),
  );
  const selections = [];
  for (const { SelectionId } of entries) {
    const answer = await reading.one('backup', 'GetBackupSelection', selectionSchema, async () =>
      (await source.backup()).selection(planId, SelectionId),
    );
    if (answer !== null) selections.push(answer.BackupSelection);
  }
  return selections;
}

/** @param createdAt when this version of the plan was made, since when its rules are due */
function planFact(name: string, rule: PlanRule, createdAt: Instant | null): ClusterPlan['plan'] {
  const isContinuous = rule.EnableContinuousBackup === true;
  const schedule = rule.ScheduleExpression === null ? null : cronOfAws(rule.ScheduleExpression);
  return {
    planId: `AWS Backup ${name}, rule ${rule.RuleName}`,
    covers: 'cluster',
    method: isContinuous ? 'aws-backup, continuous' : 'aws-backup',
    enabled: true,
    schedule: isContinuous ? 'continuous' : schedule,
    timezone: isContinuous ? null : (rule.ScheduleExpressionTimezone ?? 'UTC'),
    retentionDays: rule.Lifecycle?.DeleteAfterDays ?? null,
    targetUri: rule.TargetBackupVaultName,
    createdAt,
  };
}

function unclear(region: string, plan: string): SourceError {
  return new SourceError(
    'unsupported',
    `whether plan ${plan} of AWS Backup in ${region} selects all that it may select cannot be told from its tags`,
    'Name the resources of the plan by their ARNs, or declare the plan under plans in the configuration.',
  );
}
