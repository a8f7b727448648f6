import type { Instant } from '../../../../model/instant.ts';
import type { ClusterIdentity } from '../physical-copy.ts';
import type { AwsBackupSource } from './aws-backup-source.ts';
import type { AwsReading } from './aws-reading.ts';
import { clusterSchema, instanceSchema, isPostgres } from './rds-answers.ts';

/** An RDS instance, or an Aurora or Multi-AZ cluster, with PostgreSQL, as it is now. */
export interface ManagedDatabase {
  readonly kind: 'instance' | 'cluster';
  readonly arn: string;
  readonly name: string;
  /** Survives renaming, and is another one for a database that was made anew under the same name. */
  readonly resourceId: string | null;
  /** Every address that clients may use, in lower case. */
  readonly endpoints: readonly string[];
  /** Of all of them; null where it is not told. */
  readonly port: number | null;
  readonly createdAt: Instant | null;
  readonly engine: string;
  readonly engineVersion: string | null;
  /** 0: automated backups are off. */
  readonly retentionDays: number;
  readonly earliestRestorable: Instant | null;
  readonly latestRestorable: Instant | null;
  readonly allocatedGibibytes: number | null;
  readonly encrypted: boolean | null;
  /** Key of AWS KMS that its storage and its automated backups are encrypted with. */
  readonly keyId: string | null;
  /** Continuous recovery point of AWS Backup that holds its automated backups. */
  readonly recoveryPoint: string | null;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/**
 * All of the account and region. The instances of a cluster are no databases of their own: their addresses are its.
 * Source: Amazon RDS API Reference, DescribeDBInstances, DescribeDBClusters, data types DBInstance and DBCluster.
 */
export async function readManagedDatabases(
  source: AwsBackupSource,
  reading: AwsReading,
): Promise<readonly ManagedDatabase[]> {
  const [instances, clusters] = await Promise.all([
    reading.list('rds', 'DescribeDBInstances', instanceSchema, async () => (await source.rds()).instances),
    reading.list('rds', 'DescribeDBClusters', clusterSchema, async () => (await source.rds()).clusters),
  ]);
  const members = Map.groupBy(instances, (instance) => instance.DBClusterIdentifier ?? '');
  return [
    ...(members.get('') ?? [])
      .filter(({ Engine }) => isPostgres(Engine))
      .map(
        (one): ManagedDatabase => ({
          kind: 'instance',
          arn: one.DBInstanceArn,
          name: one.DBInstanceIdentifier,
          resourceId: one.DbiResourceId,
          endpoints: addresses([one.Endpoint?.Address]),
          port: one.Endpoint?.Port ?? null,
          createdAt: one.InstanceCreateTime,
          engine: one.Engine,
          engineVersion: one.EngineVersion,
          retentionDays: one.BackupRetentionPeriod ?? 0,
          earliestRestorable: null,
          latestRestorable: one.LatestRestorableTime,
          allocatedGibibytes: one.AllocatedStorage,
          encrypted: one.StorageEncrypted,
          keyId: one.KmsKeyId,
          recoveryPoint: one.AwsBackupRecoveryPointArn,
          tags: tagsOf(one.TagList),
        }),
      ),
    ...clusters
      .filter(({ Engine }) => isPostgres(Engine))
      .map(
        (one): ManagedDatabase => ({
          kind: 'cluster',
          arn: one.DBClusterArn,
          name: one.DBClusterIdentifier,
          resourceId: one.DbClusterResourceId,
          endpoints: addresses([
            one.Endpoint,
            one.ReaderEndpoint,
            ...(one.CustomEndpoints ?? []),
            ...(members.get(one.DBClusterIdentifier) ?? []).map(({ Endpoint }) => Endpoint?.Address),
          ]),
          port: one.Port,
          createdAt: one.ClusterCreateTime,
          engine: one.Engine,
          engineVersion: one.EngineVersion,
          retentionDays: one.BackupRetentionPeriod ?? 0,
          earliestRestorable: one.EarliestRestorableTime,
          latestRestorable: one.LatestRestorableTime,
          allocatedGibibytes: one.AllocatedStorage,
          encrypted: one.StorageEncrypted,
          keyId: one.KmsKeyId,
          recoveryPoint: one.AwsBackupRecoveryPointArn,
          tags: tagsOf(one.TagList),
        }),
      ),
  ];
}

export function identityOf(database: ManagedDatabase): ClusterIdentity {
  return { systemIdentifier: null, endpoints: database.endpoints, port: database.port, declaredServer: null };
}

/** What a copy tells of the database it was taken of. */
export interface Origin {
  readonly kind: ManagedDatabase['kind'];
  readonly resourceId: string | null;
  readonly name: string | null;
  /** When the database was made. */
  readonly createdAt: Instant | null;
}

/**
 * The database that a copy was taken of, if it is still there. A name alone proves nothing: another database may have
 * been made under it since. Null for none.
 */
export function findOrigin(origin: Origin, databases: readonly ManagedDatabase[]): ManagedDatabase | null {
  const ofKind = databases.filter(({ kind }) => kind === origin.kind);
  if (origin.resourceId !== null) {
    const same = ofKind.filter(({ resourceId }) => resourceId === origin.resourceId);
    // Ids are unique in AWS; what plays AWS may give all databases the same.
    return same.find(({ name }) => name === origin.name) ?? same[0] ?? null;
  }
  if (origin.createdAt === null) return null;
  return ofKind.find(({ name, createdAt }) => name === origin.name && createdAt === origin.createdAt) ?? null;
}

/** The database that bore this ARN at that time. Null for none, and where it was made only later. */
export function findByArn(
  arn: string,
  at: Instant | null,
  databases: readonly ManagedDatabase[],
): ManagedDatabase | null {
  const found = databases.find((database) => database.arn === arn);
  if (found === undefined || found.createdAt === null || at === null) return null;
  return found.createdAt <= at ? found : null;
}

function addresses(all: readonly (string | null | undefined)[]): readonly string[] {
  return [...new Set(all.flatMap((address) => (address ? address.toLowerCase() : [])))];
}

function tagsOf(tags: readonly { readonly Key: string | null; readonly Value: string | null }[] | null) {
  return (tags ?? []).flatMap(({ Key, Value }) => (Key === null ? [] : { key: Key, value: Value ?? '' }));
}
