import type { SourceError } from '../../model/source-error.ts';
import { isAwsError } from '../guard/aws-error.ts';
import type { S3ReadClient } from '../trees/s3-client.ts';
import { s3Error } from '../trees/s3-error.ts';
import type { S3Operation } from '../trees/s3-operations.ts';

/** A property of a bucket that could not be learnt, while others could. */
export interface Blind {
  readonly blind: SourceError;
}

export function isBlind(value: unknown): value is Blind {
  return typeof value === 'object' && value !== null && 'blind' in value;
}

export interface S3StoreOptions {
  /** For one question, with its retries; 30 s unless stated. */
  readonly timeoutMillis?: number;
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MILLIS = 30_000;

/** How one bucket is asked: each question with its time limit, and each failure as what it means. */
export interface BucketAsker {
  readonly place: { readonly Bucket: string };
  /** Options of one request. */
  sending(): { readonly abortSignal: AbortSignal };
  failure(operation: S3Operation, error: unknown): SourceError;
  orBlind<T>(operation: S3Operation, answer: Promise<T>): Promise<T | Blind>;
}

export function bucketAsker(client: S3ReadClient, bucket: string, options: S3StoreOptions): BucketAsker {
  const where = `bucket ${bucket} at ${client.locator}`;
  const failure = (operation: S3Operation, error: unknown) => s3Error(error, `${where}, ${operation},`, operation);
  return {
    place: { Bucket: bucket },
    sending() {
      const limit = AbortSignal.timeout(options.timeoutMillis ?? DEFAULT_TIMEOUT_MILLIS);
      return { abortSignal: options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]) };
    },
    failure,
    orBlind: async (operation, answer) =>
      await answer.catch((error: unknown) => ({ blind: failure(operation, error) })),
  };
}

/** The service's "there is none" as null; it says so by an error of that name. */
export async function orAbsent<T>(answer: Promise<T>, name: string): Promise<T | null> {
  return await answer.catch((error: unknown) => {
    if (isAwsError(error, name)) return null;
    throw error;
  });
}
