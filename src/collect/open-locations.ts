import type { LocationConfig } from '../config/schema.ts';
import type { Collection, OpenLocation } from './estate.ts';
import { localDirectoryTree } from './trees/local-directory.ts';

/** What opening takes of a collection. */
export type LocationAccess = Pick<Collection, 'config' | 'asker' | 'secret'>;

/** Opens every configured location. One that cannot be opened stays in the list with its reason. */
export function openLocations(collection: LocationAccess): Promise<readonly OpenLocation[]> {
  return Promise.all(collection.config.locations.map((config) => openLocation(collection, config)));
}

async function openLocation(collection: LocationAccess, config: LocationConfig): Promise<OpenLocation> {
  const subject = { kind: 'location', key: config.name, organizationId: null, name: config.name } as const;
  if (config.kind === 'directory') {
    const tree = localDirectoryTree({ root: config.path });
    return { config, subject, tree, blindSpot: null, clockOffsetMillis: () => null };
  }
  try {
    const [{ createS3Client }, { s3BucketTree }] = await Promise.all([
      import('./trees/s3-client.ts'),
      import('./trees/s3-bucket.ts'),
    ]);
    const client = await createS3Client({
      region: config.region,
      forcePathStyle: config.forcePathStyle,
      accessKeyId: await collection.secret(`location ${config.name}`, config.accessKeyId),
      secretAccessKey: await collection.secret(`location ${config.name}`, config.secretAccessKey),
      timeoutMillis: collection.config.collect.requestTimeoutSeconds * 1000,
      ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
      ...(config.caFile === undefined ? {} : { caFile: config.caFile }),
      ...(config.sessionToken === undefined
        ? {}
        : { sessionToken: await collection.secret(`location ${config.name}`, config.sessionToken) }),
    });
    const tree = s3BucketTree({ client, bucket: config.bucket, prefix: config.prefix });
    return { config, subject, tree, blindSpot: null, clockOffsetMillis: () => client.lastClockOffsetMillis() };
  } catch (error) {
    const blindSpot = collection.asker.blindSpotOf(error, `location ${config.name}`);
    return { config, subject, tree: null, blindSpot, clockOffsetMillis: () => null };
  }
}
