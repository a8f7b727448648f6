import type { LocationConfig } from '../config/schema.ts';
import { type AwsBackupSource, createAwsBackupSource } from './backups/physical/aws/aws-backup-source.ts';
import type { Collection, OpenLocation } from './estate.ts';
import { openS3Client } from './open-s3-client.ts';
import { localDirectoryTree } from './trees/local-directory.ts';

/** What opening takes of a collection. */
export type LocationAccess = Pick<Collection, 'config' | 'asker' | 'secret'> & Partial<Pick<Collection, 'signal'>>;

/** Opens every configured location. One that cannot be opened stays in the list with its reason. */
export function openLocations(collection: LocationAccess): Promise<readonly OpenLocation[]> {
  return Promise.all(collection.config.locations.map((config) => openLocation(collection, config)));
}

async function openLocation(collection: LocationAccess, config: LocationConfig): Promise<OpenLocation> {
  const subject = { kind: 'location', key: config.name, organizationId: null, name: config.name } as const;
  if (config.kind === 'directory') {
    const tree = localDirectoryTree({ root: config.path });
    return { config, subject, tree, blindSpot: null, bucket: null, clockOffsetMillis: () => null };
  }
  try {
    if (config.kind === 'aws') {
      const aws = await openAws(collection, config);
      return {
        config,
        subject,
        tree: null,
        blindSpot: null,
        bucket: null,
        aws,
        clockOffsetMillis: aws.clockOffsetMillis,
      };
    }
    const client = await openS3Client(collection, config, `location ${config.name}`);
    const { s3BucketTree } = await import('./trees/s3-bucket.ts');
    const tree = s3BucketTree({ client, bucket: config.bucket, prefix: config.prefix });
    const bucket = { client, name: config.bucket, prefix: config.prefix };
    return { config, subject, tree, blindSpot: null, bucket, clockOffsetMillis: () => client.lastClockOffsetMillis() };
  } catch (error) {
    const blindSpot = collection.asker.blindSpotOf(error, `location ${config.name}`);
    return { config, subject, tree: null, blindSpot, bucket: null, clockOffsetMillis: () => null };
  }
}

/** The AWS SDK of a service is loaded at the first question to it. @throws SourceError */
async function openAws(
  collection: LocationAccess,
  config: Extract<LocationConfig, { readonly kind: 'aws' }>,
): Promise<AwsBackupSource> {
  const secret = (reference: string) => collection.secret(`location ${config.name}`, reference);
  return createAwsBackupSource({
    region: config.region,
    accessKeyId: await secret(config.accessKeyId),
    secretAccessKey: await secret(config.secretAccessKey),
    timeoutMillis: collection.config.collect.requestTimeoutSeconds * 1000,
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
    ...(config.sessionToken === undefined ? {} : { sessionToken: await secret(config.sessionToken) }),
    ...(collection.signal === undefined ? {} : { signal: collection.signal }),
  });
}
