import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { z } from 'zod';
import { toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { throwIfInterrupted } from '../guard/interruption.ts';
import type { ArtifactFile, ArtifactTree, ByteReader } from './artifact-tree.ts';
import { itemsOf } from './items-of-pages.ts';
import { listingOrder } from './listing-order.ts';
import type { S3ReadClient } from './s3-client.ts';
import { s3Error } from './s3-error.ts';
import type { S3Operation } from './s3-operations.ts';
import { StoredChecksumMismatch } from './stored-checksum-mismatch.ts';

const PAGE = 1000;
/**
 * Some services look at a thousand names for a page and leave out those of deleted objects, so that a page may be empty
 * where the listing goes on. A million of them in a row is more than is ever seen; more such pages are taken for a service
 * that makes up new tokens for ever.
 */
const MOST_EMPTY_PAGES = 1000;
/** What is read of an object in a listing. */
interface Listed {
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
const pageSchema = z.array(z.custom<Listed>(isListed));
/**
 * Classes whose objects GetObject refuses until they are restored (Amazon S3 User Guide, Working with archived objects).
 * The archive tiers of INTELLIGENT_TIERING are not told in a listing.
 */
const ARCHIVES: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);
const headSchema = z.object({
  ContentLength: z.number().int().nonnegative(),
  ETag: z.string().optional(),
  ServerSideEncryption: z.string().optional(),
  SSEKMSKeyId: z.string().optional(),
  ChecksumCRC32: z.string().optional(),
  ChecksumCRC32C: z.string().optional(),
  ChecksumCRC64NVME: z.string().optional(),
  ChecksumSHA1: z.string().optional(),
  ChecksumSHA256: z.string().optional(),
  ChecksumType: z.string().optional(),
});
const refusalSchema = z.object({ $metadata: z.object({ httpStatusCode: z.union([z.literal(400), z.literal(403)]) }) });
const bodySchema = z.custom<AsyncIterable<Uint8Array>>(
  (body) => typeof body === 'object' && body !== null && Symbol.asyncIterator in body,
);

export interface S3BucketOptions {
  readonly client: S3ReadClient;
  readonly bucket: string;
  /** What the keys begin with, usually ending in `/`; empty for the whole bucket. Paths are what follows it. */
  readonly prefix: string;
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
      itemsOf(pages({ client, bucket, prefix }, under === undefined ? '' : `${under}/`, where, signal, describe)),
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
  return pages({ client, bucket, prefix }, '', where, signal, ({ Size: bytes }, path) => ({ path, bytes }));
}

/** @param describe what is made of an object whose key continues the prefix with `path` */
async function* pages<T>(
  { client, bucket, prefix }: S3BucketOptions,
  under: string,
  where: string,
  signal: AbortSignal,
  describe: (object: Listed, path: string) => T,
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
  const { Key, Size, LastModified, ETag, StorageClass }: { readonly [K in keyof Listed]?: unknown } = object;
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

function describe(
  { Size: bytes, LastModified, ETag: etag, StorageClass: storageClass }: Listed,
  path: string,
): ArtifactFile {
  const modifiedAt = toInstant(LastModified.getTime());
  const file = etag === undefined ? { path, bytes, modifiedAt } : { path, bytes, modifiedAt, version: `etag ${etag}` };
  return storageClass === undefined || !ARCHIVES.has(storageClass) ? file : { ...file, archivedIn: storageClass };
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

async function openObject(
  client: S3ReadClient,
  place: { readonly Bucket: string; readonly Key: string },
  where: string,
  signal: AbortSignal,
): Promise<ByteReader> {
  const head = headSchema.safeParse(await askHead(client, place, where, signal));
  if (!head.success) throw malformed(`${where} states no size`);
  const { ContentLength: bytes, ETag: etag, ServerSideEncryption: algorithm, SSEKMSKeyId: key } = head.data;
  // Every part must be of the same object: a newer one may take its place in between.
  const same = etag === undefined ? place : { ...place, IfMatch: etag };
  const sha256AtStore = wholeSha256(head.data);
  let isCompared = isComparable(head.data);

  async function* stream(from: number, to: number): AsyncGenerator<Uint8Array, void, undefined> {
    if (from >= to) return;
    const isWhole = isCompared && from === 0 && to === bytes;
    const range = isWhole ? ({ ChecksumMode: 'ENABLED' } as const) : { Range: `bytes=${from}-${to - 1}` };
    const answer = await asking('GetObject', where, signal, () =>
      client.send(new GetObjectCommand({ ...same, ...range }), { abortSignal: signal }),
    );
    const body = bodySchema.safeParse(answer.Body);
    if (!body.success || answer.ContentLength !== to - from)
      throw malformed(`${where} gave other bytes than asked for`);
    const chunks = body.data[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await asking('GetObject', where, signal, () => chunks.next());
        if (next.done === true) return;
        yield next.value;
      }
    } catch (error) {
      if (error instanceof StoredChecksumMismatch) isCompared = false;
      throw error;
    } finally {
      await chunks.return?.();
    }
  }

  return {
    bytes,
    ...(algorithm === undefined
      ? {}
      : { encryption: { algorithm: algorithm.slice(0, 40), key: key?.slice(0, 300) ?? null } }),
    ...(sha256AtStore === null ? {} : { sha256AtStore }),
    read: async (offset, length) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of stream(offset, Math.min(bytes, offset + length))) pieces.push(piece);
      return Buffer.concat(pieces);
    },
    stream: (offset = 0) => stream(offset, bytes),
    close: async () => undefined,
  };
}

/**
 * Asks for the checksum, too. Of an object that a key of KMS encrypts that needs the right to decrypt with it, or a key that
 * is in use, which size and encryption do not: then it is left out (Amazon S3 API Reference, HeadObject, `ChecksumMode`).
 */
async function askHead(
  client: S3ReadClient,
  place: { readonly Bucket: string; readonly Key: string },
  where: string,
  signal: AbortSignal,
): Promise<HeadObjectCommandOutput> {
  const options = { abortSignal: signal };
  return asking('HeadObject', where, signal, async () => {
    try {
      return await client.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }), options);
    } catch (error) {
      if (signal.aborted || !isRefused(error)) throw error;
      return await client.send(new HeadObjectCommand(place), options);
    }
  });
}

/** By status alone, as an answer to HEAD has no body. */
function isRefused(error: unknown): boolean {
  return refusalSchema.safeParse(error).success;
}

/**
 * Whether the store keeps a checksum that the bytes can be compared with. The SDK refuses an answer with one that it cannot
 * compute, and one of an object in parts may be over the checksums of its parts.
 */
function isComparable(head: z.infer<typeof headSchema>): boolean {
  const { ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256, ChecksumType } = head;
  const known = [ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256];
  return ChecksumType !== 'COMPOSITE' && known.some((sum) => sum !== undefined);
}

/** In lower-case hex; null where the store keeps none, or one over the checksums of the object's parts. */
function wholeSha256({ ChecksumSHA256: sum, ChecksumType: type }: z.infer<typeof headSchema>): string | null {
  if (sum === undefined || (type !== undefined && type !== 'FULL_OBJECT')) return null;
  return /^[A-Za-z0-9+/]{43}=$/.test(sum) ? Buffer.from(sum, 'base64').toString('hex') : null;
}

async function asking<T>(
  operation: S3Operation,
  where: string,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  throwIfInterrupted(signal, where);
  try {
    return await ask();
  } catch (error) {
    throwIfInterrupted(signal, where);
    throw s3Error(error, where, operation);
  }
}

function malformed(message: string): SourceError {
  return new SourceError('malformed', message, 'Check that the address is that of an S3 service.');
}
