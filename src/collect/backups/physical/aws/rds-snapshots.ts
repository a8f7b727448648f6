import type { Instant } from '../../../../model/instant.ts';
import type { AwsBackupSource } from './aws-backup-source.ts';
import type { AwsReading } from './aws-reading.ts';
import { type KeyedCopy, managedCopy, type PointLock, shown, verdictOf } from './managed-copy.ts';
import { findOrigin, identityOf, type ManagedDatabase, type Origin } from './managed-databases.ts';
import {
  type ClusterSnapshot,
  clusterSnapshotSchema,
  isPostgres,
  type Snapshot,
  snapshotSchema,
  volumeBytes,
} from './rds-answers.ts';
import type { UnmatchedServices } from './unmatched-services.ts';

/** A snapshot of an instance or of a cluster, in one form. */
export interface DatabaseSnapshot {
  readonly arn: string;
  readonly origin: Origin;
  readonly engine: string | null;
  readonly engineVersion: string | null;
  readonly type: string | null;
  readonly status: string | null;
  /** What it is consistent as of; null for one that was copied and no longer tells. */
  readonly takenAt: Instant | null;
  /** When it, or this copy of it, was made. */
  readonly storedAt: Instant | null;
  readonly encrypted: boolean | null;
  readonly keyId: string | null;
  readonly gibibytes: number | null;
}

/**
 * All snapshots of the account and region, those that AWS Backup manages too; those that other accounts share are not
 * this account's copies. Source: Amazon RDS API Reference, DescribeDBSnapshots, DescribeDBClusterSnapshots.
 */
export async function readSnapshots(
  source: AwsBackupSource,
  reading: AwsReading,
): Promise<readonly DatabaseSnapshot[]> {
  const instances = (type?: 'awsbackup') =>
    reading.list('rds', 'DescribeDBSnapshots', snapshotSchema, async () => (await source.rds()).snapshots(type));
  const clusters = (type?: 'awsbackup') =>
    reading.list('rds', 'DescribeDBClusterSnapshots', clusterSnapshotSchema, async () =>
      (await source.rds()).clusterSnapshots(type),
    );
  const [own, ownOfClusters, managed, managedOfClusters] = await Promise.all([
    instances(),
    clusters(),
    instances('awsbackup'),
    clusters('awsbackup'),
  ]);
  const all = [
    ...[...own, ...managed].map(instanceSnapshot),
    ...[...ownOfClusters, ...managedOfClusters].map(clusterSnapshot),
  ];
  return [...new Map(all.map((snapshot) => [snapshot.arn, snapshot])).values()];
}

/** SnapshotCreateTime changes when a snapshot is copied, OriginalSnapshotCreateTime does not (data type DBSnapshot). */
function instanceSnapshot(one: Snapshot): DatabaseSnapshot {
  const isCopied = one.SourceDBSnapshotIdentifier !== null && one.SourceDBSnapshotIdentifier !== '';
  return {
    arn: one.DBSnapshotArn,
    origin: {
      kind: 'instance',
      resourceId: one.DbiResourceId,
      name: one.DBInstanceIdentifier,
      createdAt: one.InstanceCreateTime,
    },
    engine: one.Engine,
    engineVersion: one.EngineVersion,
    type: one.SnapshotType,
    status: one.Status,
    takenAt: one.OriginalSnapshotCreateTime ?? (isCopied ? null : one.SnapshotCreateTime),
    storedAt: one.SnapshotCreateTime,
    encrypted: one.Encrypted,
    keyId: one.KmsKeyId,
    gibibytes: one.AllocatedStorage,
  };
}

function clusterSnapshot(one: ClusterSnapshot): DatabaseSnapshot {
  const isCopied = one.SourceDBClusterSnapshotArn !== null && one.SourceDBClusterSnapshotArn !== '';
  return {
    arn: one.DBClusterSnapshotArn,
    origin: {
      kind: 'cluster',
      resourceId: one.DbClusterResourceId,
      name: one.DBClusterIdentifier,
      createdAt: one.ClusterCreateTime,
    },
    engine: one.Engine,
    engineVersion: one.EngineVersion,
    type: one.SnapshotType,
    status: one.Status,
    takenAt: isCopied ? null : one.SnapshotCreateTime,
    storedAt: one.SnapshotCreateTime,
    encrypted: one.StorageEncrypted,
    keyId: one.KmsKeyId,
    gibibytes: one.AllocatedStorage,
  };
}

/** @param points recovery points of AWS Backup, which may be snapshots of RDS */
export function snapshotCopies(
  snapshots: readonly DatabaseSnapshot[],
  databases: readonly ManagedDatabase[],
  points: ReadonlyMap<string, PointLock>,
  unmatched: UnmatchedServices,
): readonly KeyedCopy[] {
  return snapshots.flatMap((snapshot) => {
    const { arn, storedAt, origin, status } = snapshot;
    const bytes = volumeBytes(snapshot.gibibytes);
    const leave = (what: string): readonly KeyedCopy[] => {
      unmatched.add(arn, bytes, storedAt, what, 'snapshots');
      return [];
    };
    if (!isPostgres(snapshot.engine)) return leave('snapshot of a database that is not PostgreSQL');
    const database = findOrigin(origin, databases);
    if (database === null) return leave(`snapshot of a database ${origin.kind} that is not there, or was not seen`);
    const verdict = verdictOf(status);
    // What is being made now is no damaged copy: the one before it serves.
    if (verdict === 'unfinished')
      return leave(`snapshot that is not finished, or is being deleted (state ${shown(status)})`);
    if (storedAt === null) return leave('snapshot that tells no time');
    return [
      managedCopy({
        arn,
        method: snapshot.type === 'awsbackup' || points.has(arn) ? 'aws-backup' : 'rds-snapshot',
        format: `${origin.kind === 'cluster' ? 'cluster' : 'instance'} snapshot, ${shown(snapshot.type)}`,
        cluster: identityOf(database),
        takenAt: snapshot.takenAt,
        timesFrom: 'the time that RDS gives for the snapshot',
        serverVersion: snapshot.engineVersion,
        bytes,
        modifiedAt: storedAt,
        integrity: verdict === 'available' ? 'complete' : 'incomplete',
        integrityBecause:
          verdict === 'available' ? 'RDS says that it is available' : `RDS says that it is ${shown(status)}`,
        encrypted: snapshot.encrypted,
        lockedUntil: points.get(arn)?.lockedUntil ?? null,
        keyIds: [snapshot.keyId],
      }),
    ];
  });
}
