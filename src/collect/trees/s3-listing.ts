import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { listingOrder } from './listing-order.ts';
import { asking, malformed } from './s3-asking.ts';
import type { S3ReadClient } from './s3-client.ts';

const PAGE = 1000;
/**
 * Some services look at a thousand names for a page and leave out those of deleted objects, so that a page may be empty
 * where the listing goes on. A million of them in a row is more than is ever seen; more such pages are taken for a service
 * that makes up new tokens for ever.
 */
const MOST_EMPTY_PAGES = 1000;
/** What is read of an object in a listing. */
export interface ListedObject {
  readonly Key: string;
  readonly Size: number;
  readonly LastModified: Date;
  readonly ETag?: string | undefined;
  readonly StorageClass?: string | undefined;
}
/**
 * The objects of one page of a listing; a service that leaves any of it out gives no usable answer. Checked where they
 * are: copying each of a million objects took as long as all else that is done with them.
 */
const pageSchema = z.array(z.custom<ListedObject>(isListed));
export interface S3BucketOptions {
  readonly client: S3ReadClient;
  readonly bucket: string;
  /** What the keys begin with, usually ending in `/`; empty for the whole bucket. Paths are what follows it. */
  readonly prefix: string;
}

/**
 * What is made of the objects under a prefix of a bucket, a page at a time.
 *
 * @param under what their keys go on with after the prefix
 * @param where the bucket, safe to print
 * @param describe what is made of an object whose key continues the prefix with `path`
 * @throws SourceError
 */
export async function* objectPages<T>(
  { client, bucket, prefix }: S3BucketOptions,
  under: string,
  where: string,
  signal: AbortSignal,
  describe: (object: ListedObject, path: string) => T,
): AsyncGenerator<readonly T[], void, undefined> {
  let token: string | undefined;
  const place = { bucket, prefix: prefix + under };
  const order = listingOrder(bucket);
  let emptyPages = 0;
  let page = await listPage(client, { ...place, token }, where, signal);
  for (;;) {
    const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    const goesOn = page.IsTruncated === true && next !== undefined && next !== token;
    // The service makes the next page while this one is looked at.
    const following = goesOn ? listPage(client, { ...place, token: next }, where, signal) : null;
    // It is seen when its turn comes; until then it is not unhandled.
    following?.catch(() => undefined);
    const objects = pageSchema.safeParse(page.Contents ?? []);
    if (!objects.success) throw malformed(`${where} lists an object without name, size or time`);
    const lastKey = objects.data.at(-1)?.Key;
    emptyPages = lastKey === undefined ? emptyPages + 1 : 0;
    if (emptyPages > MOST_EMPTY_PAGES) {
      throw malformed(
        `${where} gave ${MOST_EMPTY_PAGES} pages without an object in a row and says that more follow: its listing does not go on`,
      );
    }
    if (lastKey !== undefined && !order.goesOn(decodeKey(lastKey))) {
      throw malformed(
        `${where} lists keys again, or such as come before those that it listed: its listing does not go on`,
      );
    }
    const files: T[] = [];
    for (const object of objects.data) {
      const path = pathBelow(object.Key, prefix, where);
      if (path !== null) files.push(describe(object, path));
    }
    yield files;
    if (page.IsTruncated === true && !goesOn) {
      throw malformed(`${where} says that its listing goes on, but not where`);
    }
    if (following === null) return;
    token = next;
    page = await following;
  }
}

function listPage(
  client: S3ReadClient,
  { bucket, prefix, token }: { bucket: string; prefix: string; token: string | undefined },
  where: string,
  signal: AbortSignal,
) {
  return asking('ListObjectsV2', where, signal, () =>
    client.send(
      // Keys may hold characters that XML cannot.
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        MaxKeys: PAGE,
        EncodingType: 'url',
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
      { abortSignal: signal },
    ),
  );
}

function isListed(object: unknown): boolean {
  if (typeof object !== 'object' || object === null) return false;
  const { Key, Size, LastModified, ETag, StorageClass }: { readonly [K in keyof ListedObject]?: unknown } = object;
  return (
    typeof Key === 'string' &&
    typeof Size === 'number' &&
    Number.isSafeInteger(Size) &&
    Size >= 0 &&
    LastModified instanceof Date &&
    !Number.isNaN(LastModified.getTime()) &&
    (ETag === undefined || typeof ETag === 'string') &&
    (StorageClass === undefined || typeof StorageClass === 'string')
  );
}

/** What follows the prefix; null for the mark of a directory. */
function pathBelow(listed: string, prefix: string, where: string): string | null {
  const key = decodeKey(listed);
  if (!key.startsWith(prefix)) throw malformed(`${where} lists an object that was not asked for`);
  const path = key.slice(prefix.length);
  return path === '' || path.endsWith('/') ? null : path;
}

/** Keys come encoded as in a form: `+` for a space (Amazon S3 API Reference, ListObjectsV2, `EncodingType`). */
function decodeKey(key: string): string {
  if (!/[%+]/.test(key)) return key;
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}
