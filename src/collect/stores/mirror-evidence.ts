import type { Config } from '../../config/schema.ts';
import type { AnyEvidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { isAmazon } from '../../model/s3-service.ts';
import type { Collection } from '../estate.ts';
import type { BucketQuestion } from './bucket-protection.ts';
import { isBlind } from './bucket-questions.ts';
import { notConfigured, type OpenBucket } from './replica-evidence.ts';

type BucketConfig = Config['stores']['s3'][number];

/**
 * The buckets that are stated to mirror a store: whether each is there, keeps versions, and where it stands. One that cannot
 * be asked is told with the reason, and is no blind spot of the buckets that the store's own rules name.
 */
export async function mirrorEvidence(
  collection: Collection,
  access: BucketConfig,
  open: OpenBucket,
  question: BucketQuestion,
): Promise<readonly AnyEvidence[]> {
  const { asker } = collection;
  const records: AnyEvidence[] = [];
  for (const bucket of access.mirrors) {
    const operation = `s3:HeadBucket, s3:GetBucketVersioning, s3:GetBucketLifecycleConfiguration of ${bucket}`;
    const item = await mirrorOf(collection, access, open, bucket);
    records.push(asker.record({ kind: 'store-replica', ...question, operation }, { items: [item] }));
  }
  return records;
}

async function mirrorOf(
  { config, asker, signal }: Collection,
  access: BucketConfig,
  open: OpenBucket,
  bucket: string,
): Promise<Facts['store-replica']> {
  const store = config.stores.s3.find((one) => one.bucket === bucket && one !== access);
  const { host = null, site = null, account = null, region = null } = store?.failureDomain ?? {};
  const place = { destination: bucket, mirror: true, host, site, account } as const;
  const unseen = { ...place, region, exists: true, versioning: null, lifecycle: null };
  if (store === undefined) return { ...unseen, untold: notConfigured(bucket).detail };
  try {
    const { readReplica } = await import('./bucket-replicas.ts');
    const { exists, versioning, lifecycle, region: told } = await readReplica(await open(store), bucket, { signal });
    const isAmazonBucket = isAmazon({ endpoint: store.endpoint ?? null, region: store.region });
    return {
      ...place,
      exists,
      // What another service calls its region proves nothing.
      region: region ?? (isAmazonBucket ? told : null),
      versioning: isBlind(versioning) ? null : versioning,
      lifecycle: isBlind(lifecycle) ? null : [...lifecycle],
    };
  } catch (error) {
    signal.throwIfAborted();
    return { ...unseen, untold: asker.blindSpotOf(error, `bucket ${bucket}`).detail };
  }
}
