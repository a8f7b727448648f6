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
import type { S3ReadClient } from '../trees/s3-client.ts';
import type { S3Operation } from '../trees/s3-operations.ts';
import {
  type Blind,
  type BucketAsker,
  bucketAsker,
  isBlind,
  orAbsent,
  type S3StoreOptions,
} from './bucket-questions.ts';

export interface ObjectLockReading {
  /** What new objects get without asking; null where each must ask for itself. */
  readonly defaultRetention: { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number } | null;
}

export interface EncryptionReading {
  /** As the service names it, e.g. `AES256` or `aws:kms`. */
  readonly algorithm: string;
  /** Key of a key service, as the bucket names it; null where the service uses one of its own. */
  readonly key: string | null;
}

export interface ReplicationRuleReading {
  readonly id: string | null;
  readonly enabled: boolean;
  /** The higher one wins where rules overlap. */
  readonly priority: number | null;
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
  /** Whether nothing lies below the prefix; blind where the caller may not list it, and may ask other things. */
  readonly empty: boolean | Blind;
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
  const asker = bucketAsker(client, bucket, options);
  const { place, sending, orBlind } = asker;
  const empty = await isEmptyBelow(client, prefix, asker);
  const versioning = client.send(new GetBucketVersioningCommand(place), sending());
  const lock = client.send(new GetObjectLockConfigurationCommand(place), sending());
  const encrypted = client.send(new GetBucketEncryptionCommand(place), sending());
  const replication = client.send(new GetBucketReplicationCommand(place), sending());
  const [region, versioningNow, objectLock, encryption, rules] = await Promise.all([
    regionOf(client, asker),
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
  // One that refuses everything does not answer: why, its listing told.
  if (isBlind(empty) && [versioningNow, objectLock, encryption, rules].every(isBlind)) throw empty.blind;
  return {
    answers: true,
    empty,
    region,
    versioning: versioningNow,
    objectLock,
    encryption,
    replication: rules,
    clockOffsetMillis: client.lastClockOffsetMillis(),
  };
}

/**
 * Whether nothing lies below a prefix. That the caller may not list is told apart from a bucket that does not answer.
 * @throws SourceError for any other reason
 */
async function isEmptyBelow(
  client: S3ReadClient,
  prefix: string,
  { place, sending, failure }: Pick<BucketAsker, 'place' | 'sending' | 'failure'>,
): Promise<boolean | Blind> {
  try {
    const listed = await client.send(new ListObjectsV2Command({ ...place, Prefix: prefix, MaxKeys: 1 }), sending());
    // Both are required in a listing; a page that happens to parse as XML has neither.
    if (listed.Name === undefined || listed.IsTruncated === undefined) throw failure('ListObjectsV2', null);
    return (listed.Contents ?? []).length === 0;
  } catch (error) {
    const blind = failure('ListObjectsV2', error);
    if (blind.reason === 'unauthorized') return { blind };
    throw blind;
  }
}

/**
 * The answer's header `x-amz-bucket-region`, else the location, which is empty for us-east-1 as for a store without regions, and
 * `EU` for eu-west-1 (Amazon S3 API Reference, HeadBucket and GetBucketLocation).
 */
async function regionOf(
  client: S3ReadClient,
  { place, sending, failure }: Pick<BucketAsker, 'place' | 'sending' | 'failure'>,
): Promise<string | null> {
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

export function versioningOf(status: string | undefined): 'enabled' | 'suspended' | 'off' {
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
  const standard = rules
    .map((rule) => rule.ApplyServerSideEncryptionByDefault)
    .find((one) => one?.SSEAlgorithm !== undefined);
  if (standard?.SSEAlgorithm === undefined) return 'none';
  return {
    algorithm: String(standard.SSEAlgorithm).slice(0, 40),
    key: standard.KMSMasterKeyID?.slice(0, 300) ?? null,
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
    priority: rule.Priority ?? null,
    prefix: and?.Prefix ?? rule.Filter?.Prefix ?? rule.Prefix ?? '',
    byTag: rule.Filter?.Tag !== undefined || (and?.Tags ?? []).length > 0,
    existingObjects: rule.ExistingObjectReplication?.Status === 'Enabled',
    deleteMarkers: rule.DeleteMarkerReplication?.Status === 'Enabled',
    destinationBucket: rule.Destination?.Bucket ?? '',
    destinationAccount: rule.Destination?.Account ?? null,
  };
}
