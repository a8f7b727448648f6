import type { AwsBackupSource } from '../../../src/collect/backups/physical/aws/aws-backup-source.ts';
import type { ReadPage } from '../../../src/collect/backups/physical/aws/client-settings.ts';
import { readAwsBackups } from '../../../src/collect/backups/physical/aws/read-aws-backups.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { type FuzzedParser, oneFile, textOf } from '../fuzzed-parser.ts';

/* Answers of AWS as its SDK hands them over, times as dates: lists by the names of the questions. */

const NOW = '2026-11-22T18:00:00.000Z';
const ACCOUNT = '111122223333';
const ARN = `arn:aws:rds:eu-central-1:${ACCOUNT}`;
const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const PLAN_ARN = `arn:aws:backup:eu-central-1:${ACCOUNT}:backup-plan:p`;
const common = { Engine: 'postgres', EngineVersion: '16.4', AllocatedStorage: 100 };
const instance = { DBInstanceIdentifier: 'acme', DbiResourceId: 'db-ACME', ...common };
const ANSWERS = {
  instances: [
    {
      ...instance,
      DBInstanceArn: `${ARN}:db:acme`,
      Endpoint: { Address: 'acme.c1x2y3.eu-central-1.rds.amazonaws.com' },
      InstanceCreateTime: '2026-01-01T00:00:00.000Z',
      BackupRetentionPeriod: 14,
      LatestRestorableTime: '2026-11-22T17:55:00.000Z',
      StorageEncrypted: true,
    },
  ],
  clusters: [
    {
      DBClusterIdentifier: 'beta',
      DBClusterArn: `${ARN}:cluster:beta`,
      Engine: 'aurora-postgresql',
      BackupRetentionPeriod: 7,
    },
  ],
  snapshots: [
    {
      ...instance,
      DBSnapshotIdentifier: 's1',
      DBSnapshotArn: `${ARN}:snapshot:s1`,
      SnapshotType: 'automated',
      Status: 'available',
      SnapshotCreateTime: '2026-11-22T03:00:00.000Z',
      OriginalSnapshotCreateTime: '2026-11-22T03:00:00.000Z',
      Encrypted: true,
      KmsKeyId: `arn:aws:kms:eu-central-1:${ACCOUNT}:key/1`,
    },
  ],
  clusterSnapshots: [],
  automatedBackups: [
    {
      ...instance,
      DBInstanceArn: `${ARN}:db:acme`,
      DBInstanceAutomatedBackupsArn: `${ARN}:auto-backup:ab-1`,
      Status: 'active',
      Encrypted: true,
      RestoreWindow: { EarliestTime: '2026-11-08T03:00:00.000Z', LatestTime: '2026-11-22T17:55:00.000Z' },
    },
  ],
  clusterAutomatedBackups: [],
  vaults: [{ BackupVaultName: 'v', Locked: true, MinRetentionDays: 30, LockDate: '2026-01-01T00:00:00.000Z' }],
  recoveryPoints: [
    {
      RecoveryPointArn: `${ARN}:snapshot:awsbackup:job-1`,
      ResourceArn: `${ARN}:db:acme`,
      ResourceType: 'RDS',
      Status: 'COMPLETED',
      CreationDate: '2026-11-21T03:00:00.000Z',
      CompletionDate: '2026-11-21T03:10:00.000Z',
      BackupSizeInBytes: 1_000_000,
      CalculatedLifecycle: {},
    },
  ],
  plans: [{ BackupPlanId: 'p', BackupPlanArn: PLAN_ARN, CreationDate: '2026-01-01T00:00:00.000Z' }],
  plan: [
    {
      BackupPlan: {
        BackupPlanName: 'daily',
        Rules: [{ RuleName: 'r', ScheduleExpression: 'cron(0 3 ? * * *)', Lifecycle: { DeleteAfterDays: 35 } }],
      },
    },
  ],
  selections: [{ SelectionId: 's' }],
  selection: [{ BackupSelection: { Resources: ['*'], NotResources: [], Conditions: { StringEquals: [] } } }],
  snapshotsOf: [
    {
      SnapshotId: 'snap-1',
      VolumeId: 'vol-1',
      OwnerId: ACCOUNT,
      State: 'completed',
      StartTime: '2026-11-22T02:00:00.000Z',
      CompletionTime: '2026-11-22T02:30:00.000Z',
      VolumeSize: 100,
      KmsKeyId: KEY_ARN,
    },
  ],
  volumes: [{ VolumeId: 'vol-1', Attachments: [{ InstanceId: 'i-1', State: 'attached' }] }],
  key: [{ KeyState: 'PendingDeletion', DeletionDate: '2026-12-24T00:00:00.000Z' }],
  locks: [{ SnapshotId: 'snap-1', LockState: 'compliance', LockExpiresOn: '2027-01-01T00:00:00.000Z' }],
};
type Question = keyof typeof ANSWERS;

/** A source that answers from a document, which may hold anything. */
function sourceOf(document: unknown): AwsBackupSource {
  const answers = new Map(typeof document === 'object' && document !== null ? Object.entries(document) : []);
  const listOf = (question: Question): readonly unknown[] | undefined => {
    const items: unknown = answers.get(question);
    return Array.isArray(items) ? items : undefined;
  };
  const page = (question: Question): ReadPage => {
    return async () => ({ items: listOf(question), next: undefined });
  };
  const close = (): void => undefined;
  return {
    region: 'eu-central-1',
    locator: 'AWS',
    rds: async () => ({
      instances: page('instances'),
      clusters: page('clusters'),
      snapshots: () => page('snapshots'),
      clusterSnapshots: () => page('clusterSnapshots'),
      automatedBackups: page('automatedBackups'),
      clusterAutomatedBackups: page('clusterAutomatedBackups'),
      close,
    }),
    backup: async () => ({
      vaults: page('vaults'),
      recoveryPoints: () => page('recoveryPoints'),
      plans: page('plans'),
      plan: async () => listOf('plan')?.[0],
      selections: () => page('selections'),
      selection: async () => listOf('selection')?.[0],
      close,
    }),
    ec2: async () => ({
      volumes: () => page('volumes'),
      snapshotsOf: () => page('snapshotsOf'),
      locks: page('locks'),
      close,
    }),
    kms: async () => ({ key: async () => listOf('key')?.[0], close }),
    account: async () => ACCOUNT,
    errorOf: (_service, operation, error) =>
      error instanceof SourceError
        ? error
        : new SourceError('malformed', `${operation} was not answered`, 'None.', { cause: error }),
    clockOffsetMillis: () => null,
    close,
  };
}

/** The document of an input: JSON whose times are dates, as the SDK makes them of every time it can read. */
function documentOf(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' && /^[+-]?\d{4,6}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? new Date(value) : value,
    );
  } catch {
    return null;
  }
}

/** What a question did not answer is caught where it is asked and told; an own mistake would be, too, and is not to be. */
function blindSpotOf(error: unknown) {
  const cause = error instanceof Error ? error.cause : null;
  if (!(error instanceof SourceError) || cause instanceof TypeError || cause instanceof RangeError) throw error;
  return { reason: error.reason, detail: error.message, remedy: error.remedy };
}

export const AWS_PARSERS: readonly FuzzedParser[] = [
  {
    name: 'answers of AWS',
    artifacts: () => [oneFile(JSON.stringify(ANSWERS))],
    read: async (input, signal) => {
      const volumes = [{ server: 'db1', volumeIds: ['vol-1'], atomic: true }];
      const options = { backupVaults: null, volumes, signal, blindSpotOf, now: () => NOW };
      const { copies } = await readAwsBackups(sourceOf(documentOf(textOf(input))), options);
      return copies.length > 0 ? 'copies' : 'none';
    },
    declared: [],
  },
];
