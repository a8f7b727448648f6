import { z } from 'zod';
import type { SourceError } from '../../../../model/source-error.ts';
import { awsError } from '../../../guard/aws-error.ts';
import { AWS_SERVICE_NAMES, type AwsService, actionOf } from './aws-operations.ts';
import { type BackupReads, openBackup } from './backup-client.ts';
import { type AwsAccess, clientSettings } from './client-settings.ts';
import { type Ec2Reads, openEc2 } from './ec2-client.ts';
import { type KeyReads, openKeys } from './kms-client.ts';
import { openRds, type RdsReads } from './rds-client.ts';
import { readCallerIdentity } from './sts-client.ts';

/**
 * The services that copy databases in one AWS account and region. They can only be asked what
 * AWS_BACKUP_READ_OPERATIONS lists; the AWS SDK of each is loaded at the first question to it.
 */
export interface AwsBackupSource {
  readonly region: string;
  /** Safe to print. */
  readonly locator: string;
  rds(): Promise<RdsReads>;
  backup(): Promise<BackupReads>;
  ec2(): Promise<Ec2Reads>;
  /** Keys by which copies are encrypted. */
  keys(): Promise<KeyReads>;
  /** Number of the account that the credentials belong to. @throws SourceError */
  account(): Promise<string>;
  /** What a failed question means. @throws ForbiddenRequestError as it came */
  errorOf(service: AwsService, operation: string, error: unknown): SourceError;
  /** How far the services' clock was ahead at their last answer, in milliseconds; null before one. */
  clockOffsetMillis(): number | null;
  close(): void;
}

const identitySchema = z.object({ Account: z.string().regex(/^\d{12}$/) });

/** @throws SourceError malformed when region or endpoint cannot be one */
export function createAwsBackupSource(access: AwsAccess): AwsBackupSource {
  const settings = clientSettings(access);
  const locator = `AWS in ${settings.region}${settings.endpoint === null ? '' : ` at ${settings.endpoint}`}`;
  const opened: Promise<{ close(): void }>[] = [];
  const once = <T extends { close(): void }>(open: () => Promise<T>): (() => Promise<T>) => {
    let client: Promise<T> | null = null;
    return () => {
      if (client === null) {
        client = open();
        opened.push(client);
      }
      return client;
    };
  };
  const errorOf: AwsBackupSource['errorOf'] = (service, operation, error) => {
    const action = actionOf(service, operation);
    return awsError(
      {
        where: `${AWS_SERVICE_NAMES[service]} in ${settings.region}${settings.endpoint === null ? '' : ` at ${settings.endpoint}`}`,
        what: operation,
        ifDenied: `Allow ${action ?? operation} on the resource * in the IAM policy of the caller.`,
        ifInvalid: 'Check region and endpoint of the location, and that the service is offered there.',
      },
      error,
    );
  };
  return {
    region: settings.region,
    locator,
    rds: once(() => openRds(settings)),
    backup: once(() => openBackup(settings)),
    ec2: once(() => openEc2(settings)),
    keys: once(() => openKeys(settings)),
    async account() {
      try {
        const identity = identitySchema.safeParse(await readCallerIdentity(settings));
        if (identity.success) return identity.data.Account;
      } catch (error) {
        throw errorOf('sts', 'GetCallerIdentity', error);
      }
      throw errorOf('sts', 'GetCallerIdentity', null);
    },
    errorOf,
    clockOffsetMillis: settings.clock.offsetMillis,
    close() {
      for (const client of opened) client.then((one) => one.close()).catch(() => undefined);
    },
  };
}
