import { z } from 'zod';
import { flag, number, text, when } from './answer-fields.ts';

/**
 * What of the answers of AWS Backup and Amazon EC2 is read, each item for itself. Source: data types of the AWS Backup
 * and Amazon EC2 API References, by the names of the fields.
 */
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
  EncryptionKeyArn: text,
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

export const volumeSchema = z.object({
  VolumeId: z.string(),
  Attachments: z
    .array(z.object({ InstanceId: text, State: text }))
    .nullish()
    .default(null),
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
  KmsKeyId: text,
  StorageTier: text,
});

export const snapshotLockSchema = z.object({ SnapshotId: z.string(), LockState: text, LockExpiresOn: when });

export type Vault = z.output<typeof vaultSchema>;
export type RecoveryPoint = z.output<typeof recoveryPointSchema>;
export type PlanRule = z.output<typeof planSchema>['BackupPlan']['Rules'][number];
export type Selection = z.output<typeof selectionSchema>['BackupSelection'];
export type VolumeSnapshot = z.output<typeof volumeSnapshotSchema>;
export type SnapshotLock = z.output<typeof snapshotLockSchema>;
