import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Collection, OpenLocation } from './estate.ts';
import { type BucketQuestion, protectionEvidence } from './stores/bucket-protection.ts';

/**
 * Whether what lies in a location can be changed or deleted: of a bucket its versions and default lock. A directory has
 * neither; that nobody can write to it all the same is for somebody to attest.
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
    ];
  }
  if (config.kind === 'aws') return managedLocks(collection, location, blindSpot);
  const question = { subject, source, locator: `s3://${config.bucket}/${config.prefix}` };
  if (bucket === null) return unanswered(collection, question, location.blindSpot ?? NOT_OPENED);
  try {
    const { readS3Store } = await import('./stores/s3-store.ts');
    const reading = await readS3Store(bucket.client, bucket.name, bucket.prefix, { signal: collection.signal });
    return protectionEvidence(collection, question, reading);
  } catch (error) {
    collection.signal.throwIfAborted();
    return unanswered(collection, question, collection.asker.blindSpotOf(error, source));
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
  ];
}
