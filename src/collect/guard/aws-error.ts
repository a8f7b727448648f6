import { SourceError } from '../../model/source-error.ts';
import { ForbiddenRequestError } from './forbidden-request-error.ts';
import { networkError } from './network-error.ts';

/** A question that was put to an AWS service or to one that speaks the same protocol. */
export interface AwsQuestion {
  /** The service and its place, safe to print. */
  readonly where: string;
  /** Operation and subject, safe to print, e.g. `DescribeKey of alias/acme`. */
  readonly what: string;
  /** One sentence that says which action to allow on which resource. */
  readonly ifDenied: string;
  /** One sentence about a subject that the service takes for none. */
  readonly ifInvalid: string;
}

/** The service knows the caller and says no. */
const DENIED = new Set([
  'AccessDeniedException',
  'AccessDenied',
  'AllAccessDisabled',
  'NotAuthorized',
  'UnauthorizedOperation',
]);

/** The service does not accept the credentials at all ("Common Error Types" of AWS API references; Amazon S3 API Reference, "Error responses"). */
const BAD_CREDENTIALS = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'NotSignedUp',
  'OptInRequired',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
  'UnrecognizedClientException',
]);

const THROTTLED = new Set([
  'LimitExceededException',
  'RequestLimitExceeded',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

const INVALID = new Set([
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'InvalidAliasNameException',
  'InvalidArnException',
  'InvalidBucketName',
  'InvalidParameterValue',
  'PermanentRedirect',
  'TemporaryRedirect',
  'ValidationError',
  'ValidationException',
]);

const UNSUPPORTED = new Set([
  'NotImplemented',
  'MethodNotAllowed',
  'UnsupportedOperation',
  'UnsupportedOperationException',
  'XNotImplemented',
]);

/** Whether the service itself said so, by this name. */
export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && isOfService(error) && names.includes(error.name);
}

/** Whether the caller may not ask this, or not of this subject. */
export function isAwsDenied(error: unknown): boolean {
  return isAwsError(error, ...DENIED);
}

/** Whether the service refused only because there were too many requests. */
export function isAwsThrottled(error: unknown): boolean {
  return isAwsError(error, ...THROTTLED);
}

/**
 * What a failed question means. Nothing of the SDK's error is kept but its name and status: it holds the answer, headers included.
 * @throws ForbiddenRequestError as it came: it is no answer of the server
 */
export function awsError(question: AwsQuestion, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  if (error instanceof ForbiddenRequestError) throw error;
  const what = `${question.where}, ${question.what}`;
  const broken = networkError(error, question.where);
  if (broken !== null) return broken;
  if (!(error instanceof Error) || !isOfService(error)) return malformed(what);
  if (DENIED.has(error.name)) return new SourceError('unauthorized', `${what}: access denied`, question.ifDenied);
  if (BAD_CREDENTIALS.has(error.name)) {
    return new SourceError(
      'unauthorized',
      `${what}: the credentials are not accepted (${error.name})`,
      'Check access key, secret and session token, that they belong here and are not expired, and the clock of this host.',
    );
  }
  if (INVALID.has(error.name))
    return new SourceError('malformed', `${what}: not accepted (${error.name})`, question.ifInvalid);
  if (UNSUPPORTED.has(error.name)) {
    return new SourceError(
      'unsupported',
      `${what}: not offered here (${error.name})`,
      'State in an attestation what this service cannot tell, or accept that it stays unknown.',
    );
  }
  if (THROTTLED.has(error.name)) {
    return new SourceError(
      'unreachable',
      `${what}: too many requests`,
      'Run the audit at another time, or ask for a higher quota.',
    );
  }
  const status = awsStatus(error);
  if (status === 501)
    return new SourceError(
      'unsupported',
      `${what}: not offered here`,
      'State in an attestation what this service cannot tell, or accept that it stays unknown.',
    );
  if (status !== null && status >= 500) {
    return new SourceError(
      'unreachable',
      `${what}: answered with status ${status}`,
      'See the state of the service, and run the audit again.',
    );
  }
  // A HEAD answer has no body, hence no name.
  if (status === 403) return new SourceError('unauthorized', `${what}: access denied`, question.ifDenied);
  return malformed(what);
}

function malformed(what: string): SourceError {
  return new SourceError(
    'malformed',
    `${what}: the answer is not one of this service`,
    'Check region and endpoint, and what a proxy on the way does.',
  );
}

/** The HTTP status that an error of the AWS SDK came with, or null where there was no answer. */
export function awsStatus(error: Error): number | null {
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null) return null;
  const { $metadata: metadata } = error;
  return 'httpStatusCode' in metadata && typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}

/** The SDK gives errors that the service itself described a fault (`client` or `server`) and the service's name for them. */
function isOfService(error: Error): boolean {
  return '$fault' in error && error.name !== 'SyntaxError' && error.name !== 'Error';
}
