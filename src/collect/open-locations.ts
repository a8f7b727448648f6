import type { LocationConfig } from '../config/schema.ts';
import type { Collection, OpenLocation } from './estate.ts';
import { openS3Client } from './open-s3-client.ts';
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
    return { config, subject, tree, blindSpot: null, bucket: null, clockOffsetMillis: () => null };
  }
  try {
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
