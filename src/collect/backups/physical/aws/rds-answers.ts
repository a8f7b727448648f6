import { z } from 'zod';
import { flag, number, text, when } from './answer-fields.ts';

/**
 * What of the answers of Amazon RDS is read, each item for itself. Source: data types of the Amazon RDS API Reference,
 * by the names of the fields.
 */
const host = z.object({ Address: text, Port: number }).nullish().default(null);
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
  KmsKeyId: text,
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
  Port: number,
  CustomEndpoints: z.array(z.string()).nullish().default(null),
  ClusterCreateTime: when,
  BackupRetentionPeriod: number,
  EarliestRestorableTime: when,
  LatestRestorableTime: when,
  AllocatedStorage: number,
  StorageEncrypted: flag,
  KmsKeyId: text,
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
  KmsKeyId: text,
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
  KmsKeyId: text,
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
  KmsKeyId: text,
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
  KmsKeyId: text,
  AwsBackupRecoveryPointArn: text,
});

export type Snapshot = z.output<typeof snapshotSchema>;
export type ClusterSnapshot = z.output<typeof clusterSnapshotSchema>;
export type AutomatedBackupAnswer = z.output<typeof automatedBackupSchema>;
export type ClusterAutomatedBackupAnswer = z.output<typeof clusterAutomatedBackupSchema>;

const GIBIBYTE = 2 ** 30;

/** AWS tells sizes of volumes in GiB, and for Aurora 1 or nothing: it is at least that. */
export function volumeBytes(gibibytes: number | null): number {
  return Math.max(1, gibibytes ?? 1) * GIBIBYTE;
}

/** Engines that this tool knows the copies of: PostgreSQL on RDS, and Aurora PostgreSQL. */
export function isPostgres(engine: string | null): boolean {
  return engine === 'postgres' || engine === 'aurora-postgresql';
}
