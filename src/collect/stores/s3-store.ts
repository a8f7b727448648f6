import {
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  type ObjectLockConfiguration,
  type ReplicationRule,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import type { SourceError } from '../../model/source-error.ts';
import { isAwsError } from '../guard/aws-error.ts';
import type { S3ReadClient } from '../trees/s3-client.ts';
import { s3Error } from '../trees/s3-error.ts';
import type { S3Operation } from '../trees/s3-operations.ts';

/** A property of a bucket that could not be learnt, while others could. */
export interface Blind {
  readonly blind: SourceError;
}

export interface ObjectLockReading {
  /** What new objects get without asking; null where each must ask for itself. */
  readonly defaultRetention: { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number } | null;
}

export interface EncryptionReading {
  /** As the service names it, e.g. `AES256` or `aws:kms`. */
  readonly algorithm: string;
  /** Id, ARN or alias of the key of KMS; null where the rule names none: then it is one that the service manages. */
  readonly keyId: string | null;
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
  /** As the store names it; null where it names none. */
  readonly region: string | null;
  readonly versioning: 'enabled' | 'suspended' | 'off' | Blind;
  readonly objectLock: ObjectLockReading | 'off' | Blind;
  /** What is written without asking for encryption; Amazon S3 encrypts all of it since January 2023. */
  readonly encryption: EncryptionReading | 'none' | Blind;
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
  client: S3ReadClient,
  bucket: string,
  prefix: string,
  options: S3StoreOptions = {},
): Promise<S3StoreReading> {
  const place = { Bucket: bucket };
  const sending = () => {
    const limit = AbortSignal.timeout(options.timeoutMillis ?? DEFAULT_TIMEOUT_MILLIS);
    return { abortSignal: options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]) };
  };
  const where = `bucket ${bucket} at ${client.locator}`;
  const failure = (operation: S3Operation, error: unknown) => s3Error(error, `${where}, ${operation},`, operation);
  const orBlind = async <T>(operation: S3Operation, answer: Promise<T>): Promise<T | Blind> =>
    await answer.catch((error: unknown) => ({ blind: failure(operation, error) }));

  const listed = await client
    .send(new ListObjectsV2Command({ ...place, Prefix: prefix, MaxKeys: 1 }), sending())
    .catch((error: unknown) => {
      throw failure('ListObjectsV2', error);
    });
  // Both are required in a listing; a page that happens to parse as XML has neither.
  if (listed.Name === undefined || listed.IsTruncated === undefined) throw failure('ListObjectsV2', null);
  const versioning = client.send(new GetBucketVersioningCommand(place), sending());
  const lock = client.send(new GetObjectLockConfigurationCommand(place), sending());
  const encrypted = client.send(new GetBucketEncryptionCommand(place), sending());
  const replication = client.send(new GetBucketReplicationCommand(place), sending());
  const [region, versioningNow, objectLock, encryption, rules] = await Promise.all([
    regionOf(client, bucket, sending, failure),
    orBlind(
      'GetBucketVersioning',
      versioning.then(({ Status }) => versioningOf(Status)),
    ),
    orBlind(
      'GetObjectLockConfiguration',
      orAbsent(lock, 'ObjectLockConfigurationNotFoundError').then((answer) => lockOf(answer?.ObjectLockConfiguration)),
    ),
    orBlind(
      'GetBucketEncryption',
      orAbsent(encrypted, 'ServerSideEncryptionConfigurationNotFoundError').then((answer) =>
        encryptionOf(answer?.ServerSideEncryptionConfiguration?.Rules ?? []),
      ),
    ),
    orBlind(
      'GetBucketReplication',
      orAbsent(replication, 'ReplicationConfigurationNotFoundError').then((answer) =>
        replicationOf(answer?.ReplicationConfiguration?.Rules ?? []),
      ),
    ),
  ]);
  return {
    answers: true,
    empty: (listed.Contents ?? []).length === 0,
    region,
    versioning: versioningNow,
    objectLock,
    encryption,
    replication: rules,
    clockOffsetMillis: client.lastClockOffsetMillis(),
  };
}

/** The service's "there is none" as null; it says so by an error of that name. */
async function orAbsent<T>(answer: Promise<T>, name: string): Promise<T | null> {
  return await answer.catch((error: unknown) => {
    if (isAwsError(error, name)) return null;
    throw error;
  });
}

/**
 * The answer's header `x-amz-bucket-region`, else the location, which is empty for us-east-1 as for a store without regions, and
 * `EU` for eu-west-1 (Amazon S3 API Reference, HeadBucket and GetBucketLocation).
 */
async function regionOf(
  client: S3ReadClient,
  bucket: string,
  sending: () => { readonly abortSignal: AbortSignal },
  failure: (operation: S3Operation, error: unknown) => SourceError,
): Promise<string | null> {
  const place = { Bucket: bucket };
  // What cannot be answered leaves the region unnamed; a request off the allow-list still ends the run, in `failure`.
  const unnamed = (operation: S3Operation) => (error: unknown) => void failure(operation, error);
  const head = await client.send(new HeadBucketCommand(place), sending()).catch(unnamed('HeadBucket'));
  if (head?.BucketRegion) return head.BucketRegion;
  const location = await client
    .send(new GetBucketLocationCommand(place), sending())
    .catch(unnamed('GetBucketLocation'));
  const constraint = location?.LocationConstraint ?? null;
  return constraint === 'EU' ? 'eu-west-1' : constraint;
}

function versioningOf(status: string | undefined): 'enabled' | 'suspended' | 'off' {
  if (status === 'Enabled') return 'enabled';
  return status === 'Suspended' ? 'suspended' : 'off';
}

function lockOf(lock: ObjectLockConfiguration | undefined): ObjectLockReading | 'off' {
  if (lock?.ObjectLockEnabled !== 'Enabled') return 'off';
  const rule = lock.Rule?.DefaultRetention;
  if (rule?.Mode !== 'GOVERNANCE' && rule?.Mode !== 'COMPLIANCE') return { defaultRetention: null };
  return { defaultRetention: { mode: rule.Mode, days: (rule.Days ?? 0) + (rule.Years ?? 0) * DAYS_PER_YEAR } };
}

function encryptionOf(rules: readonly ServerSideEncryptionRule[]): EncryptionReading | 'none' {
  const rule = rules.map((one) => one.ApplyServerSideEncryptionByDefault).find((one) => one?.SSEAlgorithm);
  if (rule === undefined) return 'none';
  const keyId = rule.KMSMasterKeyID;
  return {
    algorithm: String(rule.SSEAlgorithm).slice(0, 40),
    keyId: keyId === undefined || keyId === '' ? null : keyId.slice(0, 300),
  };
}

function replicationOf(rules: readonly ReplicationRule[]): readonly ReplicationRuleReading[] | 'none' {
  return rules.length === 0 ? 'none' : rules.map(replicationRule);
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
