import { existsSync } from 'node:fs';
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetBucketVersioningCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { motoUnavailable, startMoto } from './moto.ts';
import { processesNaming } from './processes.ts';

const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };

describe.skipIf(motoUnavailable())('moto', () => {
  it('starts, answers, records calls, stops and leaves nothing behind', async () => {
    let directory: string;
    let commandLine: string;
    {
      await using moto = await startMoto();
      directory = moto.directory;
      commandLine = `moto.server -H 127.0.0.1 -p ${new URL(moto.endpoint).port}`;
      expect(processesNaming(commandLine)).toHaveLength(1);
      const connection = { endpoint: moto.endpoint, region: moto.region, credentials, maxAttempts: 1 };
      const s3 = new S3Client({ ...connection, forcePathStyle: true });
      const kms = new KMSClient(connection);
      await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      await s3.send(new PutBucketVersioningCommand({ Bucket: 'files', VersioningConfiguration }));
      const calls = await moto.recordCalls(async () => {
        await kms.send(new ListKeysCommand());
        expect((await s3.send(new GetBucketVersioningCommand({ Bucket: 'files' }))).Status).toBe('Enabled');
      });
      expect(calls).toEqual([
        { service: 'kms', operation: 'ListKeys' },
        { service: 's3', operation: 'GET /files/?versioning' },
      ]);
      await moto.reset();
      expect((await s3.send(new ListBucketsCommand())).Buckets ?? []).toEqual([]);
      s3.destroy();
      kms.destroy();
    }
    expect(existsSync(directory)).toBe(false);
    expect(processesNaming(commandLine)).toEqual([]);
  });

  it('enforces IAM when asked to', async () => {
    await using moto = await startMoto({ callsBeforeAuthorization: 0 });
    const s3 = new S3Client({
      endpoint: moto.endpoint,
      region: moto.region,
      credentials,
      forcePathStyle: true,
      maxAttempts: 1,
    });
    await expect(s3.send(new ListBucketsCommand())).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    s3.destroy();
  });
});
