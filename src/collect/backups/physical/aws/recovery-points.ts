import { DAY, type Instant, instantOrNull, toMillis } from '../../../../model/instant.ts';
import { SourceError } from '../../../../model/source-error.ts';
import type { PhysicalCopy } from '../physical-copy.ts';
import { parseArn } from './arn.ts';
import type { AwsBackupSource } from './aws-backup-source.ts';
import type { AwsReading } from './aws-reading.ts';
import { type RecoveryPoint, recoveryPointSchema, type Vault, vaultSchema } from './backup-answers.ts';
import { isOfBucket } from './bucket-points.ts';
import { managedCopy, type PointLock, shown } from './managed-copy.ts';
import { findByArn, identityOf, type ManagedDatabase } from './managed-databases.ts';
import type { UnmatchedServices } from './unmatched-services.ts';

/** A recovery point with the vault it lies in. */
export interface VaultedPoint extends PointLock {
  readonly vault: string;
  readonly point: RecoveryPoint;
}

/**
 * Every recovery point of the vaults, with the end of its lock. Source: AWS Backup API Reference, ListBackupVaults,
 * ListRecoveryPointsByBackupVault, data types BackupVaultListMember and RecoveryPointByBackupVault.
 *
 * @param names of the vaults that are looked into; null for all
 */
export async function readRecoveryPoints(
  source: AwsBackupSource,
  reading: AwsReading,
  names: readonly string[] | null,
  now: Instant,
): Promise<readonly VaultedPoint[]> {
  const all = await reading.list('backup', 'ListBackupVaults', vaultSchema, async () => (await source.backup()).vaults);
  if (names !== null && reading.isAnswered('ListBackupVaults')) {
    for (const name of names.filter((one) => all.every(({ BackupVaultName }) => BackupVaultName !== one))) {
      reading.note(
        new SourceError(
          'malformed',
          `AWS Backup in ${source.region} has no vault ${name}`,
          'Mend the name in backupVaults of the location, or its region.',
        ),
      );
    }
  }
  const vaults = names === null ? all : all.filter(({ BackupVaultName }) => names.includes(BackupVaultName));
  const points: VaultedPoint[] = [];
  // One vault after the other: their lists are long, and AWS allows few questions at a time.
  for (const vault of vaults) {
    const { BackupVaultName: name } = vault;
    const found = await reading.list('backup', 'ListRecoveryPointsByBackupVault', recoveryPointSchema, async () =>
      (await source.backup()).recoveryPoints(name),
    );
    for (const point of found) points.push({ vault: name, point, lockedUntil: lockEnd(vault, point, now) });
  }
  return points;
}

/**
 * Until when nobody can delete a recovery point. A vault's lock holds it until its lifecycle ends, once the lock can
 * no longer be lifted: that is after its LockDate; one without a LockDate is in governance mode and can be lifted at
 * any time (AWS Backup Developer Guide, "AWS Backup Vault Lock"; API Reference, PutBackupVaultLockConfiguration).
 */
export function lockEnd(vault: Vault, point: RecoveryPoint, now: Instant): Instant | null {
  if (vault.Locked !== true || vault.LockDate === null || vault.LockDate > now) return null;
  const end = point.CalculatedLifecycle?.DeleteAt ?? null;
  if (end !== null) return end;
  if (vault.MinRetentionDays === null || point.CreationDate === null) return null;
  return instantOrNull(toMillis(point.CreationDate) + Math.min(vault.MinRetentionDays, LONGEST_DAYS) * DAY);
}

/** The longest retention that a lock can demand (API Reference, PutBackupVaultLockConfiguration). */
const LONGEST_DAYS = 36_500;

/**
 * Copies of those points that are of a database of this account and that no other list shows as what they are.
 *
 * @param shownElsewhere ARNs of snapshots, and of points that automated backups keep
 */
export function recoveryPointCopies(
  points: readonly VaultedPoint[],
  databases: readonly ManagedDatabase[],
  shownElsewhere: ReadonlySet<string>,
  unmatched: UnmatchedServices,
): readonly PhysicalCopy[] {
  const others = new Map<string, { vault: string; type: string; count: number; newest: Instant | null }>();
  const copies = points.flatMap((vaulted) => {
    const { vault, point, lockedUntil } = vaulted;
    // Buckets are no databases: they are told of with the copies of files.
    if (isOfBucket(vaulted)) return [];
    const { RecoveryPointArn: arn, Status: status, CreationDate: createdAt } = point;
    if (shownElsewhere.has(arn)) return [];
    if (parseArn(point.ResourceArn ?? '')?.service !== 'rds') {
      const type = shown(point.ResourceType);
      const id = `${vault}\0${type}`;
      const other = others.get(id) ?? { vault, type, count: 0, newest: null };
      others.set(id, other);
      other.count += 1;
      if (createdAt !== null && (other.newest === null || createdAt > other.newest)) other.newest = createdAt;
      return [];
    }
    const bytes = point.BackupSizeInBytes ?? 0;
    const leave = (what: string): readonly PhysicalCopy[] => {
      unmatched.add(arn, bytes, createdAt, what, vault);
      return [];
    };
    const database = findByArn(point.ResourceArn ?? '', createdAt, databases);
    if (database === null) {
      return leave(
        'recovery point of a database that is not there, was made anew since, is not PostgreSQL, or was not seen',
      );
    }
    if (createdAt === null) return leave('recovery point that tells no time');
    const isContinuous = status === 'AVAILABLE' || arn.includes(':recovery-point:continuous:');
    if (status !== 'COMPLETED' && !(isContinuous && status === 'AVAILABLE')) {
      return leave(`recovery point that is not complete (state ${shown(status)})`);
    }
    const [, completedAt = createdAt] = [createdAt, point.CompletionDate ?? createdAt].sort();
    return [
      managedCopy({
        arn,
        method: 'aws-backup',
        format: `${isContinuous ? 'continuous ' : ''}recovery point in vault ${vault}`,
        cluster: identityOf(database),
        // A copy from another vault no longer tells when its data is from.
        takenAt: point.SourceBackupVaultArn === null ? createdAt : null,
        isExact: false,
        timesFrom: 'the creation date that AWS Backup gives',
        serverVersion: database.engineVersion,
        bytes: Math.max(bytes, 1),
        modifiedAt: completedAt,
        integrity: isContinuous ? 'unproven' : 'complete',
        integrityBecause: isContinuous
          ? 'AWS Backup does not tell which moments a continuous recovery point restores to, and RDS lists no automated backups of it'
          : 'AWS Backup says that it is completed',
        encrypted: point.IsEncrypted,
        keyIds: [point.IsEncrypted === false ? null : point.EncryptionKeyArn],
        lockedUntil,
      }),
    ];
  });
  for (const { vault, type, count, newest } of others.values()) {
    const what = `${count === 1 ? 'recovery point' : `${count} recovery points`} of ${type}, which no list of databases or configured volumes shows`;
    unmatched.add(`${vault}: ${type}`, 0, newest, what, vault);
  }
  return copies;
}
