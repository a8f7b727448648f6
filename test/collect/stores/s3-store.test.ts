import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readS3Store } from '../../../src/collect/stores/s3-store.ts';
import { createS3Client, type S3ReadClient } from '../../../src/collect/trees/s3-client.ts';
import { S3_READ_OPERATIONS } from '../../../src/collect/trees/s3-operations.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../../services/minio.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../../services/moto.ts';
import { type Answer, scriptedServer } from '../conformance/scripted-server.ts';
import { type SourceTarget, sourceConformance } from '../conformance/source-conformance.ts';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

function clientFor(endpoint: string, credentials: Credentials, timeoutMillis = 10_000): S3ReadClient {
  return createS3Client({
    endpoint,
    region: 'us-east-1',
    accessKeyId: new Secret(credentials.accessKeyId),
    secretAccessKey: new Secret(credentials.secretAccessKey),
    ...(credentials.sessionToken === undefined ? {} : { sessionToken: new Secret(credentials.sessionToken) }),
    forcePathStyle: true,
    timeoutMillis,
  });
}

async function readOnce(endpoint: string, credentials: Credentials, bucket: string, prefix = '') {
  const client = clientFor(endpoint, credentials);
  return await readS3Store(client, bucket, prefix).finally(() => client.close());
}

sourceConformance('an S3 store', {
  reads: {
    async readS3Store({ address, secret, timeoutMillis }: SourceTarget) {
      const client = clientFor(
        address,
        { accessKeyId: `AKIA${secret}`, secretAccessKey: secret, sessionToken: `session-${secret}` },
        timeoutMillis,
      );
      return await readS3Store(client, 'backups', 'acme/', { timeoutMillis }).finally(() => client.close());
    },
  },
  refuse: (_request, response) =>
    void response
      .writeHead(403, { 'Content-Type': 'application/xml' })
      .end('<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidAccessKeyId</Code><Message>no</Message></Error>'),
  isAllowed: ({ method }) => method === 'GET' || method === 'HEAD',
});

describe.skipIf(minioUnavailable())('a bucket on MinIO', () => {
  let minio: MinioServer;
  let root: S3Client;

  beforeAll(async () => {
    minio = await startMinio();
    root = minio.client();
    await root.send(new CreateBucketCommand({ Bucket: 'plain' }));
    await root.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }));
    await root.send(new PutObjectCommand({ Bucket: 'locked', Key: 'acme/one', Body: 'x' }));
    await root.send(
      new PutObjectLockConfigurationCommand({
        Bucket: 'locked',
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } },
        },
      }),
    );
    await root.send(new CreateBucketCommand({ Bucket: 'suspended' }));
    for (const Status of ['Enabled', 'Suspended'] as const) {
      await root.send(new PutBucketVersioningCommand({ Bucket: 'suspended', VersioningConfiguration: { Status } }));
    }
  });

  afterAll(async () => {
    root?.destroy();
    await minio?.[Symbol.asyncDispose]();
  });

  it('tells versioning and lock', async () => {
    const plain = await readOnce(minio.endpoint, minio.rootCredentials, 'plain');
    expect(plain).toMatchObject({
      answers: true,
      empty: true,
      versioning: 'off',
      objectLock: 'off',
      encryption: 'none',
      replication: 'none',
    });
    expect(Math.abs(plain.clockOffsetMillis ?? Number.NaN)).toBeLessThan(2000);
    expect(await readOnce(minio.endpoint, minio.rootCredentials, 'locked', 'acme/')).toMatchObject({
      empty: false,
      versioning: 'enabled',
      objectLock: { defaultRetention: { mode: 'COMPLIANCE', days: 30 } },
    });
    expect(await readOnce(minio.endpoint, minio.rootCredentials, 'locked', 'globex/')).toMatchObject({ empty: true });
    expect(await readOnce(minio.endpoint, minio.rootCredentials, 'suspended')).toMatchObject({
      versioning: 'suspended',
    });
  });

  it('is blind for what it may not ask only, and has sent reads only', async () => {
    const allowed = (...actions: readonly string[]) =>
      minio.assumeRole({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: actions, Resource: ['arn:aws:s3:::locked'] }],
      });
    const narrow = await allowed('s3:ListBucket', 's3:GetBucketVersioning');
    expect(await readOnce(minio.endpoint, narrow, 'locked')).toMatchObject({
      versioning: 'enabled',
      objectLock: {
        blind: { reason: 'unauthorized', remedy: expect.stringContaining('Allow s3:GetBucketObjectLockConfiguration') },
      },
      encryption: {
        blind: { reason: 'unauthorized', remedy: expect.stringContaining('Allow s3:GetEncryptionConfiguration') },
      },
      replication: {
        blind: { reason: 'unauthorized', remedy: expect.stringContaining('Allow s3:GetReplicationConfiguration') },
      },
    });
    const calls = await minio.calls(narrow.accessKeyId);
    expect(calls.length).toBe(7);
    for (const { api } of calls)
      expect(Object.keys(S3_READ_OPERATIONS)).toContain(
        api
          .replace('GetBucketObjectLockConfig', 'GetObjectLockConfiguration')
          .replace('GetBucketReplicationConfig', 'GetBucketReplication')
          .replace('GetBucketEncryptionConfig', 'GetBucketEncryption'),
      );
    await expect(readOnce(minio.endpoint, narrow, 'plain')).rejects.toMatchObject({
      reason: 'unauthorized',
      remedy: expect.stringContaining('Allow s3:ListBucket'),
    });
  });

  it('tells a wrong secret and a bucket that is not there', async () => {
    const wrong = { ...minio.rootCredentials, secretAccessKey: 'wrong-secret-key' };
    await expect(readOnce(minio.endpoint, wrong, 'plain')).rejects.toMatchObject({ reason: 'unauthorized' });
    await expect(readOnce(minio.endpoint, minio.rootCredentials, 'nowhere')).rejects.toMatchObject({
      reason: 'unreachable',
    });
  });
});

describe.skipIf(motoUnavailable())('a bucket on moto', () => {
  let moto: MotoServer;

  beforeAll(async () => {
    moto = await startMoto();
  });

  afterAll(async () => {
    await moto?.[Symbol.asyncDispose]();
  });

  it('tells replication and default encryption', async () => {
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const seed = new S3Client({ endpoint: moto.endpoint, region: moto.region, credentials, forcePathStyle: true });
    for (const Bucket of ['origin', 'copies']) {
      await seed.send(new CreateBucketCommand({ Bucket }));
      await seed.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    }
    const Rules = [
      {
        ID: 'all',
        Status: 'Enabled' as const,
        Priority: 1,
        Filter: { Prefix: '' },
        DeleteMarkerReplication: { Status: 'Disabled' as const },
        Destination: { Bucket: 'arn:aws:s3:::copies' },
      },
    ];
    await seed.send(
      new PutBucketReplicationCommand({
        Bucket: 'origin',
        ReplicationConfiguration: { Role: 'arn:aws:iam::123456789012:role/r', Rules },
      }),
    );
    const Default = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } };
    await seed.send(
      new PutBucketEncryptionCommand({
        Bucket: 'origin',
        ServerSideEncryptionConfiguration: { Rules: [Default] },
      }),
    );
    seed.destroy();
    expect(await readOnce(moto.endpoint, credentials, 'origin')).toMatchObject({
      encryption: { algorithm: 'aws:kms' },
      versioning: 'enabled',
      objectLock: 'off',
      replication: [
        {
          id: 'all',
          enabled: true,
          prefix: '',
          byTag: false,
          existingObjects: false,
          destinationBucket: 'arn:aws:s3:::copies',
          destinationAccount: null,
        },
      ],
    });
    expect(await readOnce(moto.endpoint, credentials, 'copies')).toMatchObject({ replication: 'none' });
  });
});

describe('a bucket elsewhere', () => {
  const LISTING = '<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>';
  const error = (code: string) => `<Error><Code>${code}</Code></Error>`;

  it('is blind for what the service does not offer, and reads every filter of a rule', async () => {
    const rules = [
      '<Rule><ID>a</ID><Status>Disabled</Status><Filter><Prefix>acme/</Prefix></Filter><ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication><Destination><Bucket>arn:aws:s3:::x</Bucket><Account>210987654321</Account></Destination></Rule>',
      '<Rule><Status>Enabled</Status><Filter><And><Prefix>x/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Destination><Bucket>arn:aws:s3:::y</Bucket></Destination></Rule>',
    ].join('');
    const answer: Answer = ({ url }, response) => {
      if (url.includes('versioning')) return void response.writeHead(501).end(error('NotImplemented'));
      if (url.includes('encryption')) return void response.writeHead(501).end(error('NotImplemented'));
      if (url.includes('replication'))
        return void response.end(`<ReplicationConfiguration>${rules}</ReplicationConfiguration>`);
      if (url.includes('object-lock'))
        return void response.writeHead(404).end(error('ObjectLockConfigurationNotFoundError'));
      if (url.includes('location'))
        return void response.end(
          '<?xml version="1.0" encoding="UTF-8"?><LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">EU</LocationConstraint>',
        );
      return void response.end(LISTING);
    };
    await using server = await scriptedServer(answer);
    expect(await readOnce(server.address, { accessKeyId: 'a', secretAccessKey: 'b' }, 'bucket')).toMatchObject({
      region: 'eu-west-1',
      versioning: { blind: { reason: 'unsupported' } },
      encryption: { blind: { reason: 'unsupported' } },
      objectLock: 'off',
      replication: [
        {
          id: 'a',
          enabled: false,
          prefix: 'acme/',
          byTag: false,
          existingObjects: true,
          destinationAccount: '210987654321',
        },
        { id: null, enabled: true, prefix: 'x/', byTag: true, existingObjects: false, destinationAccount: null },
      ],
    });
  });

  it('takes a missing lock for none only where the service itself says so', async () => {
    const answer: Answer = ({ url }, response) =>
      url.includes('list-type')
        ? void response.end(LISTING)
        : void response.writeHead(404, { 'Content-Type': 'text/html' }).end('<html>not found</html>');
    await using server = await scriptedServer(answer);
    const reading = await readOnce(server.address, { accessKeyId: 'a', secretAccessKey: 'b' }, 'bucket');
    expect(reading).toMatchObject({ versioning: { blind: {} }, objectLock: { blind: {} }, replication: { blind: {} } });
    expect(reading).toMatchObject({ encryption: { blind: {} } });
  });
});
