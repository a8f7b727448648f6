import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArtifactTree } from '../../../../src/collect/trees/artifact-tree.ts';
import { s3BucketTree } from '../../../../src/collect/trees/s3-bucket.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../../../services/minio.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { readClient } from '../../trees/read-client.ts';
import { audit } from './audited-location.ts';

const PIPED = readFileSync(join(import.meta.dirname, '../../../fixtures/dumps/pg15-custom-pipe.dump'));
const FLIPPED = Buffer.from(PIPED);
FLIPPED.writeUInt8(FLIPPED.readUInt8(FLIPPED.length - 10) ^ 0x55, FLIPPED.length - 10);

describe.skipIf(minioUnavailable())('verifications of a bucket', () => {
  let minio: MinioServer;
  beforeAll(async () => {
    minio = await startMinio();
  });
  afterAll(() => minio?.[Symbol.asyncDispose]());

  it('hold while size, time and entity tag stay, and no longer', async () => {
    using scratch = scratchDirectory('bucket-verifications');
    const writer = minio.client();
    const put = (Body: Uint8Array) =>
      writer.send(new PutObjectCommand({ Bucket: 'backups', Key: 'pg/tiny.dump', Body }));
    await writer.send(new CreateBucketCommand({ Bucket: 'backups' }));
    await put(PIPED);
    const client = readClient(minio.endpoint, [
      minio.rootCredentials.accessKeyId,
      minio.rootCredentials.secretAccessKey,
    ]);
    const bucket = s3BucketTree({ client, bucket: 'backups', prefix: 'pg/' });
    /** As it would be if the clock of the service told one time for all: the entity tag alone differs. */
    const tree: ArtifactTree = {
      ...bucket,
      async *list(signal) {
        for await (const file of bucket.list(signal)) yield { ...file, modifiedAt: '2026-11-22T02:10:00.000Z' };
      },
    };
    const run = (options: { readonly tree: ArtifactTree }) => audit({ directory: scratch.path, ...options });
    expect((await run({ tree })).read).toEqual(['tiny.dump']);
    const again = await run({ tree });
    expect(again.read).toEqual([]);
    expect(again.copies.get('tiny.dump')).toMatchObject({ integrity: 'complete', readToEnd: true });
    await put(PIPED);
    expect((await run({ tree })).read).toEqual([]);
    await put(FLIPPED);
    const changed = await run({ tree });
    expect(changed.read).toEqual(['tiny.dump']);
    expect(changed.copies.get('tiny.dump')?.integrity).toBe('incomplete');
    // Another time is another identity, whatever the tag.
    await put(PIPED);
    expect((await run({ tree: bucket })).read).toEqual(['tiny.dump']);
    expect((await run({ tree: bucket })).read).toEqual([]);
    writer.destroy();
    client.close();
  });
});
