import { createHash } from 'node:crypto';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/model/facts.ts';
import { HOUR, toInstant } from '../../../src/model/instant.ts';
import { evidence, TENANT_STORE } from '../../evaluate/fixture.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../../services/minio.ts';
import { bucketBinding, storeCollection } from '../stores/store-collection.ts';
import { foundIn, storeOf } from './copied-store.ts';

const SUM = createHash('sha256').update('hello').digest('hex');

describe.skipIf(minioUnavailable())('drawn files in buckets that follow the store, on MinIO', () => {
  let minio: MinioServer;

  beforeAll(async () => {
    minio = await startMinio();
    const root = minio.client();
    for (const Bucket of ['live', 'replica', 'mirror', 'closed']) await root.send(new CreateBucketCommand({ Bucket }));
    for (const Bucket of ['replica', 'mirror']) {
      for (const name of ['one', 'two', 'images/three']) {
        await root.send(new PutObjectCommand({ Bucket, Key: `acme/${name}.txt`, Body: 'hello' }));
      }
      await root.send(new PutObjectCommand({ Bucket, Key: 'beta/secret.txt', Body: 'hello' }));
    }
    await root.send(new DeleteObjectCommand({ Bucket: 'mirror', Key: 'acme/two.txt' }));
    root.destroy();
  });

  afterAll(() => minio?.[Symbol.asyncDispose]());

  const entry = (bucket: string, more: object = {}) => ({
    bucket,
    endpoint: minio.endpoint,
    forcePathStyle: true,
    accessKeyId: `file:${minio.rootCredentials.accessKeyId}`,
    secretAccessKey: `file:${minio.rootCredentials.secretAccessKey}`,
    ...more,
  });

  /** What is found in the buckets that these rules and entries name. */
  const look = (
    rows: Parameters<typeof storeOf>[1],
    {
      rules = [],
      entries = [],
      live = {},
      more = {},
    }: {
      rules?: readonly Partial<Facts['store-replication']>[];
      entries?: readonly object[];
      live?: object;
      more?: object;
    },
  ) => {
    const collection = storeCollection({ s3: [entry('live', live), ...entries] }, more);
    const binding = { ...bucketBinding('live', minio.endpoint, 'acme'), bindingId: TENANT_STORE.key };
    const told = evidence('store-replication', TENANT_STORE, rules);
    return foundIn(collection, [], storeOf(binding, rows), [told]);
  };
  const toReplica = { enabled: true, prefix: '', destination: 'arn:aws:s3:::replica' };

  it('are asked for in the destination of rules, by keys from the prefix on or in full', async () => {
    const rows = [
      { key: 'one.txt' },
      { key: 'acme/two.txt' },
      { key: 'lost.txt' },
      { key: 'one.txt/../../beta/secret.txt' },
    ];
    const [found] = await look(rows, { rules: [toReplica], entries: [entry('replica')] });
    expect(found).toMatchObject({
      location: 'replica',
      method: 'replica',
      expected: 4,
      found: 2,
      missing: 1,
      refused: 1,
      unchecked: 0,
    });
  });

  it('are not expected within the time that replication may take, nor where no rule covers them', async () => {
    const young = { key: 'lost.txt', createdAt: toInstant(Date.now() - 3 * HOUR) };
    const rules = [{ ...toReplica, prefix: 'acme/images/' }];
    const entries = [entry('replica')];
    expect(await look([{ key: 'one.txt' }, young], { rules: [toReplica], entries })).toMatchObject([
      { drawn: 2, expected: 1, found: 1, missing: 0 },
    ]);
    expect(await look([{ key: 'lost.txt' }, { key: 'images/three.txt' }], { rules, entries })).toMatchObject([
      { drawn: 2, expected: 1, found: 1 },
    ]);
  });

  it('are not asked for where rules are off or concern tagged objects only', async () => {
    const rules = [
      { ...toReplica, enabled: false },
      { ...toReplica, byTag: true },
    ];
    expect(await look([{ key: 'one.txt' }], { rules, entries: [entry('replica')] })).toEqual([]);
  });

  it('are asked for in a stated mirror, which may be as old as copies of files may be', async () => {
    const young = { key: 'lost.txt', createdAt: toInstant(Date.now() - 20 * HOUR) };
    const rows = [{ key: 'one.txt' }, { key: 'two.txt' }, young];
    const [found] = await look(rows, { live: { mirrors: ['mirror'] }, entries: [entry('mirror')] });
    expect(found).toMatchObject({ location: 'mirror', method: 'mirror', drawn: 3, expected: 2, found: 1, missing: 1 });
  });

  it('are compared by checksum where that is asked for', async () => {
    const rows = [
      { key: 'one.txt', sha256: SUM },
      { key: 'two.txt', sha256: 'c'.repeat(64) },
    ];
    const more = { collect: { fileSample: { checksums: true } } };
    expect(await look(rows, { rules: [toReplica], entries: [entry('replica')], more })).toMatchObject([
      { found: 1, checksumDiffers: 1, checksumsCompared: 2 },
    ]);
  });

  it('are a blind spot where the bucket is not configured, or the credentials are refused', async () => {
    const rows = [{ key: 'one.txt' }, { key: 'two.txt' }];
    const elsewhere = { ...toReplica, destination: 'arn:minio:replication::id:replica' };
    expect(await look(rows, { rules: [elsewhere] })).toEqual(['not-asked']);
    const keys = await minio.assumeRole({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['s3:ListBucket'], Resource: ['arn:aws:s3:::replica'] }],
    });
    const denied = entry('replica', {
      accessKeyId: `file:${keys.accessKeyId}`,
      secretAccessKey: `file:${keys.secretAccessKey}`,
      sessionToken: `file:${keys.sessionToken}`,
    });
    const told = await look(rows, { rules: [toReplica], entries: [denied] });
    expect(told).toEqual(['unauthorized', expect.objectContaining({ found: 0, missing: 0, unchecked: 2 })]);
  });
});
