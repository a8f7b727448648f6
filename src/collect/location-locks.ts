import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { isAmazon } from '../model/s3-service.ts';
import { SourceError } from '../model/source-error.ts';
import { observedDomain } from './domains.ts';
import type { Collection, OpenLocation } from './estate.ts';
import { type BucketQuestion, protectionEvidence } from './stores/bucket-protection.ts';
import { isBlind } from './stores/bucket-questions.ts';
import type { S3StoreReading } from './stores/s3-store.ts';

/**
 * Whether what lies in a location can be changed or deleted, and whether it is encrypted: of a bucket its versions, its
 * default lock, its default encryption and its lifecycle rules, and of one at Amazon its region. A directory keeps no versions, locks
 * nothing and tells nothing of its disks; that it is safe all the same is for somebody to attest.
 *
 * @param blindSpot what could not be read there, where that may hide locks
 */
export async function locationLockEvidence(
  collection: Collection,
  location: OpenLocation,
  blindSpot: BlindSpot | null = location.blindSpot,
): Promise<readonly AnyEvidence[]> {
  const { config, subject, bucket } = location;
  const source = `location ${config.name}`;
  if (config.kind === 'directory') {
    const question = { subject, source, operation: 'kind of location', locator: config.path };
    return [
      collection.asker.record({ kind: 'store-versioning', ...question }, { items: [{ state: 'off' }] }),
      collection.asker.record(
        { kind: 'store-object-lock', ...question },
        { items: [{ enabled: false, mode: null, days: null }] },
      ),
      collection.asker.record({ kind: 'store-encryption', ...question }, NOT_TOLD),
    ];
  }
  if (config.kind === 'aws') return managedLocks(collection, location, blindSpot);
  const question = { subject, source, locator: `s3://${config.bucket}/${config.prefix}` };
  if (bucket === null) return unanswered(collection, question, location.blindSpot ?? NOT_OPENED);
  try {
    const { readS3Store } = await import('./stores/s3-store.ts');
    const reading = await readS3Store(bucket.client, bucket.name, bucket.prefix, { signal: collection.signal });
    const seen = await seenIn(location, reading.objectLock, collection.signal);
    return [
      await rulesOf(collection, bucket, question),
      ...protectionEvidence(collection, question, reading, seen),
      ...regionOf(collection, location, reading.region),
    ];
  } catch (error) {
    collection.signal.throwIfAborted();
    return unanswered(collection, question, collection.asker.blindSpotOf(error, source));
  }
}

/** By which rules the bucket itself deletes or moves what lies in the location, seen from its prefix. */
async function rulesOf(
  { asker, signal }: Collection,
  { client, name, prefix }: NonNullable<OpenLocation['bucket']>,
  question: BucketQuestion,
): Promise<AnyEvidence> {
  const [{ readLifecycle }, { bucketAsker }] = await Promise.all([
    import('./stores/bucket-lifecycle.ts'),
    import('./stores/bucket-questions.ts'),
  ]);
  const rules = await readLifecycle(client, bucketAsker(client, name, { signal }));
  signal.throwIfAborted();
  return asker.record(
    { kind: 'store-lifecycle', ...question, operation: 's3:GetBucketLifecycleConfiguration' },
    isBlind(rules)
      ? { items: [], blindSpot: asker.blindSpotOf(rules.blind, question.source) }
      : { items: rules.flatMap((rule) => below(rule, prefix)) },
  );
}

function below(rule: Facts['store-lifecycle'], prefix: string): readonly Facts['store-lifecycle'][] {
  if (prefix.startsWith(rule.prefix)) return [{ ...rule, prefix: '' }];
  return rule.prefix.startsWith(prefix) ? [{ ...rule, prefix: rule.prefix.slice(prefix.length) }] : [];
}

/** What objects there say of their locks. What keeps them from telling leaves open whether they are locked, and nothing else. */
async function seenIn(location: OpenLocation, objectLock: S3StoreReading['objectLock'], signal: AbortSignal) {
  if (isBlind(objectLock) || objectLock === 'off' || objectLock.defaultRetention == null) return null;
  try {
    const { seenLocks } = await import('./newest-locks.ts');
    return await seenLocks(location, objectLock.defaultRetention.days, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SourceError)) throw error;
    return null;
  }
}

/** Snapshots are never overwritten, and deleted by whom IAM allows; what a vault locks bears its own lock. */
function managedLocks(
  collection: Collection,
  { config, subject, aws }: OpenLocation,
  blindSpot: BlindSpot | null,
): readonly AnyEvidence[] {
  const source = `location ${config.name}`;
  const question = { subject, source, operation: 'kind of location', locator: aws?.locator ?? config.name };
  return [
    collection.asker.record(
      { kind: 'store-object-lock', ...question },
      { items: blindSpot === null ? [{ enabled: false, mode: null, days: null }] : [], blindSpot },
    ),
    collection.asker.record({ kind: 'store-encryption', ...question }, NOT_TOLD),
  ];
}

const NOT_TOLD = { items: [{ byDefault: 'not-told', algorithm: null }] } as const;

/** Where a bucket at Amazon stands, as Amazon itself answers; what another service calls its region proves nothing. */
function regionOf(
  collection: Collection,
  { config, subject }: OpenLocation,
  region: string | null,
): readonly AnyEvidence[] {
  if (config.kind !== 's3' || region === null) return [];
  if (!isAmazon({ endpoint: config.endpoint ?? null, region: config.region })) return [];
  const fact = { host: null, site: null, account: null, region, origin: 'observed' } as const;
  return [
    observedDomain(collection, subject, fact, `location ${config.name}`, `s3://${config.bucket}/${config.prefix}`),
  ];
}

const NOT_OPENED: BlindSpot = {
  reason: 'not-asked',
  detail: 'the bucket was not opened',
  remedy: 'Check the entry of this location: recoverage doctor.',
};

function unanswered({ asker }: Collection, question: BucketQuestion, blindSpot: BlindSpot): readonly AnyEvidence[] {
  const answer = { items: [], blindSpot };
  return [
    asker.record({ kind: 'store-versioning', ...question, operation: 's3:GetBucketVersioning' }, answer),
    asker.record({ kind: 'store-object-lock', ...question, operation: 's3:GetObjectLockConfiguration' }, answer),
    asker.record({ kind: 'store-encryption', ...question, operation: 's3:GetBucketEncryption' }, answer),
    asker.record({ kind: 'store-lifecycle', ...question, operation: 's3:GetBucketLifecycleConfiguration' }, answer),
  ];
}
