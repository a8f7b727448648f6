import { CreateKeyCommand, DisableKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenProvider } from '../../../src/collect/estate.ts';
import { createKmsClient } from '../../../src/collect/keys/kms-client.ts';
import { kmsKeyProvider } from '../../../src/collect/keys/kms-key-provider.ts';
import { storedKeyStates } from '../../../src/collect/keys/stored-keys.ts';
import { s3FileProbe } from '../../../src/collect/stores/s3-file-probe.ts';
import type { ProviderConfig } from '../../../src/config/provider-schema.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../../services/moto.ts';
import { readClient } from '../trees/read-client.ts';

const idOf = (arn: string) => arn.replace(/^.*\//, '');
const signal = new AbortController().signal;
const credentials = { accessKeyId: 'seed', secretAccessKey: 'seed' };

describe.skipIf(motoUnavailable())('keys that single objects are encrypted with, as moto plays S3 and KMS', () => {
  let moto: MotoServer;
  const keys = { enabled: '', disabled: '', scheduled: '' };
  const cleanup = new AsyncDisposableStack();

  beforeAll(async () => {
    moto = cleanup.use(await startMoto());
    const kms = new KMSClient({ region: moto.region, endpoint: moto.endpoint, credentials });
    const s3 = new S3Client({ region: moto.region, endpoint: moto.endpoint, credentials, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
    for (const name of ['enabled', 'disabled', 'scheduled'] as const) {
      keys[name] = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
      const own = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keys[name] } as const;
      await s3.send(new PutObjectCommand({ Bucket: 'files', Key: name, Body: 'x', ...own }));
    }
    await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'plain', Body: 'x' }));
    await kms.send(new DisableKeyCommand({ KeyId: idOf(keys.disabled) }));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: idOf(keys.scheduled), PendingWindowInDays: 7 }));
    kms.destroy();
    s3.destroy();
  });
  afterAll(() => cleanup.disposeAsync());

  async function opened(region: string): Promise<Pick<OpenProvider, 'config' | 'provider'>> {
    const options = { accessKeyId: new Secret('seed'), secretAccessKey: new Secret('seed'), timeoutMillis: 10_000 };
    const client = createKmsClient({ ...options, region, endpoint: moto.endpoint, stsEndpoint: moto.endpoint });
    cleanup.defer(() => client.close());
    const provider = kmsKeyProvider('kms', client);
    await provider.state();
    const config = { id: 'kms', kind: 'aws-kms', region } as unknown as ProviderConfig;
    return { config, provider };
  }
  const estateOf = (open: Pick<OpenProvider, 'config' | 'provider'>) => ({
    providers: new Map([['kms', { ...open, snapshots: [] }]]),
  });

  it('are told by the objects themselves', async () => {
    const client = readClient(moto.endpoint, ['seed', 'seed']);
    const probe = s3FileProbe(client, { bucket: 'files', prefix: '', checksums: false, timeoutMillis: 10_000, signal });
    expect(await probe.look('disabled')).toMatchObject({ is: 'found', key: keys.disabled });
    expect(await probe.look('plain')).not.toHaveProperty('key');
    client.close();
  });

  it('are asked of the provider of their account and region', async () => {
    const told = await storedKeyStates(estateOf(await opened(moto.region)), Object.values(keys));
    expect(told).toEqual([
      { key: keys.enabled, state: 'enabled', deletionDate: null, because: null },
      { key: keys.disabled, state: 'disabled', deletionDate: null, because: null },
      { key: keys.scheduled, state: 'pending-deletion', deletionDate: expect.stringMatching(/^20/), because: null },
    ]);
  });

  it('of another region or without a provider are not told', async () => {
    const untold = [
      { key: keys.enabled, state: null, deletionDate: null, because: expect.stringContaining('aws-kms') },
    ];
    expect(await storedKeyStates(estateOf(await opened('eu-west-3')), [keys.enabled])).toEqual(untold);
    expect(await storedKeyStates({ providers: new Map() }, [keys.enabled])).toEqual(untold);
  });

  it('of a key server that is none of Amazon are left out', async () => {
    expect(await storedKeyStates(estateOf(await opened(moto.region)), ['minio-key'])).toEqual([]);
  });

  it('that do not exist are told to be missing', async () => {
    const gone = keys.enabled.replace(/[0-9a-f-]{36}$/, '00000000-0000-4000-8000-000000000000');
    const told = await storedKeyStates(estateOf(await opened(moto.region)), [gone]);
    expect(told).toMatchObject([{ key: gone, state: 'missing' }]);
  });
});
