import { describe, expect, it } from 'vitest';
import { settleCopies } from '../../../../../src/collect/backups/physical/settle-copies.ts';
import { epoch, type Script } from './aws-stub.ts';
import { ACCOUNT, ACME, ACME_ENDPOINT, rdsLists, readScript, snapshotOf } from './read-stub.ts';

const QUIET = { ...ACME, BackupRetentionPeriod: 0 };
const POINT = {
  RecoveryPointArn: `arn:aws:rds:eu-central-1:${ACCOUNT}:snapshot:awsbackup:job-1`,
  ResourceArn: ACME.DBInstanceArn,
  ResourceType: 'RDS',
  Status: 'COMPLETED',
  CreationDate: epoch('2026-11-22T05:00:00Z'),
  CompletionDate: epoch('2026-11-22T05:20:00Z'),
  BackupSizeInBytes: 5_000_000,
  CalculatedLifecycle: { DeleteAt: epoch('2026-12-27T05:00:00Z') },
  IsEncrypted: true,
};
const LOCKED = {
  BackupVaultName: 'nightly',
  Locked: true,
  MinRetentionDays: 30,
  LockDate: epoch('2026-06-01T00:00:00Z'),
};

function vaults(all: readonly object[], points: readonly object[]): Script {
  return {
    ListBackupVaults: { BackupVaultList: all },
    ListRecoveryPointsByBackupVault: { RecoveryPoints: points },
  };
}

describe('AWS Backup, by answers of the documented shape from a local server', () => {
  it('counts completed recovery points, locked until their lifecycle ends', async () => {
    const { contents } = await readScript({ ...rdsLists([QUIET]), ...vaults([LOCKED], [POINT]) });
    expect(contents.blindSpot).toBeNull();
    expect(contents.copies).toMatchObject([
      {
        method: 'aws-backup',
        path: POINT.RecoveryPointArn,
        cluster: { endpoints: [ACME_ENDPOINT] },
        bytes: 5_000_000,
        integrity: 'complete',
        encrypted: true,
        lockedUntil: '2026-12-27T05:00:00.000Z',
        databases: null,
      },
    ]);
    expect(settleCopies(contents.copies, [])[0]?.moment).toMatchObject({
      notBefore: '2026-11-22T05:00:00.000Z',
      notAfter: '2026-11-22T05:20:00.000Z',
    });
  });

  it.each([
    ['no lock', { Locked: false, LockDate: undefined }, null],
    ['a lock in governance mode', { LockDate: undefined }, null],
    ['a lock that can still be lifted', { LockDate: epoch('2026-11-25T00:00:00Z') }, null],
    ['a lock that holds', {}, '2026-12-27T05:00:00.000Z'],
  ])('takes %s for what it is', async (_, change, until) => {
    const { contents } = await readScript({ ...rdsLists([QUIET]), ...vaults([{ ...LOCKED, ...change }], [POINT]) });
    expect(contents.copies.map(({ lockedUntil }) => lockedUntil)).toEqual([until]);
  });

  it('locks a recovery point without an end for the least retention of its vault', async () => {
    const { contents } = await readScript({
      ...rdsLists([QUIET]),
      ...vaults([LOCKED], [{ ...POINT, CalculatedLifecycle: {} }]),
    });
    expect(contents.copies[0]?.lockedUntil).toBe('2026-12-22T05:00:00.000Z');
  });

  it('shows a snapshot that AWS Backup manages once, with its lock and what RDS tells of it', async () => {
    const { contents } = await readScript({
      ...rdsLists([QUIET], [snapshotOf('awsbackup:job-1', { SnapshotType: 'awsbackup' })]),
      ...vaults([LOCKED], [POINT]),
    });
    expect(contents.copies).toMatchObject([
      { method: 'aws-backup', serverVersion: '16.4', lockedUntil: '2026-12-27T05:00:00.000Z' },
    ]);
  });

  it.each(['PARTIAL', 'EXPIRED', 'DELETING', 'CREATING', 'STOPPED'])(
    'does not count one in state %s',
    async (Status) => {
      const { contents } = await readScript({ ...rdsLists([QUIET]), ...vaults([LOCKED], [{ ...POINT, Status }]) });
      expect(contents.copies).toEqual([]);
      expect(contents.unmatched).toMatchObject([{ what: expect.stringContaining(`state ${Status}`) }]);
    },
  );

  it('knows the window of a continuous one by the automated backups that it keeps', async () => {
    const arn = `arn:aws:backup:eu-central-1:${ACCOUNT}:recovery-point:continuous:db-acme-1`;
    const continuous = { ...POINT, RecoveryPointArn: arn, Status: 'AVAILABLE', CalculatedLifecycle: {} };
    const kept = await readScript({
      ...rdsLists([{ ...ACME, AwsBackupRecoveryPointArn: arn }]),
      ...vaults([LOCKED], [continuous]),
    });
    expect(kept.contents.copies).toMatchObject([
      { method: 'rds-automated-backup', stoppedAt: '2026-11-22T17:55:00.000Z', integrity: 'complete' },
    ]);
    const alone = await readScript({ ...rdsLists([QUIET]), ...vaults([LOCKED], [continuous]) });
    expect(alone.contents.copies).toMatchObject([{ method: 'aws-backup', integrity: 'unproven' }]);
  });

  it('does not take one from before the instance was made for one of it', async () => {
    const young = { ...QUIET, InstanceCreateTime: '2026-11-22T09:00:00Z' };
    const { contents } = await readScript({ ...rdsLists([young]), ...vaults([LOCKED], [POINT]) });
    expect(contents.copies).toEqual([]);
    expect(contents.unmatched).toHaveLength(1);
  });

  it('tells no time of one that was copied from another vault', async () => {
    const copied = { ...POINT, SourceBackupVaultArn: 'arn:aws:backup:eu-west-1:111122223333:backup-vault:other' };
    const { contents } = await readScript({ ...rdsLists([QUIET]), ...vaults([LOCKED], [copied]) });
    expect(settleCopies(contents.copies, [])[0]?.moment).toBeNull();
  });

  it('sums up what is of other services', async () => {
    const other = { ResourceArn: 'arn:aws:dynamodb:eu-central-1:111122223333:table/t', ResourceType: 'DynamoDB' };
    const points = Array.from({ length: 30 }, (_, index) => ({
      ...POINT,
      ...other,
      RecoveryPointArn: `arn:aws:backup:x:y:${index}`,
    }));
    const { contents } = await readScript({ ...rdsLists([QUIET]), ...vaults([LOCKED], points) });
    expect(contents.unmatched).toMatchObject([{ what: expect.stringContaining('30 recovery points of DynamoDB') }]);
  });

  it('looks into the vaults that are configured, and misses one that is not there', async () => {
    const { contents, asked } = await readScript(
      { ...rdsLists([QUIET]), ...vaults([LOCKED, { BackupVaultName: 'other' }], [POINT]) },
      { backupVaults: ['nightly', 'gone'] },
    );
    expect(asked.filter((one) => one === 'ListRecoveryPointsByBackupVault')).toHaveLength(1);
    expect(contents.blindSpot).toMatchObject({ detail: expect.stringContaining('no vault gone') });
  });

  it('reads every page of a vault', async () => {
    const { contents } = await readScript({
      ...rdsLists([QUIET]),
      ...vaults([LOCKED], []),
      ListRecoveryPointsByBackupVault: (token) => ({
        RecoveryPoints: [{ ...POINT, RecoveryPointArn: `${POINT.RecoveryPointArn}-${token ?? 'first'}` }],
        ...(token === null ? { NextToken: 'second' } : {}),
      }),
    });
    expect(contents.copies).toHaveLength(2);
  });

  it('tells the rules of a plan that selects the instance, and no other', async () => {
    const rule = {
      RuleName: 'daily',
      TargetBackupVaultName: 'nightly',
      ScheduleExpression: 'cron(0 5 ? * * *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      Lifecycle: { DeleteAfterDays: 35 },
    };
    const plans = (selection: object): Script => ({
      ListBackupPlans: {
        BackupPlansList: [
          { BackupPlanId: 'p1', BackupPlanName: 'databases', CreationDate: epoch('2026-02-01T00:00:00Z') },
        ],
      },
      GetBackupPlan: { BackupPlan: { BackupPlanName: 'databases', Rules: [rule] } },
      ListBackupSelections: { BackupSelectionsList: [{ SelectionId: 's1' }] },
      GetBackupSelection: {
        BackupSelection: { SelectionName: 's', IamRoleArn: 'arn:aws:iam::1:role/r', ...selection },
      },
    });
    const named = await readScript({ ...rdsLists([QUIET]), ...plans({ Resources: ['arn:aws:rds:*:*:db:*'] }) });
    expect(named.contents.plans).toEqual([
      {
        cluster: { systemIdentifier: null, endpoints: [ACME_ENDPOINT], port: 5432, declaredServer: null },
        plan: {
          planId: 'AWS Backup databases, rule daily',
          covers: 'cluster',
          method: 'aws-backup',
          enabled: true,
          schedule: '0 5 * * *',
          timezone: 'Europe/Berlin',
          retentionDays: 35,
          targetUri: 'nightly',
          createdAt: '2026-02-01T00:00:00.000Z',
        },
      },
    ]);
    const other = await readScript({ ...rdsLists([QUIET]), ...plans({ Resources: ['arn:aws:rds:*:*:cluster:*'] }) });
    expect(other.contents.plans).toEqual([]);
    const refused = { ...plans({}), GetBackupSelection: { error: 'AccessDeniedException' } };
    const denied = await readScript({ ...rdsLists([QUIET]), ...refused });
    expect(denied.contents.plans).toEqual([]);
    expect(denied.contents.blindSpot?.remedy).toContain('backup:GetBackupSelection');
  });
});
