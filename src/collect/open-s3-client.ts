import type { Config } from '../config/schema.ts';
import type { Collection } from './estate.ts';
import type { S3ReadClient } from './trees/s3-client.ts';

/** How an entry of the configuration reaches S3: a location's or a store's. */
export type S3Access = Omit<
  Config['stores']['s3'][number],
  'bucket' | 'encryptedBy' | 'failureDomain' | 'copies' | 'mirrors'
>;

/** Opens a read-only client; the AWS SDK is loaded only where a bucket is configured. @throws SourceError */
export async function openS3Client(
  collection: Pick<Collection, 'config' | 'secret'>,
  access: S3Access,
  setting: string,
): Promise<S3ReadClient> {
  const { createS3Client } = await import('./trees/s3-client.ts');
  const secret = (reference: string) => collection.secret(setting, reference);
  return createS3Client({
    region: access.region,
    forcePathStyle: access.forcePathStyle,
    accessKeyId: await secret(access.accessKeyId),
    secretAccessKey: await secret(access.secretAccessKey),
    timeoutMillis: collection.config.collect.requestTimeoutSeconds * 1000,
    ...(access.endpoint === undefined ? {} : { endpoint: access.endpoint }),
    requesterPays: access.requesterPays,
    ...(access.caFile === undefined ? {} : { caFile: access.caFile }),
    ...(access.sessionToken === undefined ? {} : { sessionToken: await secret(access.sessionToken) }),
  });
}
