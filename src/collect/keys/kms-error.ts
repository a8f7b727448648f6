import { SourceError } from '../../model/source-error.ts';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';
import { networkError } from '../guard/network-error.ts';
import { KMS_READ_OPERATIONS, type KmsClient, type KmsOperation } from './kms-client.ts';

/** AWS KMS API Reference, "Common Error Types": the credentials are not accepted at all. */
const BAD_CREDENTIALS = new Set([
  'ExpiredTokenException',
  'ExpiredToken',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'OptInRequired',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
const DENIED = new Set(['AccessDeniedException', 'AccessDenied', 'NotAuthorized', 'UnauthorizedOperation']);
const THROTTLED = new Set([
  'ThrottlingException',
  'Throttling',
  'RequestLimitExceeded',
  'LimitExceededException',
  'TooManyRequestsException',
]);
const INVALID = new Set([
  'InvalidArnException',
  'ValidationException',
  'ValidationError',
  'InvalidAliasNameException',
  'InvalidParameterValue',
]);

/** Whether AWS KMS says of what it was asked about that it does not exist. */
export function isKmsNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotFoundException' && statusOf(error) === 400;
}

/** Whether the caller may not ask this, or not about this key. */
export function isKmsDenied(error: unknown): boolean {
  return error instanceof Error && DENIED.has(error.name);
}

/**
 * What a failed question to AWS KMS means. Nothing of the SDK's error is kept but its name and status: it holds the answer, headers included.
 * @param subject the key or account asked about, safe to print
 * @throws ForbiddenRequestError as it came: it is no answer of the server
 */
export function kmsError(client: KmsClient, operation: KmsOperation, subject: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  if (error instanceof ForbiddenRequestError) throw error;
  const what = `${client.locator}, ${operation} of ${subject}`;
  const { action, perKey } = KMS_READ_OPERATIONS[operation];
  const broken = networkError(error, client.locator);
  if (broken !== null) return broken;
  if (!(error instanceof Error)) return malformed(what);
  if (isKmsDenied(error)) {
    const resource = perKey ? `the key ${subject}` : 'the resource *';
    return new SourceError(
      'unauthorized',
      `${what}: access denied`,
      `Allow ${action} on ${resource} in the IAM policy of the caller, and in the key policy where the key is another account's.`,
    );
  }
  if (BAD_CREDENTIALS.has(error.name)) {
    return new SourceError(
      'unauthorized',
      `${what}: the credentials are not accepted (${error.name})`,
      'Check access key, secret and session token, that they are of this account and not expired, and the clock of this host.',
    );
  }
  if (INVALID.has(error.name)) {
    return new SourceError(
      'malformed',
      `${what}: not the name of a key (${error.name})`,
      'Check the reference of the key: an id, an ARN, or alias/ with a name.',
    );
  }
  if (THROTTLED.has(error.name)) {
    return new SourceError(
      'unreachable',
      `${what}: too many requests`,
      'Run the audit at another time, or ask for a higher quota.',
    );
  }
  const status = statusOf(error);
  if (isOfService(error) && status !== null && status >= 500) {
    return new SourceError(
      'unreachable',
      `${what}: answered with status ${status}`,
      'See the AWS Health Dashboard, and run the audit again.',
    );
  }
  return malformed(what);
}

function malformed(what: string): SourceError {
  return new SourceError(
    'malformed',
    `${what}: the answer is not one of AWS KMS`,
    'Check region and endpoint, and what a proxy on the way does.',
  );
}

function statusOf(error: Error): number | null {
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null) return null;
  return 'httpStatusCode' in error.$metadata && typeof error.$metadata.httpStatusCode === 'number'
    ? error.$metadata.httpStatusCode
    : null;
}

/** The SDK gives errors that the service itself described a fault of `client` or `server`, and a name other than the class's. */
function isOfService(error: Error): boolean {
  return '$fault' in error && error.name !== 'SyntaxError' && error.name !== 'Error';
}
