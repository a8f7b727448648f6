import type { SourceError } from '../../model/source-error.ts';
import { awsError, awsStatus, isAwsError } from '../guard/aws-error.ts';
import { type KmsClient, type KmsOperation, kmsOperation } from './kms-client.ts';

/** Whether AWS KMS itself says of what it was asked about that it does not exist. It says so with status 400, never with 404. */
export function isKmsNotFound(error: unknown): boolean {
  return error instanceof Error && isAwsError(error, 'NotFoundException') && awsStatus(error) === 400;
}

/**
 * What a failed question to AWS KMS means.
 * @param subject the key or account asked about, safe to print
 * @throws ForbiddenRequestError as it came: it is no answer of the server
 */
export function kmsError(client: KmsClient, operation: KmsOperation, subject: string, error: unknown): SourceError {
  const { action, perKey } = kmsOperation(operation);
  const resource = perKey ? `the key ${subject}` : 'the resource *';
  const question = {
    where: client.locator,
    what: `${operation} of ${subject}`,
    ifDenied: `Allow ${action} on ${resource} in the IAM policy of the caller, and in the key policy where the key is another account's.`,
    ifInvalid: 'Check the reference of the key: an id, an ARN, or alias/ with a name.',
  };
  return awsError(question, error);
}
