import {
  type AwsBackupSource,
  createAwsBackupSource,
} from '../../../../../src/collect/backups/physical/aws/aws-backup-source.ts';
import { AWS_BACKUP_READ_OPERATIONS } from '../../../../../src/collect/backups/physical/aws/aws-operations.ts';
import { awsReading } from '../../../../../src/collect/backups/physical/aws/aws-reading.ts';
import { readManagedDatabases } from '../../../../../src/collect/backups/physical/aws/managed-databases.ts';
import type { BlindSpot } from '../../../../../src/model/evidence.ts';
import { Secret } from '../../../../../src/model/secret.ts';
import { type SourceTarget, sourceConformance } from '../../../conformance/source-conformance.ts';
import { operationOf } from './aws-stub.ts';

/** What a reading turns into blind spots, thrown. */
async function databasesOrError(source: AwsBackupSource): Promise<unknown> {
  const errors: unknown[] = [];
  const blindSpotOf = (error: unknown): BlindSpot => {
    errors.push(error);
    return { reason: 'malformed', detail: '', remedy: '' };
  };
  const databases = await readManagedDatabases(source, awsReading(source, blindSpotOf, new AbortController().signal));
  if (errors.length > 0) throw errors[0];
  return databases;
}

function asking<T>(read: (source: AwsBackupSource) => Promise<T>) {
  return async ({ address, secret, timeoutMillis }: SourceTarget): Promise<T> => {
    const source = createAwsBackupSource({
      region: 'eu-central-1',
      endpoint: address,
      accessKeyId: new Secret(`AKIA${secret}`),
      secretAccessKey: new Secret(secret),
      sessionToken: new Secret(`session-${secret}`),
      timeoutMillis,
    });
    try {
      return await read(source);
    } finally {
      source.close();
    }
  };
}

const names = new Set<string>(Object.values(AWS_BACKUP_READ_OPERATIONS).flatMap((all) => Object.keys(all)));

sourceConformance('RDS, AWS Backup and EBS', {
  reads: {
    account: asking((source) => source.account()),
    databases: asking(databasesOrError),
  },
  refuse: (_request, response) =>
    void response
      .writeHead(403, { 'Content-Type': 'text/xml' })
      .end(
        '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>',
      ),
  isAllowed: (request) => names.has(operationOf(request)),
});
