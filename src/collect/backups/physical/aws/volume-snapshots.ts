import { type Instant, MINUTE, toMillis } from '../../../../model/instant.ts';
import { mustBeRestored } from '../../archived-objects.ts';
import type { PhysicalCopy } from '../physical-copy.ts';
import { arnPrefix } from './arn.ts';
import { contradictedVolumes } from './attached-volumes.ts';
import type { AwsBackupSource } from './aws-backup-source.ts';
import type { AwsReading } from './aws-reading.ts';
import { type SnapshotLock, snapshotLockSchema, type VolumeSnapshot, volumeSnapshotSchema } from './backup-answers.ts';
import { managedCopy, type PointLock, shown } from './managed-copy.ts';
import { volumeBytes } from './rds-answers.ts';
import type { UnmatchedServices } from './unmatched-services.ts';

/** The volumes on which one server keeps its data directory and WAL. */
export interface ServerVolumes {
  readonly server: string;
  readonly volumeIds: readonly string[];
  /** Stated: the snapshots of all of them are taken as of one moment. */
  readonly atomic: boolean;
}

type Dated = VolumeSnapshot & { readonly StartTime: Instant };

/**
 * Out of this tier a snapshot must be restored before a volume can be made of it, which takes up to 72 hours (Amazon EBS
 * User Guide, "Archive Amazon EBS snapshots").
 */
const ARCHIVE = 'archive';
/** Snapshots of several volumes that begin within this time belong together. */
const TOGETHER = 10 * MINUTE;
/** Those of one call of CreateSnapshots begin at once; clocks of volumes may differ a little. */
const AT_ONCE = 2 * MINUTE;

/**
 * Snapshots of the configured volumes. A completed snapshot holds what was on the volume when it was begun, so one of a
 * single volume is of one moment, as a crash leaves it; those of several volumes only where they were taken together.
 * None proves anything where the volumes are not those of one running server.
 * Source: Amazon EC2 API Reference, DescribeSnapshots, CreateSnapshots, DescribeLockedSnapshots.
 */
export async function readVolumeSnapshots(
  source: AwsBackupSource,
  reading: AwsReading,
  servers: readonly ServerVolumes[],
  points: ReadonlyMap<string, PointLock>,
  unmatched: UnmatchedServices,
): Promise<{ readonly copies: readonly PhysicalCopy[]; readonly arns: readonly string[] }> {
  if (servers.length === 0) return { copies: [], arns: [] };
  const arnOf = (id: string) => `${arnPrefix(source.region)}:ec2:${source.region}::snapshot/${id}`;
  const locks = await reading.list(
    'ec2',
    'DescribeLockedSnapshots',
    snapshotLockSchema,
    async () => (await source.ec2()).locks,
  );
  const contradicted = await contradictedVolumes(source, reading, servers);
  const copies: PhysicalCopy[] = [];
  const arns: string[] = [];
  for (const volumes of servers) {
    const all = await reading.list('ec2', 'DescribeSnapshots', volumeSnapshotSchema, async () =>
      (await source.ec2()).snapshotsOf(volumes.volumeIds),
    );
    const snapshots = all.filter(({ VolumeId }) => volumes.volumeIds.includes(VolumeId));
    arns.push(...snapshots.map(({ SnapshotId }) => arnOf(SnapshotId)));
    const lockOf = ({ SnapshotId }: Dated): Instant | null =>
      complianceEnd(locks.find((lock) => lock.SnapshotId === SnapshotId)) ??
      points.get(arnOf(SnapshotId))?.lockedUntil ??
      null;
    for (const group of grouped(snapshots, volumes)) {
      const pending = group.find(({ State }) => State !== 'completed' && State !== 'error');
      if (pending !== undefined) {
        const what = `snapshot of a volume that is not finished (state ${shown(pending.State)})`;
        for (const one of group) {
          unmatched.add(arnOf(one.SnapshotId), volumeBytes(one.VolumeSize), one.StartTime, what, volumes.server);
        }
        continue;
      }
      const copy = copyOf(group, volumes, arnOf, lockOf, source.region);
      copies.push(unlessContradicted(copy, contradicted.get(volumes.server)));
    }
  }
  return { copies, arns };
}

/** @param because what contradicts that the copy is of the server; undefined where nothing does */
function unlessContradicted(copy: PhysicalCopy, because: string | undefined): PhysicalCopy {
  if (because === undefined || copy.integrity !== 'complete') return copy;
  return { ...copy, integrity: 'unproven', integrityBecause: because };
}

/** Only a lock in compliance mode cannot be lifted (Amazon EBS User Guide, "Amazon EBS snapshot lock"). */
function complianceEnd(lock: SnapshotLock | undefined): Instant | null {
  return lock?.LockState === 'compliance' ? lock.LockExpiresOn : null;
}

/** Sets with at most one snapshot of each volume, by time. */
function grouped(snapshots: readonly VolumeSnapshot[], { volumeIds, atomic }: ServerVolumes): readonly Dated[][] {
  const dated = snapshots
    .flatMap((one): readonly Dated[] => (one.StartTime === null ? [] : [{ ...one, StartTime: one.StartTime }]))
    .sort((a, b) => a.StartTime.localeCompare(b.StartTime));
  const window = volumeIds.length === 1 ? 0 : atomic ? AT_ONCE : TOGETHER;
  const groups: Dated[][] = [];
  for (const one of dated) {
    const group = groups.at(-1);
    const first = group?.[0];
    const belongs =
      group !== undefined &&
      first !== undefined &&
      !group.some(({ VolumeId }) => VolumeId === one.VolumeId) &&
      toMillis(one.StartTime) - toMillis(first.StartTime) <= window;
    if (belongs) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

function copyOf(
  group: readonly Dated[],
  { server, volumeIds, atomic }: ServerVolumes,
  arnOf: (id: string) => string,
  lockOf: (one: Dated) => Instant | null,
  region: string,
): PhysicalCopy {
  const starts = group.map(({ StartTime }) => StartTime).sort();
  const ends = group.map(({ StartTime, CompletionTime }) => CompletionTime ?? StartTime).sort();
  const [takenAt = ''] = starts;
  const modifiedAt = ends.at(-1) ?? takenAt;
  const missing = volumeIds.filter((id) => group.every(({ VolumeId }) => VolumeId !== id));
  const failed = group.find(({ State }) => State !== 'completed');
  const archived = group.find(({ StorageTier }) => StorageTier === ARCHIVE);
  const [integrity, integrityBecause] =
    failed !== undefined
      ? (['incomplete', `EBS says that snapshot ${failed.SnapshotId} failed`] as const)
      : missing.length > 0
        ? (['incomplete', `there is no snapshot of volume ${missing.join(', ')} from that time`] as const)
        : archived !== undefined
          ? (['unproven', `snapshot ${archived.SnapshotId} ${mustBeRestored('the archive tier')}`] as const)
          : volumeIds.length === 1
            ? (['complete', 'EBS says that it is completed, and it is of a single volume'] as const)
            : atomic
              ? ([
                  'complete',
                  'EBS says that all are completed, and the configuration that they are of one moment',
                ] as const)
              : ([
                  'unproven',
                  'snapshots of several volumes are of different moments unless they are taken together',
                ] as const);
  const locks = group.map(lockOf);
  const lockedUntil = locks.includes(null) ? null : (locks.filter((lock) => lock !== null).sort()[0] ?? null);
  const [owner] = group.flatMap(({ OwnerId }) => OwnerId ?? []);
  const copy = managedCopy({
    arn: group.map(({ SnapshotId }) => arnOf(SnapshotId)).join(' '),
    method: 'ebs-snapshot',
    format: group.length === 1 ? 'EBS snapshot' : `EBS snapshots of ${group.length} volumes`,
    cluster: { systemIdentifier: null, endpoints: [], declaredServer: server },
    takenAt,
    timesFrom: 'the start time that EBS gives',
    serverVersion: null,
    bytes: group.reduce((sum, { VolumeSize }) => sum + volumeBytes(VolumeSize), 0),
    modifiedAt,
    integrity,
    integrityBecause,
    encrypted: encryptionOf(group),
    keyIds: group.map(({ KmsKeyId }) => KmsKeyId),
    lockedUntil,
  });
  return { ...copy, domain: { account: owner ?? null, region } };
}

/** Data lies on every volume, so that one that is not encrypted decides. */
function encryptionOf(group: readonly VolumeSnapshot[]): boolean | null {
  if (group.some(({ Encrypted }) => Encrypted === false)) return false;
  return group.every(({ Encrypted }) => Encrypted === true) ? true : null;
}
