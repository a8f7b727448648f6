import { GetObjectLegalHoldCommand, GetObjectRetentionCommand } from '@aws-sdk/client-s3';
import type { S3ReadClient } from '../trees/s3-client.ts';
import { s3Error } from '../trees/s3-error.ts';
import type { S3Operation } from '../trees/s3-operations.ts';
import { orAbsent } from './bucket-questions.ts';

/**
 * Whether the service tells the caller of the locks of objects. To one who may not ask for them, HeadObject is silent
 * about retention and legal hold, as it is of objects that have none (Amazon S3 API Reference, HeadObject). One object
 * is asked for both by name: an answer, also that it has none, means that the silence about others is an answer, too.
 *
 * @param where what is asked, safe to print
 * @param sending options of one request
 */
export async function toldOfLocks(
  client: S3ReadClient,
  place: { readonly Bucket: string; readonly Key: string },
  where: string,
  sending: () => { readonly abortSignal: AbortSignal },
): Promise<boolean> {
  const told = async (operation: S3Operation, answer: Promise<unknown>) =>
    await orAbsent(answer, 'NoSuchObjectLockConfiguration').then(
      () => true,
      (error: unknown) => {
        // A request off the allow-list ends the run, in here; whatever else went wrong leaves the locks untold.
        s3Error(error, where, operation);
        return false;
      },
    );
  const answers = await Promise.all([
    told('GetObjectRetention', client.send(new GetObjectRetentionCommand(place), sending())),
    told('GetObjectLegalHold', client.send(new GetObjectLegalHoldCommand(place), sending())),
  ]);
  return answers.every((one) => one);
}

/**
 * Whether the service applies the default lock of a bucket to whatever object has none of its own, when it is asked to
 * delete that, and says nothing of it of the object: silence about a lock is no answer then. So does versitygw (seen with
 * 1.8.0; it calls itself so in its Server header).
 */
export function locksByBucket(client: Pick<S3ReadClient, 'lastServerName'>): boolean {
  return client.lastServerName()?.toLowerCase() === 'versitygw';
}
