import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { isAwsError } from '../guard/aws-error.ts';
import { isArchiveClass } from '../trees/s3-bucket.ts';
import type { S3ReadClient } from '../trees/s3-client.ts';
import { s3Error } from '../trees/s3-error.ts';
import {
  type FileLock,
  type FileProbe,
  type FoundFile,
  LARGEST_SUMMED,
  type Looked,
  stepsBelow,
} from './file-probe.ts';
import { locksByBucket, toldOfLocks } from './object-locks.ts';

const bodySchema = z.custom<AsyncIterable<Uint8Array>>(
  (body) => typeof body === 'object' && body !== null && Symbol.asyncIterator in body,
);

export interface S3FileProbeOptions {
  readonly bucket: string;
  /** What the keys of the organization's objects begin with; empty for the whole bucket. */
  readonly prefix: string;
  /** Also ask for the checksums that the service keeps. */
  readonly checksums: boolean;
  /** Also find out whether a file without a lock has none, or the service only does not tell. */
  readonly locks?: boolean;
  /** For one question, with its retries. */
  readonly timeoutMillis: number;
  readonly signal: AbortSignal;
}

/**
 * Objects of one organization in a bucket. No key outside of its prefix is asked for: rows name keys from the prefix on,
 * or in full. Keys are told to nobody: errors name the bucket alone.
 */
export function s3FileProbe(client: S3ReadClient, options: S3FileProbeOptions): FileProbe {
  const { bucket, signal } = options;
  const prefix = options.prefix === '' || options.prefix.endsWith('/') ? options.prefix : `${options.prefix}/`;
  const where = `an object of bucket ${bucket} at ${client.locator}`;
  const sending = () => ({ abortSignal: AbortSignal.any([AbortSignal.timeout(options.timeoutMillis), signal]) });
  const keysOf = (key: string) => (prefix !== '' && key.startsWith(prefix) ? [prefix + key, key] : [prefix + key]);
  const etags = new Map<string, string | undefined>();
  const head = async (key: string): Promise<Looked> => {
    try {
      const answer = await client.send(
        new HeadObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(options.checksums ? { ChecksumMode: 'ENABLED' as const } : {}),
        }),
        sending(),
      );
      etags.set(key, answer.ETag);
      return described(answer, where);
    } catch (error) {
      signal.throwIfAborted();
      if (isMissing(error)) return { is: 'missing' };
      throw s3Error(error, where, 'HeadObject');
    }
  };
  const found = new Map<string, string>();
  /** In hexadecimal, of the object that was looked at: another may take its place in between. */
  const sumOf = async (key: string): Promise<string> => {
    const IfMatch = etags.get(key);
    const place = { Bucket: bucket, Key: key, ...(IfMatch === undefined ? {} : { IfMatch }) };
    const answer = await client.send(new GetObjectCommand(place), { abortSignal: signal });
    const hash = createHash('sha256');
    for await (const chunk of bodySchema.parse(answer.Body)) hash.update(chunk);
    return hash.digest('hex');
  };
  let tellsLocks: Promise<boolean> | null = null;
  return {
    locator: `s3://${bucket}/${prefix}`,
    source: `bucket ${bucket}`,
    async look(key) {
      signal.throwIfAborted();
      if (stepsBelow(key) === null) return { is: 'refused' };
      for (const full of keysOf(key)) {
        const looked = await head(full);
        if (looked.is === 'missing') continue;
        found.set(key, full);
        if (looked.is !== 'found' || looked.locked || options.locks !== true || locksByBucket(client)) return looked;
        tellsLocks ??= toldOfLocks(client, { Bucket: bucket, Key: full }, where, sending);
        return (await tellsLocks) ? { ...looked, unlocked: true } : looked;
      }
      return { is: 'missing' };
    },
    async checksum(key, file) {
      if (file.sha256 !== null) return file.sha256;
      if (file.bytes === null || file.bytes > LARGEST_SUMMED || file.archived === true) return null;
      try {
        const full = found.get(key) ?? prefix + key;
        return await sumOf(full).catch(async (error: unknown) => {
          if (!isAwsError(error, 'PreconditionFailed')) throw error;
          // What took its place is what the row names now; one that is replaced again and again is not told.
          await head(full);
          return await sumOf(full);
        });
      } catch (error) {
        signal.throwIfAborted();
        throw s3Error(error, where, 'GetObject');
      }
    },
  };
}

/** A HEAD answer has no body: that the object is not there is told by its status alone, which the SDK names so. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey');
}

function described(answer: HeadObjectCommandOutput, where: string): FoundFile {
  const { ContentLength: bytes, ReplicationStatus: replication, SSEKMSKeyId: key } = answer;
  if (bytes === undefined) {
    throw new SourceError('malformed', `${where} states no size`, 'Check that the address is that of an S3 service.');
  }
  const lock = lockOf(answer);
  // Of an object in parts the checksum may be one over the checksums of its parts.
  const isWhole =
    answer.ChecksumType === undefined
      ? !/-\d+$/.test(answer.ChecksumSHA256 ?? '')
      : answer.ChecksumType === 'FULL_OBJECT';
  return {
    is: 'found',
    bytes,
    ...(answer.LastModified === undefined ? {} : { modifiedAt: toInstant(answer.LastModified.getTime()) }),
    sha256:
      answer.ChecksumSHA256 !== undefined && isWhole
        ? Buffer.from(answer.ChecksumSHA256, 'base64').toString('hex')
        : null,
    copied: copiedBy(replication),
    locked: lock !== null,
    ...(lock === null ? {} : { lock }),
    ...(isArchived(answer) ? { archived: true } : {}),
    ...(key === undefined ? {} : { key }),
  };
}

/** What keeps the object from being deleted now, as HeadObject tells it to one who may know; else null. */
function lockOf(answer: HeadObjectCommandOutput): FileLock | null {
  const legalHold = answer.ObjectLockLegalHoldStatus === 'ON';
  const end = answer.ObjectLockRetainUntilDate?.getTime() ?? 0;
  const isRetained = end > Date.now();
  if (!legalHold && !isRetained) return null;
  const mode = answer.ObjectLockMode;
  return {
    until: isRetained ? toInstant(end) : null,
    mode: isRetained && (mode === 'GOVERNANCE' || mode === 'COMPLIANCE') ? mode : null,
    legalHold,
  };
}

/**
 * Whether it must be brought back before it can be read. A copy that was brought back is there for some days: the header
 * then says that no request is going on. Of INTELLIGENT_TIERING the archive tier is told, until the object is back. Source:
 * Amazon S3 API Reference, HeadObject (x-amz-archive-status, x-amz-restore, x-amz-storage-class).
 */
function isArchived({ StorageClass, ArchiveStatus, Restore }: HeadObjectCommandOutput): boolean {
  if (ArchiveStatus !== undefined) return true;
  return isArchiveClass(StorageClass) && !/ongoing-request="false"/.test(Restore ?? '');
}

/** Source: Amazon S3 User Guide, "Getting replication status information". An object without a status was not copied. */
function copiedBy(status: string | undefined): boolean | null {
  if (status === 'COMPLETED' || status === 'COMPLETE') return true;
  return status === 'PENDING' || status === 'REPLICA' ? null : false;
}
