import { GetBucketVersioningCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import type { S3ReadClient } from '../trees/s3-client.ts';
import { MissingBucketError, regionToldBy } from '../trees/s3-error.ts';
import { type LifecycleRuleFact, readLifecycle } from './bucket-lifecycle.ts';
import { type Blind, bucketAsker, type S3StoreOptions } from './bucket-questions.ts';
import { versioningOf } from './s3-store.ts';

/** A bucket that objects are copied to, as far as the credentials let it be asked. */
export interface ReplicaReading {
  readonly exists: boolean;
  /** As the store names it; null where it names none. */
  readonly region: string | null;
  readonly versioning: 'enabled' | 'suspended' | 'off' | Blind;
  /** Its own rules, which delete what was copied. */
  readonly lifecycle: readonly LifecycleRuleFact[] | Blind;
}

/** @throws SourceError where nothing tells whether the bucket is there */
export async function readReplica(
  client: S3ReadClient,
  bucket: string,
  options: S3StoreOptions = {},
): Promise<ReplicaReading> {
  const asker = bucketAsker(client, bucket, options);
  const { place, sending, failure, orBlind } = asker;
  let region: string | null = null;
  try {
    const head = await client.send(new HeadBucketCommand(place), sending());
    region = head.BucketRegion ?? null;
  } catch (error) {
    const told = regionToldBy(error);
    // A service names the region of a bucket also to those whom it does not let in or sends elsewhere: it is there.
    if (told === null) {
      const meant = failure('HeadBucket', error);
      if (meant instanceof MissingBucketError) {
        return { exists: false, region: null, versioning: { blind: meant }, lifecycle: { blind: meant } };
      }
      throw meant;
    }
    region = told;
  }
  const versioning = await orBlind(
    'GetBucketVersioning',
    client.send(new GetBucketVersioningCommand(place), sending()).then(({ Status }) => versioningOf(Status)),
  );
  return { exists: true, region, versioning, lifecycle: await readLifecycle(client, asker) };
}
