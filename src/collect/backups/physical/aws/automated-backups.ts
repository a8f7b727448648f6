import type { Instant } from '../../../../model/instant.ts';
import type { WalArchive } from '../physical-copy.ts';
import type { AwsBackupSource } from './aws-backup-source.ts';
import type { AwsReading } from './aws-reading.ts';
import { type KeyedCopy, managedCopy, type PointLock, shown } from './managed-copy.ts';
import { identityOf, type ManagedDatabase } from './managed-databases.ts';
import {
  type AutomatedBackupAnswer,
  automatedBackupSchema,
  type ClusterAutomatedBackupAnswer,
  clusterAutomatedBackupSchema,
  isPostgres,
  volumeBytes,
} from './rds-answers.ts';
import type { UnmatchedServices } from './unmatched-services.ts';

/** The automated backups of one database, which bring back any moment of their window. */
export interface AutomatedBackup {
  readonly kind: ManagedDatabase['kind'];
  readonly arn: string | null;
  readonly resourceId: string | null;
  readonly name: string | null;
  readonly status: string | null;
  readonly engine: string | null;
  readonly engineVersion: string | null;
  readonly from: Instant | null;
  readonly to: Instant | null;
  readonly encrypted: boolean | null;
  readonly keyId: string | null;
  readonly gibibytes: number | null;
  readonly recoveryPoint: string | null;
}

/**
 * All of the account and region: of its databases, of deleted ones (`retained`), and those replicated from another
 * region. Source: Amazon RDS API Reference, data types DBInstanceAutomatedBackup and DBClusterAutomatedBackup.
 *
 * @param withClusters false where nothing shows that the account ever had a cluster here
 */
export async function readAutomatedBackups(
  source: AwsBackupSource,
  reading: AwsReading,
  withClusters: boolean,
): Promise<readonly AutomatedBackup[]> {
  const [instances, clusters] = await Promise.all([
    reading.list(
      'rds',
      'DescribeDBInstanceAutomatedBackups',
      automatedBackupSchema,
      async () => (await source.rds()).automatedBackups,
    ),
    withClusters
      ? reading.list(
          'rds',
          'DescribeDBClusterAutomatedBackups',
          clusterAutomatedBackupSchema,
          async () => (await source.rds()).clusterAutomatedBackups,
        )
      : [],
  ]);
  return [...instances.map(ofInstance), ...clusters.map(ofCluster)];
}

function ofInstance(one: AutomatedBackupAnswer): AutomatedBackup {
  return {
    kind: 'instance',
    arn: one.DBInstanceAutomatedBackupsArn ?? one.DBInstanceArn,
    resourceId: one.DbiResourceId,
    name: one.DBInstanceIdentifier,
    encrypted: one.Encrypted,
    ...common(one),
  };
}

function ofCluster(one: ClusterAutomatedBackupAnswer): AutomatedBackup {
  return {
    kind: 'cluster',
    arn: one.DBClusterAutomatedBackupsArn ?? one.DBClusterArn,
    resourceId: one.DbClusterResourceId,
    name: one.DBClusterIdentifier,
    encrypted: one.StorageEncrypted,
    ...common(one),
  };
}

function common(one: AutomatedBackupAnswer | ClusterAutomatedBackupAnswer) {
  return {
    status: one.Status,
    engine: one.Engine,
    engineVersion: one.EngineVersion,
    from: one.RestoreWindow?.EarliestTime ?? null,
    to: one.RestoreWindow?.LatestTime ?? null,
    keyId: one.KmsKeyId,
    gibibytes: one.AllocatedStorage,
    recoveryPoint: one.AwsBackupRecoveryPointArn,
  };
}

/**
 * A copy as of the end of each window, and the window itself. The database tells the end of its own window where the
 * list of automated backups does not.
 *
 * @param own databases of this account and region
 * @param elsewhere those of other regions, whose automated backups may be replicated here
 */
export function windowCopies(
  backups: readonly AutomatedBackup[],
  { own, elsewhere }: { readonly own: readonly ManagedDatabase[]; readonly elsewhere: readonly ManagedDatabase[] },
  points: ReadonlyMap<string, PointLock>,
  unmatched: UnmatchedServices,
): { readonly copies: readonly KeyedCopy[]; readonly archives: readonly WalArchive[] } {
  const copies: KeyedCopy[] = [];
  const archives: WalArchive[] = [];
  const tell = (database: ManagedDatabase, backup: AutomatedBackup) => {
    const { from, to } = backup;
    const arn = backup.arn ?? database.arn;
    if (to === null) return;
    const cluster = identityOf(database);
    copies.push(
      managedCopy({
        arn,
        method: 'rds-automated-backup',
        format: `automated backups of ${database.kind === 'cluster' ? 'a cluster' : 'an instance'}`,
        cluster,
        takenAt: to,
        timesFrom: 'the latest time that RDS says it can restore to',
        serverVersion: backup.engineVersion ?? database.engineVersion,
        bytes: volumeBytes(backup.gibibytes ?? database.allocatedGibibytes),
        modifiedAt: to,
        integrity: 'complete',
        integrityBecause: 'RDS says that it can restore to any moment of the window',
        encrypted: backup.encrypted ?? database.encrypted,
        lockedUntil: points.get(backup.recoveryPoint ?? '')?.lockedUntil ?? null,
        // Those replicated from another region have a key of their own there.
        keyIds: [backup.keyId ?? (own.includes(database) ? database.keyId : null)],
      }),
    );
    const window = { from, to };
    archives.push({ path: arn, method: 'rds-automated-backup', cluster, segmentBytes: 0, timelines: [], window });
  };
  const told = new Set<ManagedDatabase>();
  for (const backup of backups) {
    const isOrigin = ({ kind, resourceId }: ManagedDatabase) =>
      kind === backup.kind && resourceId !== null && resourceId === backup.resourceId;
    // An active one is of the database that bears the name now.
    const isNamesake = ({ kind, name }: ManagedDatabase) =>
      kind === backup.kind && backup.resourceId === null && backup.status === 'active' && name === backup.name;
    const live = own.find((one) => isOrigin(one) || isNamesake(one));
    const database = live ?? elsewhere.find(isOrigin);
    if (database !== undefined) {
      // AWS Backup and the instance's own settings share one window; the first that has an end is it.
      if (live !== undefined && told.has(live)) continue;
      const to = backup.to ?? (live === undefined || live.retentionDays === 0 ? null : live.latestRestorable);
      tell(database, { ...backup, to, from: backup.from ?? live?.earliestRestorable ?? null });
      if (live !== undefined && to !== null) told.add(live);
      if (to !== null) continue;
    }
    const what =
      database !== undefined
        ? `automated backups that restore to no moment yet (state ${shown(backup.status)})`
        : isPostgres(backup.engine ?? 'postgres')
          ? `automated backups of a database that is not there, or was not seen (state ${shown(backup.status)})`
          : 'automated backups of a database that is not PostgreSQL';
    unmatched.add(
      backup.arn ?? backup.name ?? 'automated backups',
      volumeBytes(backup.gibibytes),
      backup.to,
      what,
      'automated backups',
    );
  }
  for (const database of own) {
    if (told.has(database) || database.retentionDays === 0) continue;
    const { kind, arn, resourceId, name, engine, engineVersion, encrypted, keyId, recoveryPoint } = database;
    const { earliestRestorable: from, latestRestorable: to, allocatedGibibytes: gibibytes } = database;
    const status = null;
    const itself = {
      kind,
      arn,
      resourceId,
      name,
      status,
      engine,
      engineVersion,
      from,
      to,
      encrypted,
      keyId,
      gibibytes,
      recoveryPoint,
    };
    tell(database, itself);
  }
  return { copies, archives };
}
