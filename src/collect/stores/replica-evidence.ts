import type { Config } from '../../config/schema.ts';
import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { FailureDomain } from '../../model/policy.ts';
import { isAmazon } from '../../model/s3-service.ts';
import type { Answer } from '../ask.ts';
import type { Collection, Estate } from '../estate.ts';
import type { S3ReadClient } from '../trees/s3-client.ts';
import { type BucketQuestion, blindAnswer } from './bucket-protection.ts';
import { type Blind, isBlind } from './bucket-questions.ts';
import type { ReplicationRuleReading } from './s3-store.ts';

type BucketConfig = Config['stores']['s3'][number];

/** How a destination can be asked, and what is stated about it. */
export interface Destination {
  readonly client: S3ReadClient;
  readonly isAmazon: boolean;
  readonly domain: FailureDomain | undefined;
}

/** What opening the client of a configured bucket takes. */
export type OpenBucket = (access: BucketConfig) => Promise<S3ReadClient>;

/** The rules by which a bucket is copied elsewhere, and the buckets that they name. */
export async function replicationEvidence(
  collection: Collection,
  estate: Pick<Estate, 'locations'>,
  own: { readonly client: S3ReadClient; readonly access: BucketConfig; readonly open: OpenBucket },
  question: BucketQuestion,
  replication: readonly ReplicationRuleReading[] | 'none' | Blind,
): Promise<readonly AnyEvidence[]> {
  const { asker } = collection;
  const rulesAsked = { kind: 'store-replication', ...question, operation: 's3:GetBucketReplication' } as const;
  const bucketsAsked = { kind: 'store-replica', ...question, operation: 's3:GetBucketReplication' } as const;
  if (isBlind(replication)) {
    const answer = blindAnswer(collection, replication);
    return [asker.record(rulesAsked, answer), asker.record(bucketsAsked, answer)];
  }
  const rules = replication === 'none' ? [] : replication;
  // Of what a rule does not copy, or only in part, nobody asks where it would be.
  const copying = rules.filter(({ enabled, byTag }) => enabled && !byTag);
  const destinations = new Map(copying.map((rule) => [rule.destinationBucket, rule]));
  const replicas = [...destinations.values()].map((rule) =>
    asker.ask({
      ...bucketsAsked,
      operation: `s3:HeadBucket, s3:GetBucketVersioning, s3:GetBucketLifecycleConfiguration of ${bucketIn(rule.destinationBucket)}`,
      answer: () => replicaAnswer(collection, estate, own, rule),
    }),
  );
  return [
    asker.record(rulesAsked, {
      items: rules.map((rule) => ({
        ruleId: rule.id,
        enabled: rule.enabled,
        prefix: rule.prefix,
        destination: rule.destinationBucket,
        priority: rule.priority,
        byTag: rule.byTag,
        existingObjects: rule.existingObjects,
        deleteMarkers: rule.deleteMarkers,
      })),
    }),
    ...(replicas.length === 0 ? [asker.record(bucketsAsked, { items: [] })] : await Promise.all(replicas)),
  ];
}

/** The bucket that an ARN names: `arn:aws:s3:::copies`; of other services anything that ends in its name. */
export function bucketIn(arn: string): string {
  return arn.split(':').at(-1) ?? arn;
}

async function replicaAnswer(
  collection: Collection,
  estate: Pick<Estate, 'locations'>,
  own: { readonly client: S3ReadClient; readonly access: BucketConfig; readonly open: OpenBucket },
  rule: ReplicationRuleReading,
): Promise<Answer<'store-replica'>> {
  const bucket = bucketIn(rule.destinationBucket);
  const destination = await destinationOf(collection, estate, own, rule.destinationBucket);
  if (destination === null) return { items: [], blindSpot: notConfigured(bucket) };
  const { readReplica } = await import('./bucket-replicas.ts');
  const reading = await readReplica(destination.client, bucket, { signal: collection.signal });
  const { domain } = destination;
  const { versioning, lifecycle } = reading;
  const untold = [versioning, lifecycle].find(isBlind);
  return {
    items: [
      {
        destination: rule.destinationBucket,
        exists: reading.exists,
        versioning: isBlind(versioning) ? null : versioning,
        host: domain?.host ?? null,
        site: domain?.site ?? null,
        account: domain?.account ?? rule.destinationAccount,
        // What another service calls its region proves nothing.
        region: domain?.region ?? (destination.isAmazon ? reading.region : null),
        lifecycle: isBlind(lifecycle) ? null : [...lifecycle],
      },
    ],
    blindSpot:
      reading.exists && untold !== undefined ? collection.asker.blindSpotOf(untold.blind, `bucket ${bucket}`) : null,
  };
}

/**
 * An entry of its own in the configuration says how a destination is reached and where it stands. Without one only
 * Amazon's buckets can be asked, whose names are unique: of another service the ARN does not tell at which address it is.
 */
export async function destinationOf(
  { config }: Collection,
  { locations }: Pick<Estate, 'locations'>,
  own: { readonly client: S3ReadClient; readonly access: BucketConfig; readonly open: OpenBucket },
  arn: string,
): Promise<Destination | null> {
  const bucket = bucketIn(arn);
  const store = config.stores.s3.find((one) => one.bucket === bucket && one !== own.access);
  if (store !== undefined) {
    return { client: await own.open(store), isAmazon: isAmazonBucket(store), domain: store.failureDomain };
  }
  for (const { config: location, bucket: open } of locations) {
    if (location.kind !== 's3' || location.bucket !== bucket || open === null) continue;
    return { client: open.client, isAmazon: isAmazonBucket(location), domain: location.failureDomain };
  }
  const isPlain = /^arn:aws[a-z-]*:s3:::/.test(arn);
  if (!isPlain || bucket === own.access.bucket) return null;
  return { client: own.client, isAmazon: isAmazonBucket(own.access), domain: undefined };
}

function isAmazonBucket({ endpoint, region }: { readonly endpoint?: string | undefined; readonly region: string }) {
  return isAmazon({ endpoint: endpoint ?? null, region });
}

/** A destination that nobody told how to ask. */
export function notConfigured(bucket: string): BlindSpot {
  return {
    reason: 'not-asked',
    detail: `bucket ${bucket.slice(0, 100)}, to which objects are copied, is not configured, and its address is not told`,
    remedy: 'Add that bucket to stores.s3 in the configuration, with its endpoint and failureDomain.',
  };
}
