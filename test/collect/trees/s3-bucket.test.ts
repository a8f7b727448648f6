import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDumpFile } from '../../../src/collect/formats/pg-dump/read-dump.ts';
import { ForbiddenRequestError } from '../../../src/collect/guard/forbidden-request-error.ts';
import { filesBelow } from '../../../src/collect/trees/artifact-tree.ts';
import { s3BucketTree } from '../../../src/collect/trees/s3-bucket.ts';
import type { S3ReadClient } from '../../../src/collect/trees/s3-client.ts';
import { s3ReadPolicy } from '../../../src/collect/trees/s3-operations.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../../services/minio.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../../services/moto.ts';
import { fixture } from '../formats/pg-dump/fixtures.ts';
import { collected } from './collected.ts';
import { readClient } from './read-client.ts';

const signal = new AbortController().signal;
const PATHS = ['a b+c.dump', 'ä.dump', 'deep/er/x'];
/** moto cannot store these. The last two hold characters that XML cannot. */
const ODD_PATHS = ['a%20b', 'c\n"<&>', 'e\u0001f', 'g\ufffe'];

async function fill(client: S3Client, paths: readonly string[]): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket: 'backups' }));
  for (const Key of [...paths.map((path) => `pg/${path}`), 'other/y'])
    await client.send(new PutObjectCommand({ Bucket: 'backups', Key, Body: Key }));
  await client.send(new PutObjectCommand({ Bucket: 'backups', Key: 'pg/folder/', Body: new Uint8Array(0) }));
  await client.send(new PutObjectCommand({ Bucket: 'backups', Key: 'pg/tiny', Body: fixture('pg15-custom.dump') }));
}

/** What holds for every server. */
async function expectTreeToRead(client: S3ReadClient, paths: readonly string[]): Promise<void> {
  const tree = s3BucketTree({ client, bucket: 'backups', prefix: 'pg/' });
  expect(tree.locator).toBe('s3://backups/pg/');
  const files = await collected(tree.list(signal));
  expect(files.map(({ path }) => path).toSorted()).toEqual([...paths, 'tiny'].toSorted());
  const below = await filesBelow(tree, 'deep/er', signal);
  expect(below.map(({ path }) => path)).toEqual(paths.filter((path) => path.startsWith('deep/er/')));
  expect(await filesBelow(tree, 'deep/e', signal)).toEqual([]);
  for (const { path, bytes, modifiedAt } of files) {
    expect(Math.abs(Date.parse(modifiedAt) - Date.now())).toBeLessThan(600_000);
    const reader = await tree.open(path, signal);
    expect(reader.bytes).toBe(bytes);
    const whole = Buffer.concat(await collected(reader.stream()));
    expect(whole.length).toBe(bytes);
    expect(Buffer.from(await reader.read(2, 3)).equals(whole.subarray(2, 5))).toBe(true);
    expect(Buffer.from(await reader.read(bytes - 1, 100)).equals(whole.subarray(-1))).toBe(true);
    expect(await reader.read(bytes + 5, 10)).toHaveLength(0);
    expect(Buffer.concat(await collected(reader.stream(1))).equals(whole.subarray(1))).toBe(true);
    await reader.close();
  }
  const dump = await tree.open('tiny', signal);
  for (const depth of ['structure', 'full'] as const) {
    const recognition = await readDumpFile(dump, { depth, signal });
    expect(recognition).toMatchObject({ reading: { databaseOid: 16437, integrity: { state: 'complete' } } });
  }
  for await (const chunk of dump.stream()) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  await expect(tree.open('none', signal)).rejects.toMatchObject({ reason: 'unreachable' });
  expect(Math.abs(client.lastClockOffsetMillis() ?? Number.NaN)).toBeLessThan(3000);
}

const noMoto = motoUnavailable();
describe.skipIf(noMoto)(`a bucket of moto${noMoto === null ? '' : ` (${noMoto})`}`, () => {
  let moto: MotoServer;
  let writer: S3Client;
  let client: S3ReadClient;
  beforeAll(async () => {
    moto = await startMoto();
    writer = new S3Client({
      endpoint: moto.endpoint,
      region: moto.region,
      forcePathStyle: true,
      credentials: { accessKeyId: 'test', secretAccessKey: 'testtest' },
    });
    await fill(writer, PATHS);
    client = readClient(moto.endpoint);
  }, 120_000);
  afterAll(async () => {
    client?.close();
    writer?.destroy();
    await moto?.[Symbol.asyncDispose]();
  });

  it('is listed and read', () => expectTreeToRead(client, PATHS));

  it('sees none of what is not on the allow-list', async () => {
    const calls = await moto.recordCalls(async () => {
      const put = new PutObjectCommand({ Bucket: 'backups', Key: 'x', Body: 'x' });
      const remove = new DeleteObjectCommand({ Bucket: 'backups', Key: 'x' });
      const settle = { Bucket: 'backups', VersioningConfiguration: { Status: 'Suspended' } } as const;
      await expect(client.send(put)).rejects.toThrow(ForbiddenRequestError);
      await expect(client.send(remove)).rejects.toThrow(ForbiddenRequestError);
      await expect(client.send(new PutBucketVersioningCommand(settle))).rejects.toThrow(ForbiddenRequestError);
      await client.send(new GetBucketVersioningCommand({ Bucket: 'backups' }));
    });
    expect(calls.map(({ operation }) => operation)).toEqual(['GET /backups/?versioning']);
  });

  it('tells which objects must be restored before they can be read', async () => {
    for (const StorageClass of ['GLACIER', 'DEEP_ARCHIVE', 'STANDARD_IA', 'GLACIER_IR'] as const) {
      await writer.send(
        new PutObjectCommand({ Bucket: 'backups', Key: `cold/${StorageClass}`, Body: 'x', StorageClass }),
      );
    }
    const files = await collected(s3BucketTree({ client, bucket: 'backups', prefix: 'cold/' }).list(signal));
    expect(Object.fromEntries(files.map(({ path, archivedIn }) => [path, archivedIn]))).toEqual({
      GLACIER: 'GLACIER',
      DEEP_ARCHIVE: 'DEEP_ARCHIVE',
      STANDARD_IA: undefined,
      GLACIER_IR: undefined,
    });
  });

  it('does not mix two versions of an object', async () => {
    const tree = s3BucketTree({ client, bucket: 'backups', prefix: '' });
    const reader = await tree.open('other/y', signal);
    await writer.send(new PutObjectCommand({ Bucket: 'backups', Key: 'other/y', Body: 'another' }));
    await expect(reader.read(0, 3)).rejects.toMatchObject({ reason: 'malformed' });
  });

  it('that does not exist is no empty one', async () => {
    const tree = s3BucketTree({ client, bucket: 'absent', prefix: '' });
    await expect(collected(tree.list(signal))).rejects.toMatchObject({ reason: 'unreachable' });
    const stopped = collected(tree.list(AbortSignal.abort()));
    await expect(stopped).rejects.toMatchObject({ reason: 'not-asked' });
  });
});

const noMinio = minioUnavailable();
describe.skipIf(noMinio)(`a bucket of MinIO${noMinio === null ? '' : ` (${noMinio})`}`, () => {
  let minio: MinioServer;
  beforeAll(async () => {
    minio = await startMinio();
    const root = minio.client();
    await fill(root, [...PATHS, ...ODD_PATHS]);
    root.destroy();
  }, 120_000);
  afterAll(async () => {
    await minio?.[Symbol.asyncDispose]();
  });

  it('is listed and read with the rights of the policy, and no others', async () => {
    const policy: object = JSON.parse(s3ReadPolicy('backups', 'pg/', 'copies'));
    const { accessKeyId, secretAccessKey, sessionToken } = await minio.assumeRole(policy);
    const client = readClient(minio.endpoint, [accessKeyId, secretAccessKey, sessionToken]);
    await expectTreeToRead(client, [...PATHS, ...ODD_PATHS]);
    const beyond = s3BucketTree({ client, bucket: 'backups', prefix: 'other/' });
    const without = (action: string) => ({
      reason: 'unauthorized',
      remedy: expect.stringContaining(`Allow ${action} `),
    });
    await expect(collected(beyond.list(signal))).rejects.toMatchObject(without('s3:ListBucket'));
    await expect(beyond.open('y', signal)).rejects.toMatchObject(without('s3:GetObject'));
    client.close();
    const calls = await minio.calls(accessKeyId);
    expect(calls.length).toBeGreaterThan(10);
    for (const { api } of calls) expect(api).toMatch(/^(?:Get|Head|List)/);
  });

  it('refuses unknown keys', async () => {
    const client = readClient(minio.endpoint, ['nobody', 'nothingatall']);
    const tree = s3BucketTree({ client, bucket: 'backups', prefix: '' });
    await expect(collected(tree.list(signal))).rejects.toMatchObject({ reason: 'unauthorized' });
    client.close();
  });
});
