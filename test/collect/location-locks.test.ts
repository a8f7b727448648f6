import {
  CreateBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import type { Collection, OpenLocation } from '../../src/collect/estate.ts';
import { locationLockEvidence } from '../../src/collect/location-locks.ts';
import { s3BucketTree } from '../../src/collect/trees/s3-bucket.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { LOCATION } from '../evaluate/fixture.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../services/minio.ts';
import { readClient } from './trees/read-client.ts';

const signal = new AbortController().signal;
const collection = { asker: createAsker(systemClock, [], signal), signal } as unknown as Collection;

function location(config: object, bucket: OpenLocation['bucket'] = null): OpenLocation {
  const open = { config: { name: 'dumps', ...config }, subject: LOCATION, tree: null, blindSpot: null, bucket };
  return { ...open, clockOffsetMillis: () => null } as unknown as OpenLocation;
}

/** What is told by kind of fact: the item, or the reason of the blind spot. */
function told(records: readonly AnyEvidence[]): Record<string, unknown> {
  return Object.fromEntries(records.map((record) => [record.kind, record.blindSpot?.reason ?? record.items[0]]));
}

const NO_LOCK = { enabled: false, mode: null, days: null };

it('a directory keeps no versions, locks nothing and tells nothing of its disks', async () => {
  const records = await locationLockEvidence(collection, location({ kind: 'directory', path: '/backups' }));
  expect(told(records)).toEqual({
    'store-versioning': { state: 'off' },
    'store-object-lock': NO_LOCK,
    'store-encryption': { byDefault: 'not-told', algorithm: null },
  });
  expect(records.every(({ subject, grade }) => subject === LOCATION && grade === 'observed')).toBe(true);
});

it('a bucket that could not be opened tells neither', async () => {
  const blindSpot = { reason: 'unauthorized', detail: 'no such secret', remedy: 'Set it.' } as const;
  const closed = { ...location({ kind: 's3', bucket: 'b', prefix: '' }), blindSpot };
  const unopened = await locationLockEvidence(collection, closed);
  expect(told(unopened)).toEqual({
    'store-versioning': 'unauthorized',
    'store-object-lock': 'unauthorized',
    'store-encryption': 'unauthorized',
    'store-lifecycle': 'unauthorized',
  });
});

describe.skipIf(minioUnavailable())('a bucket on MinIO', () => {
  let minio: MinioServer;

  beforeAll(async () => {
    minio = await startMinio();
    const root = minio.client();
    await root.send(new CreateBucketCommand({ Bucket: 'plain' }));
    await root.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }));
    const rule = { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } } as const;
    await root.send(
      new PutObjectLockConfigurationCommand({
        Bucket: 'locked',
        ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: rule },
      }),
    );
    root.destroy();
  });

  afterAll(() => minio?.[Symbol.asyncDispose]());

  async function ask(bucket: string, keys: readonly string[]) {
    const client = readClient(minio.endpoint, keys);
    const config = { kind: 's3', bucket, prefix: 'dumps/' };
    try {
      return told(await locationLockEvidence(collection, location(config, { client, name: bucket, prefix: 'dumps/' })));
    } finally {
      client.close();
    }
  }

  it('tells its versions and its default lock', async () => {
    const { accessKeyId, secretAccessKey } = minio.rootCredentials;
    expect(await ask('locked', [accessKeyId, secretAccessKey])).toEqual({
      'store-versioning': { state: 'enabled' },
      'store-object-lock': { enabled: true, mode: 'GOVERNANCE', days: 30 },
      'store-encryption': { byDefault: 'no', algorithm: null },
    });
    expect(await ask('plain', [accessKeyId, secretAccessKey])).toEqual({
      'store-versioning': { state: 'off' },
      'store-object-lock': NO_LOCK,
      'store-encryption': { byDefault: 'no', algorithm: null },
    });
  });

  it('tells what objects there say of their own locks, as those from before the default have none', async () => {
    const root = minio.client();
    const Bucket = 'late';
    await root.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
    await root.send(new PutObjectCommand({ Bucket, Key: 'dumps/old.dump', Body: 'old' }));
    const rule = { DefaultRetention: { Mode: 'COMPLIANCE', Days: 40 } } as const;
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: rule } as const;
    await root.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
    const { accessKeyId, secretAccessKey } = minio.rootCredentials;
    const seenBy = async (keys: readonly string[]) => {
      const client = readClient(minio.endpoint, keys);
      const tree = s3BucketTree({ client, bucket: Bucket, prefix: 'dumps/' });
      const config = { kind: 's3', bucket: Bucket, prefix: 'dumps/' };
      const open = { ...location(config, { client, name: Bucket, prefix: 'dumps/' }), tree };
      try {
        return told(await locationLockEvidence(collection, open))['store-object-lock'];
      } finally {
        client.close();
      }
    };
    const keys = [accessKeyId, secretAccessKey];
    const written = expect.stringMatching(/Z$/);
    const lock = { enabled: true, mode: 'COMPLIANCE', days: 40 };
    expect(await seenBy(keys)).toEqual({
      ...lock,
      seen: { asked: 1, isEvery: true, lockedSince: null, newestOpen: written, newestUnlocked: written },
    });
    await root.send(new PutObjectCommand({ Bucket, Key: 'dumps/new.dump', Body: 'new' }));
    expect(await seenBy(keys)).toEqual({
      ...lock,
      seen: { asked: 2, isEvery: true, lockedSince: written, newestOpen: written, newestUnlocked: written },
    });
    root.destroy();
    const Action = ['s3:ListBucket', 's3:GetBucketVersioning', 's3:GetBucketObjectLockConfiguration', 's3:GetObject'];
    const role = await minio.assumeRole({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action, Resource: ['arn:aws:s3:::*'] }],
    });
    expect(await seenBy([role.accessKeyId, role.secretAccessKey, role.sessionToken ?? ''])).toEqual({
      ...lock,
      seen: { asked: 2, isEvery: true, lockedSince: null, newestOpen: written, newestUnlocked: null },
    });
  });

  it('tells by which of its own rules it deletes what lies below the prefix, seen from there', async () => {
    const root = minio.client();
    await root.send(new CreateBucketCommand({ Bucket: 'ruled' }));
    const rule = (ID: string, Prefix: string) => ({
      ID,
      Status: 'Enabled' as const,
      Filter: { Prefix },
      Expiration: { Days: 7 },
    });
    const Rules = [rule('all', ''), rule('own', 'dumps/old/'), rule('other', 'elsewhere/')];
    await root.send(new PutBucketLifecycleConfigurationCommand({ Bucket: 'ruled', LifecycleConfiguration: { Rules } }));
    root.destroy();
    const { accessKeyId, secretAccessKey } = minio.rootCredentials;
    const client = readClient(minio.endpoint, [accessKeyId, secretAccessKey]);
    const config = { kind: 's3', bucket: 'ruled', prefix: 'dumps/' };
    const records = await locationLockEvidence(
      collection,
      location(config, { client, name: 'ruled', prefix: 'dumps/' }),
    );
    client.close();
    const rules = records.find(({ kind }) => kind === 'store-lifecycle')?.items ?? [];
    expect(rules.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))).toMatchObject([
      { ruleId: 'all', prefix: '', expiresAfterDays: 7 },
      { ruleId: 'own', prefix: 'old/', expiresAfterDays: 7 },
    ]);
  });

  it('is blind for what it may not be asked', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await minio.assumeRole({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetBucketVersioning'], Resource: ['arn:aws:s3:::*'] },
      ],
    });
    expect(await ask('locked', [accessKeyId, secretAccessKey, sessionToken ?? ''])).toEqual({
      'store-versioning': { state: 'enabled' },
      'store-object-lock': 'unauthorized',
      'store-encryption': 'unauthorized',
      'store-lifecycle': 'unauthorized',
    });
    expect(await ask('missing', [accessKeyId, secretAccessKey, sessionToken ?? ''])).toMatchObject({
      'store-versioning': expect.any(String),
      'store-object-lock': expect.any(String),
    });
  });
});
