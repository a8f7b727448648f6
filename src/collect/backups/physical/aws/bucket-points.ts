import type { BucketPoint } from '../physical-copy.ts';
import { domainOf, parseArn } from './arn.ts';
import type { RecoveryPoint } from './backup-answers.ts';
import { shown } from './managed-copy.ts';

interface Vaulted {
  readonly vault: string;
  readonly point: RecoveryPoint;
}

/** Whether a recovery point is of a bucket. */
export function isOfBucket({ point }: Vaulted): boolean {
  return parseArn(point.ResourceArn ?? '')?.service === 's3';
}

/**
 * Source: AWS Backup API Reference, RecoveryPointByBackupVault; AWS Backup Developer Guide, "Amazon S3 backups": a
 * continuous point of a bucket restores to any moment of its last 35 days, and its list does not tell up to which.
 */
export function bucketPoints(points: readonly Vaulted[]): readonly BucketPoint[] {
  return points.filter(isOfBucket).map(({ vault, point }) => {
    const { RecoveryPointArn: arn, ResourceArn: resource, Status: status, CreationDate: createdAt } = point;
    const isContinuous = arn.includes(':recovery-point:continuous:') || status === 'AVAILABLE';
    const complete = status === 'COMPLETED' && !isContinuous;
    return {
      bucket: parseArn(resource ?? '')?.resource ?? '',
      arn,
      vault,
      // A copy from another vault no longer tells when its data is from.
      takenAt: isContinuous || point.SourceBackupVaultArn !== null ? null : createdAt,
      isContinuous,
      complete,
      because: complete
        ? `AWS Backup says that recovery point in vault ${vault} is completed`
        : `AWS Backup says of it: ${shown(status)}`,
      domain: domainOf(arn),
    };
  });
}
