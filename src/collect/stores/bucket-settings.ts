import type { Config } from '../../config/schema.ts';
import type { AnyEvidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { isAmazon } from '../../model/s3-service.ts';
import type { Answer } from '../ask.ts';
import type { Collection } from '../estate.ts';
import type { S3ReadClient } from '../trees/s3-client.ts';
import { type BucketAccessReading, readAccess, STRANGE_POLICY } from './bucket-access.ts';
import { readLifecycle } from './bucket-lifecycle.ts';
import { readPolicy } from './bucket-policy.ts';
import { type BucketQuestion, blindAnswer } from './bucket-protection.ts';
import { type Blind, bucketAsker, isBlind } from './bucket-questions.ts';
import { concerns } from './own-rules.ts';

type BucketConfig = Config['stores']['s3'][number];

/** What holds for a whole bucket, whoever's prefix is looked at. */
interface BucketSettings {
  readonly lifecycle: readonly Facts['store-lifecycle'][] | Blind;
  readonly access: BucketAccessReading;
}

/** Organizations share buckets: each is asked once in a run. */
const asked = new WeakMap<BucketConfig, Promise<BucketSettings>>();

function settingsOf(client: S3ReadClient, access: BucketConfig, signal: AbortSignal): Promise<BucketSettings> {
  const known = asked.get(access);
  if (known !== undefined) return known;
  const asker = bucketAsker(client, access.bucket, { signal });
  const asking = Promise.all([readLifecycle(client, asker), readAccess(client, asker)]).then(
    ([lifecycle, reading]): BucketSettings => ({ lifecycle, access: reading }),
  );
  asked.set(access, asking);
  return asking;
}

/** Whether a bucket's own rules delete what lies in it, and whether everybody gets at it. */
export async function settingsEvidence(
  collection: Collection,
  client: S3ReadClient,
  access: BucketConfig,
  question: BucketQuestion,
  prefix: string,
): Promise<readonly AnyEvidence[]> {
  const { asker } = collection;
  const { lifecycle, access: reading } = await settingsOf(client, access, collection.signal);
  collection.signal.throwIfAborted();
  return [
    asker.record(
      { kind: 'store-lifecycle', ...question, operation: 's3:GetBucketLifecycleConfiguration' },
      isBlind(lifecycle)
        ? blindAnswer(collection, lifecycle)
        : { items: lifecycle.filter((rule) => concerns(rule.prefix, prefix)) },
    ),
    asker.record(
      { kind: 'store-access-block', ...question, operation: 's3:GetPublicAccessBlock' },
      isBlind(reading.block) ? blindAnswer(collection, reading.block) : { items: [reading.block] },
    ),
    asker.record(
      { kind: 'store-policy', ...question, operation: 's3:GetBucketPolicyStatus, s3:GetBucketPolicy' },
      policyAnswer(collection, reading, access, prefix),
    ),
    asker.record(
      { kind: 'store-acl', ...question, operation: 's3:GetBucketAcl' },
      isBlind(reading.acl) ? blindAnswer(collection, reading.acl) : { items: [reading.acl] },
    ),
  ];
}

/** What its policy says of the store, and what the service says of the bucket: blind where neither tells. */
function policyAnswer(
  collection: Collection,
  { calledPublic, policy }: BucketAccessReading,
  access: BucketConfig,
  prefix: string,
): Answer<'store-policy'> {
  const callIsReliable = isAmazon({ endpoint: access.endpoint ?? null, region: access.region });
  const called = isBlind(calledPublic) ? null : calledPublic;
  if (isBlind(policy)) {
    if (called === null || (!called && !callIsReliable)) return blindAnswer(collection, policy);
    return { items: [{ calledPublic: called, callIsReliable, lets: 'not-read', detail: '' }] };
  }
  if (policy === null) return { items: [{ calledPublic: called, callIsReliable, lets: 'nobody', detail: '' }] };
  const read = readPolicy(policy, access.bucket, prefix);
  if (read === null) return { items: [], blindSpot: collection.asker.blindSpotOf(STRANGE_POLICY, 'the bucket') };
  // What the service says is of the whole bucket, which may be open below another prefix.
  const isElsewhere = read.lets === 'nobody' && readPolicy(policy, access.bucket, '')?.lets !== 'nobody';
  return { items: [{ calledPublic: isElsewhere ? null : called, callIsReliable, ...read }] };
}
