import { z } from 'zod';
import { toInstant } from '../../../../model/instant.ts';

/**
 * What of the services' answers is read, each item for itself. Fields that AWS leaves out are null here. Sources: the
 * data types of the Amazon RDS, AWS Backup and Amazon EC2 API References, by the names of the fields.
 */
const text = z.string().nullish().default(null);
const flag = z.boolean().nullish().default(null);
const number = z.number().nonnegative().nullish().default(null);
const when = z
  .date()
  .refine((date) => date.getUTCFullYear() >= 1970 && date.getUTCFullYear() <= 9999)
  .transform((date) => toInstant(date.getTime()))
  .nullish()
  .default(null);
const host = z.object({ Address: text }).nullish().default(null);
const tags = z
  .array(z.object({ Key: text, Value: text }))
  .nullish()
  .default(null);
const restoreWindow = z.object({ EarliestTime: when, LatestTime: when }).nullish().default(null);

export const instanceSchema = z.object({
  DBInstanceIdentifier: z.string(),
  DBInstanceArn: z.string(),
  DbiResourceId: text,
  DBClusterIdentifier: text,
  Engine: z.string(),
  EngineVersion: text,
  Endpoint: host,
  InstanceCreateTime: when,
  BackupRetentionPeriod: number,
  LatestRestorableTime: when,
  AllocatedStorage: number,
  StorageEncrypted: flag,
  AwsBackupRecoveryPointArn: text,
  TagList: tags,
});

export const clusterSchema = z.object({
  DBClusterIdentifier: z.string(),
  DBClusterArn: z.string(),
  DbClusterResourceId: text,
  Engine: z.string(),
  EngineVersion: text,
  Endpoint: text,
  ReaderEndpoint: text,
  CustomEndpoints: z.array(z.string()).nullish().default(null),
  ClusterCreateTime: when,
  BackupRetentionPeriod: number,
  EarliestRestorableTime: when,
  LatestRestorableTime: when,
  AllocatedStorage: number,
  StorageEncrypted: flag,
  AwsBackupRecoveryPointArn: text,
  TagList: tags,
});

export const snapshotSchema = z.object({
  DBSnapshotIdentifier: z.string(),
  DBSnapshotArn: z.string(),
  DBInstanceIdentifier: text,
  DbiResourceId: text,
  InstanceCreateTime: when,
  Engine: text,
  EngineVersion: text,
  SnapshotType: text,
  Status: text,
  SnapshotCreateTime: when,
  OriginalSnapshotCreateTime: when,
  SourceDBSnapshotIdentifier: text,
  Encrypted: flag,
  AllocatedStorage: number,
});

export const clusterSnapshotSchema = z.object({
  DBClusterSnapshotIdentifier: z.string(),
  DBClusterSnapshotArn: z.string(),
  DBClusterIdentifier: text,
  DbClusterResourceId: text,
  ClusterCreateTime: when,
  Engine: text,
  EngineVersion: text,
  SnapshotType: text,
  Status: text,
  SnapshotCreateTime: when,
  SourceDBClusterSnapshotArn: text,
  StorageEncrypted: flag,
  AllocatedStorage: number,
});

export const automatedBackupSchema = z.object({
  DBInstanceIdentifier: text,
  DBInstanceArn: text,
  DbiResourceId: text,
  DBInstanceAutomatedBackupsArn: text,
  Status: text,
  Engine: text,
  EngineVersion: text,
  RestoreWindow: restoreWindow,
  AllocatedStorage: number,
  Encrypted: flag,
  AwsBackupRecoveryPointArn: text,
});

export const clusterAutomatedBackupSchema = z.object({
  DBClusterIdentifier: text,
  DBClusterArn: text,
  DbClusterResourceId: text,
  DBClusterAutomatedBackupsArn: text,
  Status: text,
  Engine: text,
  EngineVersion: text,
  RestoreWindow: restoreWindow,
  AllocatedStorage: number,
  StorageEncrypted: flag,
  AwsBackupRecoveryPointArn: text,
});

export const vaultSchema = z.object({
  BackupVaultName: z.string(),
  Locked: flag,
  MinRetentionDays: number,
  LockDate: when,
});

export const recoveryPointSchema = z.object({
  RecoveryPointArn: z.string(),
  ResourceArn: text,
  ResourceType: text,
  Status: text,
  CreationDate: when,
  CompletionDate: when,
  BackupSizeInBytes: number,
  CalculatedLifecycle: z.object({ DeleteAt: when }).nullish().default(null),
  IsEncrypted: flag,
  IsParent: flag,
  SourceBackupVaultArn: text,
});

export const planEntrySchema = z.object({ BackupPlanId: z.string(), BackupPlanArn: text, CreationDate: when });

export const planSchema = z.object({
  BackupPlan: z.object({
    BackupPlanName: z.string(),
    Rules: z.array(
      z.object({
        RuleName: z.string(),
        TargetBackupVaultName: text,
        ScheduleExpression: text,
        ScheduleExpressionTimezone: text,
        EnableContinuousBackup: flag,
        Lifecycle: z.object({ DeleteAfterDays: number }).nullish().default(null),
      }),
    ),
  }),
});

export const selectionEntrySchema = z.object({ SelectionId: z.string() });

const conditions = z
  .array(z.object({ ConditionKey: text, ConditionValue: text }))
  .nullish()
  .default(null);
export const selectionSchema = z.object({
  BackupSelection: z.object({
    Resources: z.array(z.string()).nullish().default(null),
    NotResources: z.array(z.string()).nullish().default(null),
    ListOfTags: conditions,
    Conditions: z
      .object({
        StringEquals: conditions,
        StringNotEquals: conditions,
        StringLike: conditions,
        StringNotLike: conditions,
      })
      .nullish()
      .default(null),
  }),
});

export const volumeSnapshotSchema = z.object({
  SnapshotId: z.string(),
  VolumeId: z.string(),
  OwnerId: text,
  State: text,
  StartTime: when,
  CompletionTime: when,
  VolumeSize: number,
  Encrypted: flag,
  StorageTier: text,
});

export const snapshotLockSchema = z.object({ SnapshotId: z.string(), LockState: text, LockExpiresOn: when });

export type Instance = z.output<typeof instanceSchema>;
export type Cluster = z.output<typeof clusterSchema>;
export type Snapshot = z.output<typeof snapshotSchema>;
export type ClusterSnapshot = z.output<typeof clusterSnapshotSchema>;
export type AutomatedBackupAnswer = z.output<typeof automatedBackupSchema>;
export type ClusterAutomatedBackupAnswer = z.output<typeof clusterAutomatedBackupSchema>;
export type Vault = z.output<typeof vaultSchema>;
export type RecoveryPoint = z.output<typeof recoveryPointSchema>;
export type PlanRule = z.output<typeof planSchema>['BackupPlan']['Rules'][number];
export type Selection = z.output<typeof selectionSchema>['BackupSelection'];
export type VolumeSnapshot = z.output<typeof volumeSnapshotSchema>;
export type SnapshotLock = z.output<typeof snapshotLockSchema>;

const GIBIBYTE = 2 ** 30;

/** AWS tells sizes of volumes in GiB, and for Aurora 1 or nothing: it is at least that. */
export function volumeBytes(gibibytes: number | null): number {
  return Math.max(1, gibibytes ?? 1) * GIBIBYTE;
}

/** Engines that this tool knows the copies of: PostgreSQL on RDS, and Aurora PostgreSQL. */
export function isPostgres(engine: string | null): boolean {
  return engine === 'postgres' || engine === 'aurora-postgresql';
}
