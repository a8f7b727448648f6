import type { Config } from '../../config/schema.ts';
import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { mayBeSameService } from '../../model/s3-service.ts';
import type { Collection } from '../estate.ts';
import { openS3Client } from '../open-s3-client.ts';
import type { S3ReadClient } from '../trees/s3-client.ts';

type Binding = Facts['storage-binding'];
type BucketAccess = Config['stores']['s3'][number];

/** The configured entry for the bucket of a binding: the first whose bucket and service agree. */
export function accessFor({ config }: Pick<Collection, 'config'>, binding: Binding): BucketAccess | undefined {
  return config.stores.s3.find(
    (one) =>
      one.bucket === binding.bucket &&
      mayBeSameService(binding, { endpoint: one.endpoint ?? null, region: one.region }),
  );
}

export const NO_ACCESS: BlindSpot = {
  reason: 'not-asked',
  detail: 'no credentials for its bucket are configured',
  remedy: 'Add the bucket to stores.s3 in the configuration.',
};

const clients = new WeakMap<BucketAccess, Promise<S3ReadClient>>();

/** One client for each configured entry: organizations share buckets. */
export function clientFor(collection: Collection, access: BucketAccess): Promise<S3ReadClient> {
  const known = clients.get(access);
  if (known !== undefined) return known;
  const opened = openS3Client(collection, access, `stores.s3 ${access.bucket}`);
  clients.set(access, opened);
  return opened;
}
