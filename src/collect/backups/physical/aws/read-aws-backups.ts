import type { BlindSpot } from '../../../../model/evidence.ts';
import type { Instant } from '../../../../model/instant.ts';
import { SourceError } from '../../../../model/source-error.ts';
import { joinedBlindSpot } from '../pgbackrest/joined-blind-spot.ts';
import type { PhysicalContents } from '../physical-copy.ts';
import { arnPrefix } from './arn.ts';
import { readAutomatedBackups, windowCopies } from './automated-backups.ts';
import type { AwsBackupSource } from './aws-backup-source.ts';
import { type AwsReading, awsReading } from './aws-reading.ts';
import { automatedBackupPlans, type PlanTarget, readBackupPlans } from './backup-plans.ts';
import { bucketPoints } from './bucket-points.ts';
import { withKeyStates } from './copy-keys.ts';
import { identityOf, type ManagedDatabase, readManagedDatabases } from './managed-databases.ts';
import { readSnapshots, snapshotCopies } from './rds-snapshots.ts';
import { readRecoveryPoints, recoveryPointCopies } from './recovery-points.ts';
import { unmatchedServices } from './unmatched-services.ts';
import { readVolumeSnapshots, type ServerVolumes } from './volume-snapshots.ts';

export interface AwsBackupsOptions {
  /** Vaults of AWS Backup that are looked into; null for all. */
  readonly backupVaults: readonly string[] | null;
  readonly volumes: readonly ServerVolumes[];
  readonly signal: AbortSignal;
  /** Turns an error into a blind spot without secrets. */
  readonly blindSpotOf: (error: unknown) => BlindSpot;
  readonly now: () => Instant;
}

/** One account and region that is being read. */
export interface AwsBackupsSession {
  /** Its databases, once asked for. Never rejects but for an interruption. */
  databases(): Promise<readonly ManagedDatabase[]>;
  /** @param elsewhere databases of other regions, of which copies may lie here */
  contents(elsewhere: readonly ManagedDatabase[]): Promise<PhysicalContents>;
}

/**
 * Reads what RDS, AWS Backup and EBS keep of databases in one account and region, and whether the keys work by which it is
 * encrypted. What one service does not answer is
 * told in the blind spot, beside the answers of the others. Copies in other regions and accounts are seen where those
 * are configured as locations of their own; snapshots that other accounts share are left out.
 */
export function startAwsBackups(source: AwsBackupSource, options: AwsBackupsOptions): AwsBackupsSession {
  const reading = awsReading(source, options.blindSpotOf, options.signal);
  let asked: Promise<readonly ManagedDatabase[]> | null = null;
  const databases = () => {
    asked ??= readManagedDatabases(source, reading);
    return asked;
  };
  return {
    databases,
    async contents(elsewhere) {
      const [own, snapshots, points] = await Promise.all([
        databases(),
        readSnapshots(source, reading),
        readRecoveryPoints(source, reading, options.backupVaults, options.now()),
      ]);
      const withClusters =
        own.some(({ kind }) => kind === 'cluster') || snapshots.some(({ origin }) => origin.kind === 'cluster');
      const unmatched = unmatchedServices();
      const locks = new Map(points.map((one) => [one.point.RecoveryPointArn, one]));
      const account = await accountOf(source, reading, options);
      const [automated, volumes, plans] = await Promise.all([
        readAutomatedBackups(source, reading, withClusters),
        readVolumeSnapshots(source, reading, options.volumes, locks, unmatched),
        readBackupPlans(
          source,
          reading,
          targetsOf(own, options.volumes, `${arnPrefix(source.region)}:ec2:${source.region}:${account}:volume/`),
        ),
      ]);
      const all = [...own, ...elsewhere];
      const windows = windowCopies(automated, { own, elsewhere }, locks, unmatched);
      const shownElsewhere = new Set([
        ...snapshots.map(({ arn }) => arn),
        ...volumes.arns,
        ...[...automated, ...own].flatMap(({ recoveryPoint }) => recoveryPoint ?? []),
      ]);
      const copies = [
        ...snapshotCopies(snapshots, all, locks, unmatched),
        ...windows.copies,
        ...recoveryPointCopies(points, all, shownElsewhere, unmatched),
        ...volumes.copies,
      ];
      return {
        copies: await withKeyStates(source, copies, options),
        archives: windows.archives,
        plans: [...automatedBackupPlans(own), ...plans],
        unmatched: unmatched.facts(),
        bucketPoints: bucketPoints(points),
        blindSpot: joinedBlindSpot(reading.blindSpots()),
      };
    },
  };
}

/** As {@link startAwsBackups}, of a single location. */
export function readAwsBackups(source: AwsBackupSource, options: AwsBackupsOptions): Promise<PhysicalContents> {
  return startAwsBackups(source, options).contents([]);
}

function targetsOf(
  databases: readonly ManagedDatabase[],
  volumes: readonly ServerVolumes[],
  volumeArn: string,
): readonly PlanTarget[] {
  return [
    ...databases.map((database) => ({
      cluster: identityOf(database),
      resources: [{ arn: database.arn, tags: database.tags }],
    })),
    ...volumes.map(({ server, volumeIds }) => ({
      cluster: { systemIdentifier: null, endpoints: [], declaredServer: server },
      resources: volumeIds.map((id) => ({ arn: `${volumeArn}${id}`, tags: null })),
    })),
  ];
}

/** Only ARNs of volumes need it; databases tell their own. */
async function accountOf(
  source: AwsBackupSource,
  reading: AwsReading,
  { volumes, signal }: AwsBackupsOptions,
): Promise<string> {
  if (volumes.length === 0) return '';
  try {
    return await source.account();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SourceError)) throw error;
    reading.note(error);
    return '';
  }
}
