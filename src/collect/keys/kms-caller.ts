import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { SourceError } from '../../model/source-error.ts';
import { awsError } from '../guard/aws-error.ts';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';

/**
 * The only operation that is ever sent to AWS STS. It needs no permission, and no policy can deny it.
 * Source: AWS STS API Reference, version 2011-06-15, "GetCallerIdentity".
 */
export const STS_READ_OPERATIONS = {
  GetCallerIdentity: { purpose: 'which account the credentials belong to' },
} as const;

/** Asks AWS STS whose credentials these are. */
export interface KmsCaller {
  /**
   * The account of the credentials, twelve digits.
   * @throws SourceError unreachable, unauthorized, timeout, malformed
   */
  account(limit: { readonly abortSignal: AbortSignal }): Promise<string>;
  close(): void;
}

/** A caller that can only be asked what {@link STS_READ_OPERATIONS} lists. */
export function createKmsCaller(region: string, config: STSClientConfig): KmsCaller {
  const client = new STSClient(config);
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = String(context.commandName).replace(/Command$/, '');
      if (!Object.hasOwn(STS_READ_OPERATIONS, operation)) {
        throw new ForbiddenRequestError(`${operation} is not on the allow-list for AWS STS; it was not sent`);
      }
      return await next(args);
    },
    { step: 'initialize', priority: 'high', name: 'readOnlyOperations' },
  );
  const question = {
    where: `AWS STS in ${region}${config.endpoint === undefined ? '' : ` at ${String(config.endpoint)}`}`,
    what: 'GetCallerIdentity',
    ifDenied: 'Look at what stands between this host and AWS STS: the operation needs no permission.',
    ifInvalid: 'Check region and stsEndpoint of the key provider.',
  };
  return {
    async account(limit) {
      const { Account } = await client.send(new GetCallerIdentityCommand({}), limit).catch((error: unknown) => {
        throw awsError(question, error);
      });
      if (Account !== undefined && /^\d{12}$/.test(Account)) return Account;
      const said = `${question.where}, ${question.what}: the answer names no account`;
      throw new SourceError('malformed', said, question.ifInvalid);
    },
    close: () => client.destroy(),
  };
}
