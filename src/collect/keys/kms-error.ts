import { SourceError } from '../../model/source-error.ts';
import { awsError, awsStatus, isAwsError } from '../guard/aws-error.ts';
import { parseKmsArn } from './kms-arn.ts';
import type { KmsClient } from './kms-client.ts';
import { type KmsOperation, kmsOperation } from './kms-operations.ts';

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

/**
 * Why it shows nothing that KMS knows no such key: AWS answers of a key of another account that it does not exist, or that
 * access is denied, without telling which of the two. Null where the reference names a key of the credentials' own account.
 * @param ownAccount account of the credentials; null where it is not known, so that the account of an ARN may be another
 */
export function notOfCaller(
  client: KmsClient,
  operation: KmsOperation,
  keyRef: string,
  ownAccount: string | null,
): SourceError | null {
  const asked = parseKmsArn(keyRef);
  if (asked === null || asked.account === ownAccount) return null;
  const { account } = asked;
  const what = `${client.locator}, ${operation} of ${printable(keyRef)}: the key belongs to account ${account}`;
  if (ownAccount === null) {
    return new SourceError(
      'unauthorized',
      `${what}, and it could not be told which account the credentials belong to; it does not answer them`,
      `Let the audit reach AWS STS (stsEndpoint of the key provider), and give it credentials of account ${account}.`,
    );
  }
  const { action } = kmsOperation(operation);
  return new SourceError(
    'unauthorized',
    `${what} and the credentials to ${ownAccount}; it does not answer them`,
    `Allow ${action} in the key policy over there for the caller, and in the caller's own IAM policy; or configure a key provider with credentials of account ${account}.`,
  );
}

/** A reference to a key as it may be shown. */
export function printable(keyRef: string): string {
  return keyRef.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}
