import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutBucketEncryptionCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { holdersOfStored, locationCustody } from '../../src/collect/custody.ts';
import type { Collection, Estate, OpenLocation, OpenProvider } from '../../src/collect/estate.ts';
import { createKmsClient } from '../../src/collect/keys/kms-client.ts';
import { kmsKeyProvider } from '../../src/collect/keys/kms-key-provider.ts';
import { providerCustody } from '../../src/collect/keys/seal-custody.ts';
import { locationLockEvidence } from '../../src/collect/location-locks.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { Secret } from '../../src/model/secret.ts';
import { LOCATION, PROVIDER } from '../evaluate/fixture.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../services/moto.ts';
import { readClient } from './trees/read-client.ts';

const signal = new AbortController().signal;
const HOST = 'install-1';

function collectionOf(locations: readonly object[] = [], collectorRunsHere = true): Collection {
  const config = { install: { host: HOST, collectorRunsHere }, locations };
  return { config, asker: createAsker(systemClock, [], signal), signal } as unknown as Collection;
}

function open(config: object, bucket: OpenLocation['bucket'] = null): OpenLocation {
  const full = { name: 'dumps', kind: 'directory', path: '/backups', purposes: ['dumps'], ...config };
  return { config: full, subject: LOCATION, tree: null, blindSpot: null, bucket } as unknown as OpenLocation;
}

const NO_PROVIDERS = { providers: new Map() } as unknown as Estate;

function needsOf(record: AnyEvidence) {
  return record.kind === 'custody' ? record.items[0]?.needs : undefined;
}

async function needsIn(config: object, collection = collectionOf(), estate = NO_PROVIDERS) {
  const location = open(config);
  const [, , encryption] = await locationLockEvidence(collection, location);
  return needsOf(locationCustody(collection, estate, location, encryption));
}

const NOWHERE = { key: null, account: null, region: null };

describe('what opens what lies in a location', () => {
  it('is nothing of a directory of which nothing is stated', async () => {
    expect(await needsIn({})).toEqual([]);
  });

  it('wraps a key of each object in a bucket of single files, and in nothing else', () => {
    const needs = (config: object) => {
      const location = open({ encryptedBy: { provider: 'vault-1', key: 'k' }, ...config });
      return needsOf(locationCustody(collectionOf(), NO_PROVIDERS, location, undefined)) ?? [];
    };
    expect(needs({ kind: 's3', purposes: ['dumps', 'vault-snapshots'] })[0]).toMatchObject({ perObject: true });
    expect(needs({ kind: 's3', purposes: ['dumps', 'restic'] })[0]).not.toHaveProperty('perObject');
    expect(needs({})[0]).not.toHaveProperty('perObject');
  });

  it('is what the configuration states, which is then of grade declared', () => {
    const location = open({
      encryptedBy: { provider: 'vault-1', key: 'k' },
      passphraseKeptIn: [{ provider: 'vault-1' }, { location: 'sets' }, { host: HOST }, { outside: 'a safe' }],
    });
    const record = locationCustody(collectionOf(), NO_PROVIDERS, location, undefined);
    expect(record.grade).toBe('declared');
    expect(needsOf(record)).toEqual([
      {
        what: 'encryption-key',
        origin: 'stated',
        heldBy: [{ ...NOWHERE, kind: 'provider', name: 'vault-1', key: 'k' }],
      },
      {
        what: 'passphrase',
        origin: 'stated',
        heldBy: [
          { ...NOWHERE, kind: 'provider', name: 'vault-1' },
          { ...NOWHERE, kind: 'location', name: 'sets' },
          { ...NOWHERE, kind: 'host', name: HOST },
          { ...NOWHERE, kind: 'outside', name: 'a safe' },
        ],
      },
    ]);
  });

  it.each([
    ['an encrypted repository of pgBackRest', { pgbackrest: { passphrase: 'env:PASS' } }],
    ['one of restic, which is always encrypted', { purposes: ['restic'] }],
    ['one of Borg', { borg: { passphrase: 'env:PASS' } }],
  ])('is a passphrase that nobody is known to have: %s', async (_, config) => {
    expect(await needsIn(config)).toEqual([{ what: 'passphrase', origin: 'observed', heldBy: [] }]);
  });

  it('is a passphrase in a file, which lies on the host or openly in a location', async () => {
    const file = join(tmpdir(), 'passphrase');
    const reference = { pgbackrest: { passphrase: `file:${file}` } };
    const held = (kind: string, name: string) => [
      { what: 'passphrase', origin: 'observed', heldBy: [{ ...NOWHERE, kind, name }] },
    ];
    const inside = collectionOf([{ name: 'sets', kind: 'directory', path: tmpdir() }]);
    expect(await needsIn(reference, inside)).toEqual(held('place', 'sets'));
    const elsewhere = collectionOf([], false);
    expect(await needsIn(reference, elsewhere)).toEqual([{ what: 'passphrase', origin: 'observed', heldBy: [] }]);
  });
});

describe('what unseals a Vault', () => {
  const vault = (config: object, sealKeyIds: readonly (string | null)[] = [], mountUuids = ['mount-1']) =>
    ({
      config: { id: 'vault-1', kind: 'vault-transit', ...config },
      provider: { locator: 'Vault', mountUuid: () => 'mount-1' },
      snapshots: [
        {
          found: {
            snapshots: sealKeyIds.map((sealKeyId, index) => ({
              fact: { sealKeyId, mountUuids, takenAt: `2026-11-0${index + 1}T00:00:00.000Z` },
            })),
          },
        },
      ],
    }) as unknown as OpenProvider;
  const needs = (one: OpenProvider) => needsOf(providerCustody(collectionOf(), NO_PROVIDERS, PROVIDER, one));

  it('is stated, or told by the newest snapshot that names a key of KMS', () => {
    expect(needs(vault({ seal: { provider: 'vault-2' } }))).toMatchObject([
      { what: 'unseal-key', origin: 'stated', heldBy: [{ kind: 'provider', name: 'vault-2', key: null }] },
    ]);
    const arn = (id: number) => `arn:aws:kms:eu-central-1:111122223333:key/${id}`;
    expect(needs(vault({}, [arn(1), arn(2), 'v1', null]))).toMatchObject([
      {
        origin: 'observed',
        heldBy: [{ kind: 'service', key: arn(2), account: '111122223333', region: 'eu-central-1' }],
      },
    ]);
    expect(needs(vault({ seal: { outside: 'HCP Vault' } }))).toMatchObject([
      { heldBy: [{ kind: 'outside', name: 'HCP Vault', key: null }] },
    ]);
    expect(needs(vault({}, ['v1']))).toEqual([]);
    // Another Vault keeps its snapshots in the same place.
    expect(needs(vault({}, [arn(1)], ['mount-2']))).toEqual([]);
  });
});

describe.skipIf(motoUnavailable())('a bucket that a key of KMS encrypts, as moto plays both', () => {
  let moto: MotoServer;
  let arn = '';

  beforeAll(async () => {
    moto = await startMoto();
    const access = {
      region: moto.region,
      endpoint: moto.endpoint,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    };
    const kms = new KMSClient(access);
    const s3 = new S3Client({ ...access, forcePathStyle: true });
    arn = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    const encrypted = async (bucket: string, rule: object) => {
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      await s3.send(
        new PutBucketEncryptionCommand({
          Bucket: bucket,
          ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: rule as never }] },
        }),
      );
    };
    await encrypted('by-key', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn });
    await encrypted('by-server', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'k1' });
    await encrypted('by-itself', { SSEAlgorithm: 'AES256' });
    kms.destroy();
    s3.destroy();
  });
  afterAll(() => moto?.[Symbol.asyncDispose]());

  async function ask(bucket: string, estate: Estate = NO_PROVIDERS, stated: object = {}) {
    const client = readClient(moto.endpoint, ['id', 'secret']);
    const config = { kind: 's3', bucket, prefix: '', region: moto.region, endpoint: moto.endpoint, ...stated };
    try {
      const location = open(config, { client, name: bucket, prefix: '' });
      const records = await locationLockEvidence(collectionOf(), location);
      const encryption = records.find(({ kind }) => kind === 'store-encryption');
      return locationCustody(collectionOf(), estate, location, encryption);
    } finally {
      client.close();
    }
  }

  it('needs the provider that answers for the account and region of the key', async () => {
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
    const estate = {
      providers: new Map([['kms-main', { config: { id: 'kms-main', kind: 'aws-kms' }, provider, snapshots: [] }]]),
    } as unknown as Estate;
    expect(needsOf(await ask('by-key', estate))).toEqual([
      {
        what: 'encryption-key',
        origin: 'observed',
        heldBy: [{ ...NOWHERE, kind: 'provider', name: 'kms-main', key: arn }],
      },
    ]);
    client.close();
  });

  it('needs the service itself where no provider of the configuration is there', async () => {
    expect(needsOf(await ask('by-key'))).toMatchObject([
      { heldBy: [{ kind: 'service', name: 'AWS KMS', key: arn, account: '123456789012', region: 'us-east-1' }] },
    ]);
  });

  it('needs a key that nobody tells of at a service with a key server of its own, unless it is stated', async () => {
    expect(needsOf(await ask('by-server'))).toEqual([{ what: 'encryption-key', origin: 'observed', heldBy: [] }]);
    expect(needsOf(await ask('by-server', NO_PROVIDERS, { encryptedBy: { provider: 'vault-1' } }))).toMatchObject([
      { origin: 'stated', heldBy: [{ kind: 'provider', name: 'vault-1' }] },
    ]);
  });

  it('needs nothing where the service encrypts by itself, and is blind where the bucket does not tell', async () => {
    expect(needsOf(await ask('by-itself'))).toEqual([]);
    expect((await ask('missing')).blindSpot?.reason).toBeDefined();
  });
});

it("Amazon's own key for S3 is needed by none, by whichever name the bucket tells it", () => {
  const held = (key: string | null, endpoint?: string) =>
    holdersOfStored(
      NO_PROVIDERS,
      { kind: 's3', region: 'eu-central-1', endpoint } as unknown as Parameters<typeof holdersOfStored>[1],
      { algorithm: 'aws:kms', key },
    );
  expect(held(null)).toBeNull();
  expect(held('alias/aws/s3')).toBeNull();
  expect(held('arn:aws:kms:eu-central-1:111122223333:alias/aws/s3')).toBeNull();
  expect(held('alias/files')).toMatchObject([{ kind: 'service', key: 'alias/files' }]);
  expect(held('alias/aws/s3', 'https://minio.example.net')).toEqual([]);
});
