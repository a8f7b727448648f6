import { createHash } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FoundFile } from '../../../src/collect/stores/file-probe.ts';
import { s3FileProbe } from '../../../src/collect/stores/s3-file-probe.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../../services/minio.ts';
import { startVersitygw, versitygwUnavailable } from '../../services/versitygw.ts';
import { scriptedServer } from '../conformance/scripted-server.ts';
import { readClient } from '../trees/read-client.ts';
import { flipped, fullCrc32, sha256Of, summedBucket } from '../trees/summed-bucket.ts';

const signal = new AbortController().signal;
/** Characters that XML cannot hold. */
const ODD = 'e\u0001f\ufffe.txt';
const KEPT_UNTIL = new Date('2099-01-01T00:00:00.000Z');
const OPTIONS = { bucket: 'files', prefix: 'acme', checksums: false, timeoutMillis: 10_000, signal };

describe.skipIf(minioUnavailable())('objects on MinIO', () => {
  let minio: MinioServer;

  beforeAll(async () => {
    minio = await startMinio();
    const root = minio.client();
    await root.send(new CreateBucketCommand({ Bucket: 'files', ObjectLockEnabledForBucket: true }));
    const put = (Key: string, more: Partial<PutObjectCommandInput> = {}) =>
      root.send(new PutObjectCommand({ Bucket: 'files', Key, Body: 'twelve bytes', ...more }));
    await put('acme/one.txt');
    await root.send(new CreateBucketCommand({ Bucket: 'plain' }));
    await root.send(new PutObjectCommand({ Bucket: 'plain', Key: 'acme/one.txt', Body: 'x' }));
    await put('acme/ä ö.txt');
    await put(`acme/${ODD}`);
    await put('acme/summed.txt', { ChecksumAlgorithm: 'SHA256' });
    await put('acme/held.txt');
    await put('acme/kept.txt', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: KEPT_UNTIL });
    await put('acme2/secret.txt');
    await root.send(
      new PutObjectLegalHoldCommand({ Bucket: 'files', Key: 'acme/held.txt', LegalHold: { Status: 'ON' } }),
    );
    root.destroy();
  });

  afterAll(() => minio?.[Symbol.asyncDispose]());

  async function probing<T>(
    work: (probe: ReturnType<typeof s3FileProbe>) => Promise<T>,
    options = OPTIONS,
    keys: readonly string[] = [minio.rootCredentials.accessKeyId, minio.rootCredentials.secretAccessKey],
  ): Promise<T> {
    const client = readClient(minio.endpoint, keys);
    try {
      return await work(s3FileProbe(client, options));
    } finally {
      client.close();
    }
  }

  it('are told with size and lock, by keys from the prefix on or in full', async () => {
    await probing(async (probe) => {
      expect(await probe.look('one.txt')).toEqual({
        is: 'found',
        bytes: 12,
        modifiedAt: expect.stringMatching(/^20.*Z$/),
        sha256: null,
        copied: false,
        locked: false,
      });
      expect(await probe.look('acme/one.txt')).toMatchObject({ is: 'found' });
      expect(await probe.look('ä ö.txt')).toMatchObject({ is: 'found' });
      expect(await probe.look(ODD)).toMatchObject({ is: 'found' });
      expect(await probe.look('held.txt')).toMatchObject({
        locked: true,
        lock: { until: null, mode: null, legalHold: true },
      });
      expect(await probe.look('kept.txt')).toMatchObject({
        locked: true,
        lock: { until: KEPT_UNTIL.toISOString(), mode: 'GOVERNANCE', legalHold: false },
      });
      expect(await probe.look('two.txt')).toEqual({ is: 'missing' });
    });
  });

  it('are told to have no lock by a service that tells of locks, to one who may know', async () => {
    const locks = { ...OPTIONS, locks: true };
    await probing(async (probe) => {
      expect(await probe.look('held.txt')).not.toHaveProperty('unlocked');
      expect(await probe.look('one.txt')).toMatchObject({ locked: false, unlocked: true });
      expect(await probe.look('summed.txt')).toMatchObject({ locked: false, unlocked: true });
    }, locks);
    await probing(async (probe) => expect(await probe.look('one.txt')).not.toHaveProperty('unlocked'), {
      ...locks,
      bucket: 'plain',
    });
    const allow = (...Action: readonly string[]) =>
      minio.assumeRole({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action, Resource: ['arn:aws:s3:::files', 'arn:aws:s3:::files/*'] }],
      });
    const silent = await allow('s3:ListBucket', 's3:GetObject', 's3:GetObjectRetention');
    await probing(
      async (probe) => {
        // It is held, and the service is silent about that: nothing is concluded.
        expect(await probe.look('held.txt')).toMatchObject({ locked: false });
        expect(await probe.look('held.txt')).not.toHaveProperty('unlocked');
      },
      locks,
      [silent.accessKeyId, silent.secretAccessKey, silent.sessionToken],
    );
  });

  it('of other organizations are never asked for', async () => {
    await probing(async (probe) => {
      for (const key of ['../acme2/secret.txt', '/acme2/secret.txt'])
        expect(await probe.look(key)).toEqual({ is: 'refused' });
      for (const key of ['2/secret.txt', 'acme2/secret.txt']) expect(await probe.look(key)).toEqual({ is: 'missing' });
    });
  });

  it('give their checksum where it is kept, else what they hold is read', async () => {
    const sum = createHash('sha256').update('twelve bytes').digest('hex');
    await probing(
      async (probe) => {
        const summed = (await probe.look('summed.txt')) as FoundFile;
        expect(summed.sha256).toBe(sum);
        const plain = (await probe.look('acme/one.txt')) as FoundFile;
        expect(await probe.checksum('acme/one.txt', { ...plain, sha256: null })).toBe(sum);
        expect(await probe.checksum('acme/one.txt', { ...plain, sha256: null, bytes: 2 ** 40 })).toBeNull();
      },
      { ...OPTIONS, checksums: true },
    );
  });

  it('that may not be asked for are no missing ones', async () => {
    const keys = await minio.assumeRole({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['s3:ListBucket'], Resource: ['arn:aws:s3:::files'] }],
    });
    await probing(
      async (probe) => {
        await expect(probe.look('one.txt')).rejects.toMatchObject({
          reason: 'unauthorized',
          message: expect.not.stringContaining('one.txt'),
          remedy: expect.stringContaining('Allow s3:GetObject on the objects'),
        });
      },
      OPTIONS,
      [keys.accessKeyId, keys.secretAccessKey, keys.sessionToken],
    );
  });
});

describe('objects of a service', () => {
  /** Has an object that is replaced so many times, each time as it is about to be read. */
  async function summing(replacements: number) {
    let version = 0;
    await using server = await scriptedServer(({ method, headers }, response) => {
      const etag = `"v${version}"`;
      if (method === 'HEAD') {
        if (version < replacements) version += 1;
        return void response.writeHead(200, { 'Content-Length': '2', ETag: etag }).end();
      }
      if (headers['if-match'] !== etag) {
        return void response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
      }
      return void response.writeHead(200, { ETag: etag }).end(etag.slice(1, 3));
    });
    const client = readClient(server.address, ['a', 'b']);
    try {
      const probe = s3FileProbe(client, OPTIONS);
      return await probe.checksum('one.txt', (await probe.look('one.txt')) as FoundFile);
    } finally {
      client.close();
    }
  }

  it('that are replaced while they are looked at are read as what took their place, and no other', async () => {
    const sum = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(await summing(0)).toBe(sum('v0'));
    expect(await summing(1)).toBe(sum('v1'));
    await expect(summing(5)).rejects.toMatchObject({
      reason: 'malformed',
      message: expect.stringContaining('was replaced while it was read'),
    });
  });

  it.each([
    ['COMPLETED', true],
    ['COMPLETE', true],
    ['FAILED', false],
    ['PENDING', null],
    ['REPLICA', null],
  ])('that are copied are %s', async (status, copied) => {
    await using server = await scriptedServer(
      (_request, response) =>
        void response.writeHead(200, { 'Content-Length': '3', 'x-amz-replication-status': status }).end(),
    );
    const client = readClient(server.address, ['a', 'b']);
    expect(await s3FileProbe(client, OPTIONS).look('one.txt')).toMatchObject({ is: 'found', bytes: 3, copied });
    client.close();
    expect(server.seen.every(({ method }) => method === 'HEAD')).toBe(true);
  });
});

describe.skipIf(versitygwUnavailable())('an object in a bucket of versitygw with a default lock', () => {
  it('is not said to be unlocked: it cannot be deleted, and has no lock of its own', async () => {
    await using gateway = await startVersitygw();
    const root = gateway.client();
    const place = { Bucket: 'locking', Key: 'acme/one.txt' };
    await root.send(new CreateBucketCommand({ Bucket: place.Bucket, ObjectLockEnabledForBucket: true }));
    await root.send(
      new PutObjectLockConfigurationCommand({
        Bucket: place.Bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } },
        },
      }),
    );
    const { VersionId } = await root.send(new PutObjectCommand({ ...place, Body: 'one' }));
    const { accessKeyId, secretAccessKey } = gateway.rootCredentials;
    const client = readClient(gateway.endpoint, [accessKeyId, secretAccessKey]);
    const options = { ...OPTIONS, bucket: place.Bucket, prefix: 'acme/', locks: true };
    const found = await s3FileProbe(client, options).look('one.txt');
    expect(found).toMatchObject({ is: 'found', locked: false });
    expect(found).not.toHaveProperty('unlocked');
    await expect(root.send(new DeleteObjectCommand({ ...place, VersionId }))).rejects.toThrow(/lock/);
    client.close();
    root.destroy();
  });
});

it.each([
  ['GLACIER', {}, true],
  ['DEEP_ARCHIVE', { 'x-amz-restore': 'ongoing-request="true"' }, true],
  ['GLACIER', { 'x-amz-restore': 'ongoing-request="false", expiry-date="Fri, 21 Dec 2029 00:00:00 GMT"' }, undefined],
  ['GLACIER_IR', {}, undefined],
  ['INTELLIGENT_TIERING', {}, undefined],
  ['INTELLIGENT_TIERING', { 'x-amz-archive-status': 'ARCHIVE_ACCESS' }, true],
])('an object of class %s with %j lies in an archive: %s', async (storageClass, headers, archived) => {
  await using server = await scriptedServer(
    (_request, response) =>
      void response.writeHead(200, { 'Content-Length': '3', 'x-amz-storage-class': storageClass, ...headers }).end(),
  );
  const client = readClient(server.address, ['a', 'b']);
  const probe = s3FileProbe(client, { ...OPTIONS, checksums: true });
  const found = (await probe.look('one.txt')) as FoundFile;
  expect(found.archived).toBe(archived);
  // What lies in an archive is not asked for: the service would refuse it.
  if (archived === true) expect(await probe.checksum('one.txt', found)).toBeNull();
  client.close();
  expect(server.seen.every(({ method }) => method === 'HEAD')).toBe(true);
});

it('the checksum of an object is of the bytes that lie there, whatever the service keeps of what was written', async () => {
  const written = Buffer.from('what was written');
  await using server = await summedBucket({ 'acme/one.txt': { body: flipped(written), sums: fullCrc32(written) } });
  const client = readClient(server.address);
  const probe = s3FileProbe(client, { ...OPTIONS, checksums: true });
  const found = await probe.look('one.txt');
  expect(found).toMatchObject({ is: 'found', sha256: null });
  if (found.is === 'found') expect(await probe.checksum('one.txt', found)).toBe(sha256Of(flipped(written), 'hex'));
  client.close();
});
