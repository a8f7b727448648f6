import { existsSync } from 'node:fs';
import {
  CreateBucketCommand,
  GetBucketVersioningCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { minioUnavailable, startMinio } from './minio.ts';
import { processesNaming } from './processes.ts';

describe.skipIf(minioUnavailable())('MinIO', () => {
  it('starts, holds temporary keys to their policy, audits, stops and leaves nothing behind', async () => {
    let directory: string;
    {
      await using minio = await startMinio();
      directory = minio.directory;
      const Bucket = 'files';
      const root = minio.client();
      await root.send(new CreateBucketCommand({ Bucket }));
      await root.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
      root.destroy();
      const keys = await minio.assumeRole({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['s3:GetBucketVersioning'], Resource: ['arn:aws:s3:::files'] }],
      });
      const reader = minio.client(keys);
      expect((await reader.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
      const refused = reader.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' }));
      await expect(refused).rejects.toMatchObject({ name: 'AccessDenied' });
      reader.destroy();
      expect(await minio.calls(keys.accessKeyId)).toEqual([
        { api: 'GetBucketVersioning', bucket: Bucket, accessKey: keys.accessKeyId, status: 200 },
        { api: 'PutObject', bucket: Bucket, accessKey: keys.accessKeyId, status: 403 },
      ]);
      const rootCalls = await minio.calls(minio.rootCredentials.accessKeyId);
      expect(rootCalls.map((call) => call.api)).toEqual(expect.arrayContaining(['PutBucket', 'PutBucketVersioning']));
      expect(processesNaming(directory)).toHaveLength(1);
    }
    expect(existsSync(directory)).toBe(false);
    expect(processesNaming(directory)).toEqual([]);
  });
});
