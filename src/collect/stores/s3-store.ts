import {
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  type ReplicationRule,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { SourceError } from '../../model/source-error.ts';
import { awsError, isAwsError } from '../guard/aws-error.ts';
import { createAwsServerClock } from '../guard/aws-server-clock.ts';

/** A property of a bucket that could not be learnt, while others could. */
export interface Blind {
  readonly blind: SourceError;
}

export interface ObjectLockReading {
  /** What new objects get without asking; null where each must ask for itself. */
  readonly defaultRetention: { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number } | null;
}

export interface ReplicationRuleReading {
  readonly id: string | null;
  readonly enabled: boolean;
  /** Of object keys; empty for all. */
  readonly prefix: string;
  /** Whether only objects with certain tags are replicated. */
  readonly byTag: boolean;
  /** Whether objects that were there before the rule are replicated too. */
  readonly existingObjects: boolean;
  readonly deleteMarkers: boolean;
  /** ARN of the bucket it copies to. */
  readonly destinationBucket: string;
  /** Account that is to own the copies, where the rule names one. */
  readonly destinationAccount: string | null;
}

/** A bucket that answered. Each property is known or blind for itself. */
export interface S3StoreReading {
  readonly answers: true;
  /** Whether nothing lies below the prefix. */
  readonly empty: boolean;
  /** As the store says; null where it does not. */
  readonly region: string | null;
  readonly versioning: 'enabled' | 'suspended' | 'off' | Blind;
  readonly objectLock: ObjectLockReading | 'off' | Blind;
  readonly replication: readonly ReplicationRuleReading[] | 'none' | Blind;
  readonly clockOffsetMillis: number | null;
}

const DAYS_PER_YEAR = 365;
const DEFAULT_TIMEOUT_MILLIS = 30_000;

export interface S3StoreOptions {
  /** For one question, with its retries; 30 s unless stated. */
  readonly timeoutMillis?: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks a bucket what protects the objects in it. No object is read.
 * Source: Amazon S3 API Reference, version 2006-03-01.
 * @param prefix of object keys; empty for the whole bucket
 * @throws SourceError where the bucket does not answer at all: unreachable, unauthorized, timeout, malformed
 */
export async function readS3Store(
  client: S3Client,
  bucket: string,
  prefix: string,
  options: S3StoreOptions = {},
): Promise<S3StoreReading> {
  const sending = () => {
    const limit = AbortSignal.timeout(options.timeoutMillis ?? DEFAULT_TIMEOUT_MILLIS);
    return { abortSignal: options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]) };
  };
  const clock = createAwsServerClock();
  const list = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 });
  list.middlewareStack.add(clock.middleware, { step: 'deserialize', priority: 'low', name: 'serverClock' });
  const listed = await client.send(list, sending()).catch((error: unknown) => {
    throw storeError(bucket, 'ListObjectsV2', 's3:ListBucket', error);
  });
  // A page of a portal parses as an answer without anything in it.
  if (listed.Name === undefined && listed.IsTruncated === undefined)
    throw storeError(bucket, 'ListObjectsV2', 's3:ListBucket', null);
  return {
    answers: true,
    empty: (listed.Contents ?? []).length === 0,
    region: await client.send(new HeadBucketCommand({ Bucket: bucket }), sending()).then(
      (head) => head.BucketRegion ?? null,
      () => null,
    ),
    versioning: await orBlind(bucket, 'GetBucketVersioning', 's3:GetBucketVersioning', async () => {
      const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }), sending());
      return Status === 'Enabled' ? 'enabled' : Status === 'Suspended' ? 'suspended' : 'off';
    }),
    objectLock: await orBlind(bucket, 'GetObjectLockConfiguration', 's3:GetBucketObjectLockConfiguration', async () => {
      const answer = await orAbsent(
        client.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }), sending()),
        'ObjectLockConfigurationNotFoundError',
      );
      const lock = answer?.ObjectLockConfiguration;
      return lock?.ObjectLockEnabled === 'Enabled'
        ? { defaultRetention: retention(lock.Rule?.DefaultRetention) }
        : 'off';
    }),
    replication: await orBlind(bucket, 'GetBucketReplication', 's3:GetReplicationConfiguration', async () => {
      const answer = await orAbsent(
        client.send(new GetBucketReplicationCommand({ Bucket: bucket }), sending()),
        'ReplicationConfigurationNotFoundError',
      );
      const rules = answer?.ReplicationConfiguration?.Rules ?? [];
      return rules.length === 0 ? 'none' : rules.map(replicationRule);
    }),
    clockOffsetMillis: clock.offsetMillis(),
  };
}

async function orBlind<T>(
  bucket: string,
  operation: string,
  action: string,
  ask: () => Promise<T>,
): Promise<T | Blind> {
  try {
    return await ask();
  } catch (error) {
    return { blind: storeError(bucket, operation, action, error) };
  }
}

async function orAbsent<T>(answer: Promise<T>, name: string): Promise<T | null> {
  return await answer.catch((error: unknown) => {
    if (isAwsError(error, name)) return null;
    throw error;
  });
}

function storeError(bucket: string, operation: string, action: string, error: unknown): SourceError {
  return awsError(
    {
      where: `bucket ${bucket}`,
      what: operation,
      ifDenied: `Allow ${action} on the bucket ${bucket} in the policy of the caller or of the bucket.`,
      ifInvalid: 'Check the name of the bucket, its region and its endpoint.',
    },
    error,
  );
}

function retention(
  rule:
    | { readonly Mode?: string | undefined; readonly Days?: number | undefined; readonly Years?: number | undefined }
    | undefined,
) {
  if (rule?.Mode !== 'GOVERNANCE' && rule?.Mode !== 'COMPLIANCE') return null;
  return { mode: rule.Mode, days: (rule.Days ?? 0) + (rule.Years ?? 0) * DAYS_PER_YEAR };
}

function replicationRule(rule: ReplicationRule): ReplicationRuleReading {
  const and = rule.Filter?.And;
  return {
    id: rule.ID ?? null,
    enabled: rule.Status === 'Enabled',
    prefix: and?.Prefix ?? rule.Filter?.Prefix ?? rule.Prefix ?? '',
    byTag: rule.Filter?.Tag !== undefined || (and?.Tags ?? []).length > 0,
    existingObjects: rule.ExistingObjectReplication?.Status === 'Enabled',
    deleteMarkers: rule.DeleteMarkerReplication?.Status === 'Enabled',
    destinationBucket: rule.Destination?.Bucket ?? '',
    destinationAccount: rule.Destination?.Account ?? null,
  };
}
