import { z } from 'zod';
import { SourceError } from '../../model/source-error.ts';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';
import { networkError } from '../guard/network-error.ts';
import { S3_READ_OPERATIONS, type S3Operation } from './s3-operations.ts';
import { StoredChecksumMismatch } from './stored-checksum-mismatch.ts';

/** The service answered that it has no bucket of that name. */
export class MissingBucketError extends SourceError {
  constructor(where: string) {
    super(
      'unreachable',
      `${where} does not exist`,
      'Check the name of the bucket and its region, and whether somebody deleted it.',
    );
  }
}

const metadata = z.object({ $metadata: z.object({ httpStatusCode: z.number().optional() }) });
/** The service knows the caller and says no; to HEAD by status 403 alone, as that answer has no body. */
const DENIED = new Set(['AccessDenied', 'AllAccessDisabled']);
/** The service does not accept the access key. */
const REFUSED = new Set(['ExpiredToken', 'InvalidAccessKeyId', 'InvalidToken', 'SignatureDoesNotMatch']);
const WRONG_CLOCK = 'RequestTimeTooSkewed';
const ELSEWHERE = new Set(['PermanentRedirect', 'AuthorizationHeaderMalformed']);
const BUSY = new Set(['SlowDown', 'ServiceUnavailable', 'InternalError']);

/**
 * What an error of the AWS SDK means. Error codes: Amazon S3 API Reference, "Error responses". Nothing of the error's
 * text is kept: a service may repeat the request in it.
 *
 * @param where bucket and address, safe to print, e.g. `bucket backups at https://s3.example`
 * @param operation what was asked: where that is denied, the remedy names the action to allow
 * @throws ForbiddenRequestError when that is what it was given: a defect, not an answer
 */
export function s3Error(error: unknown, where: string, operation: S3Operation): SourceError {
  if (error instanceof SourceError) return error;
  if (error instanceof ForbiddenRequestError) throw error;
  if (isChecksumMismatch(error)) return new StoredChecksumMismatch(where);
  const name = error instanceof Error ? error.name : '';
  const status = statusOf(error);
  if (name === WRONG_CLOCK) {
    return new SourceError(
      'unauthorized',
      `${where} refused the request because the clocks differ`,
      'Set the clock of this host or of the service right: they may differ by 15 minutes.',
    );
  }
  if (ELSEWHERE.has(name) || status === 301) {
    const region = regionToldBy(error);
    const told = region === null ? '' : `: in ${region}`;
    const remedy = `Set the region of this bucket in the configuration to ${region ?? 'its own'}.`;
    return new SourceError('unreachable', `${where} lies in another region than configured${told}`, remedy);
  }
  const known = answered(name, status, where, operation);
  if (known !== null) return known;
  if (REFUSED.has(name) || status === 401) {
    return new SourceError(
      'unauthorized',
      `${where} refused the request${labelled(name)}`,
      'Check access key, secret and session token: whether they belong to this service, and whether they expired.',
    );
  }
  if (DENIED.has(name) || status === 403) {
    const { action, on } = S3_READ_OPERATIONS[operation];
    const payer =
      on === 'objects' || on === 'listing'
        ? ' Where the requester pays, state requesterPays: true for the bucket.'
        : '';
    // An answer to HEAD has no body with a code in it.
    const isTold = DENIED.has(name) || !operation.startsWith('Head');
    const key = isTold ? '' : ' The refusal of a HEAD request tells no reason: it may be the access key that is wrong.';
    return new SourceError(
      'unauthorized',
      `${where} refused the request${labelled(name)}`,
      `Allow ${action} on ${on === 'objects' ? 'the objects of the bucket' : 'the bucket'} to the user of the access key, as \`recoverage permissions\` prints it.${payer}${key}`,
    );
  }
  const unreached = networkError(error, where);
  if (unreached !== null) return unreached;
  return new SourceError(
    'malformed',
    `${where} gave an answer that cannot be understood${labelled(name)}`,
    'Check that the address is that of an S3 service and nothing in between changes its answers.',
  );
}

/** The SDK has no class for it: a bare Error at the end of the bytes, with these words. */
function isChecksumMismatch(error: unknown): boolean {
  return error instanceof Error && error.name === 'Error' && error.message.startsWith('Checksum mismatch: ');
}

/**
 * What to do where a service lacks an operation: what somebody may attest, or the audit can see otherwise. Not of those whose
 * lack is an answer, or which only add to what another one tells.
 */
const INSTEAD: Partial<Record<S3Operation, string>> = {
  GetBucketVersioning: 'Keep dated copies of what lies there in a location that the audit reads.',
  GetObjectLockConfiguration:
    'Where what lies there is write-once or offline, let its owner attest offline-copy-kept for this store or location.',
  GetBucketEncryption:
    'Where its disks are encrypted, let their owner attest encryption-at-rest for this store or location.',
  GetBucketReplication: 'Keep dated copies of the files in a location of purpose files, which the audit can see.',
  GetBucketLifecycleConfiguration:
    'Ask whoever runs the service whether it deletes objects by their age: no attestation stands for that answer.',
  GetBucketPolicy: 'Ask whoever runs the service who may read the bucket: no attestation stands for that answer.',
  GetBucketAcl: 'Ask whoever runs the service who may read the bucket: no attestation stands for that answer.',
};

function answered(name: string, status: number | null, where: string, operation: S3Operation): SourceError | null {
  if (name === 'NotFound' && operation === 'HeadBucket') return new MissingBucketError(where);
  if (name === 'NoSuchKey' || name === 'NotFound') {
    return new SourceError('unreachable', `${where} is not there`, 'Check the names of bucket and object.');
  }
  if (name === 'NoSuchBucket') {
    return new MissingBucketError(where);
  }
  if (name === 'InvalidObjectState') {
    const remedy = 'Bring the object back from its archive storage class, or leave it out.';
    return new SourceError('unsupported', `${where} lies in an archive storage class and cannot be read`, remedy);
  }
  if (name === 'PreconditionFailed' || status === 412) {
    const remedy = 'Run the audit again when no backup is being written.';
    return new SourceError('malformed', `${where} was replaced while it was read`, remedy);
  }
  if (name === 'NotImplemented' || status === 501) {
    const remedy =
      INSTEAD[operation] ??
      'This service lacks the operation; state what it would have told in the configuration where that is possible.';
    return new SourceError('unsupported', `${where} does not implement the operation`, remedy);
  }
  if (BUSY.has(name) || status === 503 || status === 429) {
    const remedy = 'Run the audit again when the service is less busy.';
    return new SourceError('unreachable', `${where} is too busy or out of order${labelled(name)}`, remedy);
  }
  return null;
}

function labelled(name: string): string {
  return /^[A-Z][A-Za-z]{2,60}$/.test(name) && name !== 'UnknownError' ? ` (${name})` : '';
}

const redirect = z.object({ $response: z.object({ headers: z.record(z.string(), z.unknown()) }) });

/** The region that a service names when it sends the asker elsewhere (`x-amz-bucket-region`), or null. */
export function regionToldBy(error: unknown): string | null {
  const parsed = redirect.safeParse(error);
  const region = parsed.success ? parsed.data.$response.headers['x-amz-bucket-region'] : undefined;
  return typeof region === 'string' && /^[a-z0-9-]{2,40}$/.test(region) ? region : null;
}

function statusOf(error: unknown): number | null {
  const parsed = metadata.safeParse(error);
  return parsed.success ? (parsed.data.$metadata.httpStatusCode ?? null) : null;
}
