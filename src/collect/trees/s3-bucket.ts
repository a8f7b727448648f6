import { toInstant } from '../../model/instant.ts';
import type { ArtifactFile, ArtifactTree } from './artifact-tree.ts';
import { itemsOf } from './items-of-pages.ts';
import { type ListedObject, objectPages, type S3BucketOptions } from './s3-listing.ts';
import { openObject } from './s3-object.ts';

/**
 * Classes whose objects GetObject refuses until they are restored (Amazon S3 User Guide, Working with archived objects).
 * The archive tiers of INTELLIGENT_TIERING are not told in a listing.
 */
const ARCHIVES: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** Whether objects of a storage class must be brought back before they can be read. */
export function isArchiveClass(storageClass: string | undefined): boolean {
  return storageClass !== undefined && ARCHIVES.has(storageClass);
}

/**
 * A bucket, or what lies under a prefix of it: current versions only. Keys that end in `/` are the marks that consoles
 * leave for directories and are not listed. Closing the tree leaves the client open.
 */
export function s3BucketTree({ client, bucket, prefix }: S3BucketOptions): ArtifactTree {
  const where = `bucket ${bucket} at ${client.locator}`;
  return {
    locator: `s3://${bucket}/${prefix}`,
    list: (signal, _, under) =>
      itemsOf(objectPages({ client, bucket, prefix }, under === undefined ? '' : `${under}/`, where, signal, describe)),
    open: (path, signal) => openObject(client, { Bucket: bucket, Key: prefix + path }, `${path} in ${where}`, signal),
    close: async () => undefined,
  };
}

/**
 * The paths and sizes of what {@link s3BucketTree} lists, a page at a time: of millions of objects nothing else is made.
 * @throws SourceError as listing the tree does
 */
export function s3BucketSizes(
  { client, bucket, prefix }: S3BucketOptions,
  signal: AbortSignal,
): AsyncIterable<readonly Pick<ArtifactFile, 'path' | 'bytes'>[]> {
  const where = `bucket ${bucket} at ${client.locator}`;
  return objectPages({ client, bucket, prefix }, '', where, signal, ({ Size: bytes }, path) => ({ path, bytes }));
}

function describe(
  { Size: bytes, LastModified, ETag: etag, StorageClass: storageClass }: ListedObject,
  path: string,
): ArtifactFile {
  const modifiedAt = toInstant(LastModified.getTime());
  const file = etag === undefined ? { path, bytes, modifiedAt } : { path, bytes, modifiedAt, version: `etag ${etag}` };
  return storageClass === undefined || !ARCHIVES.has(storageClass) ? file : { ...file, archivedIn: storageClass };
}
