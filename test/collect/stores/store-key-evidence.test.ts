import { CreateKeyCommand, DisableKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutBucketEncryptionCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Estate } from '../../../src/collect/estate.ts';
import { createKmsClient } from '../../../src/collect/keys/kms-client.ts';
import { kmsKeyProvider } from '../../../src/collect/keys/kms-key-provider.ts';
import { bucketEvidence } from '../../../src/collect/stores/bucket-evidence.ts';
import { Secret } from '../../../src/model/secret.ts';
import { TENANT_STORE } from '../../evaluate/fixture.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../../services/moto.ts';
import { bucketBinding, emptyPart, NO_ESTATE, storeCollection, toldBy } from './store-collection.ts';

/** The id in an ARN: moto deletes by no other name. */
const idOf = (arn: string | undefined) => arn?.split('/').at(-1);

interface Told extends Readonly<Record<string, readonly unknown[]>> {
  readonly providersInUse: readonly string[];
}

describe.skipIf(motoUnavailable())('keys of live buckets, as moto plays S3 and KMS', () => {
  let moto: MotoServer;
  let kms: KMSClient;
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    moto = await startMoto();
    const access = {
      region: moto.region,
      endpoint: moto.endpoint,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    };
    kms = new KMSClient(access);
    const s3 = new S3Client({ ...access, forcePathStyle: true });
    const encrypted = async (bucket: string, rule: object) => {
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      await s3.send(
        new PutBucketEncryptionCommand({
          Bucket: bucket,
          ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: rule as never }] },
        }),
      );
    };
    for (const name of ['kept', 'dying', 'disabled']) {
      const arn = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
      keys[name] = arn;
      await encrypted(name, { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn });
    }
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: idOf(keys['dying']), PendingWindowInDays: 7 }));
    await kms.send(new DisableKeyCommand({ KeyId: idOf(keys['disabled']) }));
    keys['gone'] = `${keys['kept']?.slice(0, -12)}000000000000`;
    await encrypted('gone', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keys['gone'] });
    await encrypted('by-itself', { SSEAlgorithm: 'AES256' });
    await encrypted('by-server', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'k1' });
    s3.destroy();
  });

  afterAll(async () => {
    kms?.destroy();
    await moto?.[Symbol.asyncDispose]();
  });

  async function ask(bucket: string, stated: object = {}, withProvider = true): Promise<Told> {
    const secret = new Secret('x');
    const client = createKmsClient({
      region: moto.region,
      endpoint: moto.endpoint,
      stsEndpoint: moto.endpoint,
      accessKeyId: secret,
      secretAccessKey: secret,
      timeoutMillis: 10_000,
    });
    const provider = kmsKeyProvider('kms-main', client);
    await provider.state();
    const open = { config: { id: 'kms-main', kind: 'aws-kms' }, provider, snapshots: [] };
    const providers = new Map(withProvider ? [['kms-main', open]] : []);
    const estate = { ...NO_ESTATE, providers, leanedOnByStores: new Set<string>() } as unknown as Estate;
    const access = { endpoint: moto.endpoint, forcePathStyle: true, accessKeyId: 'file:a', secretAccessKey: 'file:b' };
    const part = emptyPart();
    try {
      const binding = bucketBinding(bucket, moto.endpoint);
      const collection = storeCollection({ s3: [{ ...access, region: moto.region, bucket, ...stated }] });
      await bucketEvidence(collection, estate, part, TENANT_STORE, binding);
      return { ...toldBy(part.evidence), providersInUse: [...estate.leanedOnByStores] };
    } finally {
      client.close();
    }
  }

  it.each([
    ['kept', { state: 'enabled' }],
    ['dying', { state: 'pending-deletion', deletionDate: expect.stringMatching(/^20/) }],
    ['disabled', { state: 'disabled' }],
    ['gone', { state: 'missing' }],
  ])('are asked about in the provider that holds them: %s', async (bucket, state) => {
    const told = await ask(bucket);
    expect(told['custody']).toEqual([
      {
        needs: [
          {
            what: 'encryption-key',
            origin: 'observed',
            heldBy: [{ kind: 'provider', name: 'kms-main', key: keys[bucket], account: null, region: null }],
          },
        ],
      },
    ]);
    expect(told['key-state']).toEqual([expect.objectContaining({ keyRef: keys[bucket], ...state })]);
    expect(told.providersInUse).toEqual(['kms-main']);
  });

  it('are told, and asked about nowhere, where no provider of the configuration holds them', async () => {
    const told = await ask('dying', {}, false);
    expect(told.providersInUse).toEqual([]);
    expect(told['custody']).toMatchObject([
      { needs: [{ heldBy: [{ kind: 'service', name: 'AWS KMS', key: keys['dying'], account: '123456789012' }] }] },
    ]);
    expect(told).not.toHaveProperty('key-state');
  });

  it('are needed by none that its service encrypts by itself, and stated of a key server', async () => {
    expect((await ask('by-itself'))['custody']).toEqual([{ needs: [] }]);
    expect((await ask('by-server'))['custody']).toMatchObject([{ needs: [{ heldBy: [] }] }]);
    const stated = await ask('by-server', { encryptedBy: { provider: 'kms-main', key: keys['disabled'] } });
    expect(stated['custody']).toMatchObject([{ needs: [{ origin: 'stated', heldBy: [{ name: 'kms-main' }] }] }]);
    expect(stated['key-state']).toMatchObject([{ state: 'disabled' }]);
  });

  it('are not told of a bucket that does not answer', async () => {
    expect(await ask('missing')).not.toHaveProperty('custody');
  });
});
