import {
  CreateBucketCommand,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketEvidence } from '../../../src/collect/stores/bucket-evidence.ts';
import { S3_READ_OPERATIONS } from '../../../src/collect/trees/s3-operations.ts';
import type { AnyEvidence } from '../../../src/model/evidence.ts';
import { MINUTE } from '../../../src/model/instant.ts';
import { TENANT_STORE } from '../../evaluate/fixture.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../../services/minio.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../../services/moto.ts';
import { startVersitygw, type VersitygwServer, versitygwUnavailable } from '../../services/versitygw.ts';
import { type Answer, scriptedServer } from '../conformance/scripted-server.ts';
import { bucketBinding, emptyPart, NO_ESTATE, remedyOf, storeCollection, toldBy } from './store-collection.ts';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

async function ask(
  endpoint: string,
  keys: Keys,
  bucket: string,
  options: { prefix?: string; more?: readonly object[]; endpointOfBinding?: string } = {},
): Promise<readonly AnyEvidence[]> {
  const access = {
    endpoint,
    forcePathStyle: true,
    accessKeyId: `file:${keys.accessKeyId}`,
    secretAccessKey: `file:${keys.secretAccessKey}`,
    ...(keys.sessionToken === undefined ? {} : { sessionToken: `file:${keys.sessionToken}` }),
  };
  const others = (options.more ?? []).map((one) => ({ ...access, ...one }));
  const collection = storeCollection({ s3: [{ ...access, bucket }, ...others] });
  const part = emptyPart();
  const binding = bucketBinding(bucket, options.endpointOfBinding ?? endpoint, options.prefix ?? null);
  await bucketEvidence(collection, NO_ESTATE, part, TENANT_STORE, binding);
  return part.evidence;
}

const EVERYBODY_READS = (bucket: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource: [`arn:aws:s3:::${bucket}/*`] }],
  });
const EXPIRING = {
  Rules: [
    {
      ID: 'tmp',
      Status: 'Enabled' as const,
      Filter: { And: { Prefix: 'acme/tmp/', Tags: [{ Key: 'kind', Value: 'scratch' }] } },
      Expiration: { Days: 7 },
    },
    {
      ID: 'versions',
      Status: 'Disabled' as const,
      Filter: { Prefix: '' },
      NoncurrentVersionExpiration: { NoncurrentDays: 30, NewerNoncurrentVersions: 2 },
    },
  ],
};

describe.skipIf(minioUnavailable())('a bucket on MinIO', () => {
  let minio: MinioServer;

  beforeAll(async () => {
    minio = await startMinio();
    const root = minio.client();
    for (const Bucket of ['files', 'open']) await root.send(new CreateBucketCommand({ Bucket }));
    await root.send(new PutBucketPolicyCommand({ Bucket: 'open', Policy: EVERYBODY_READS('open') }));
    await root.send(new PutBucketLifecycleConfigurationCommand({ Bucket: 'files', LifecycleConfiguration: EXPIRING }));
    await root.send(
      new PutBucketEncryptionCommand({
        Bucket: 'files',
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'k1' } }],
        },
      }),
    );
    root.destroy();
  });

  afterAll(() => minio?.[Symbol.asyncDispose]());

  it('tells rules, encryption with its key, policy and list', async () => {
    const told = toldBy(await ask(minio.endpoint, minio.rootCredentials, 'files', { prefix: 'acme/' }));
    expect(told['store-lifecycle']).toEqual([
      expect.objectContaining({ ruleId: 'tmp', enabled: true, prefix: 'acme/tmp/', byTag: true, expiresAfterDays: 7 }),
      expect.objectContaining({
        ruleId: 'versions',
        enabled: false,
        prefix: '',
        noncurrentDays: 30,
        noncurrentKept: 2,
      }),
    ]);
    expect(told['store-encryption']).toEqual([
      { byDefault: 'yes', algorithm: 'aws:kms', key: expect.stringContaining('k1') },
    ]);
    expect(told['store-access-block']).toEqual([expect.objectContaining({ offered: false, ignorePublicAcls: false })]);
    expect(told['store-policy']).toEqual([expect.objectContaining({ lets: 'nobody', callIsReliable: false })]);
    expect(told['store-acl']).toEqual([{ everybody: [] }]);
    expect(told['store-replica']).toEqual([]);
    expect(told['store-state']).toEqual([
      { kind: 's3', exists: true, detail: 'a bucket without objects', empty: true },
    ]);
  });

  it('tells nothing of rules for other prefixes', async () => {
    const told = toldBy(await ask(minio.endpoint, minio.rootCredentials, 'files', { prefix: 'globex' }));
    expect(told['store-lifecycle']).toEqual([expect.objectContaining({ ruleId: 'versions' })]);
  });

  it('is seen to be open by its policy, whatever the service calls it', async () => {
    const told = toldBy(await ask(minio.endpoint, minio.rootCredentials, 'open'));
    expect(told['store-policy']).toEqual([
      { calledPublic: expect.any(Boolean), callIsReliable: false, lets: 'everybody', detail: 's3:GetObject' },
    ]);
    expect(told['store-lifecycle']).toEqual([]);
    expect(told['store-encryption']).toEqual([{ byDefault: 'no', algorithm: null }]);
  });

  it('is blind for what it may not ask alone, and is sent reads only', async () => {
    const allow = (...actions: readonly string[]) =>
      minio.assumeRole({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: actions, Resource: ['arn:aws:s3:::files', 'arn:aws:s3:::files/*'] }],
      });
    const keys = await allow('s3:ListBucket', 's3:GetBucketPolicyStatus', 's3:GetEncryptionConfiguration');
    const records = await ask(minio.endpoint, keys, 'files');
    const told = toldBy(records);
    expect(told['store-lifecycle']).toEqual(['unauthorized']);
    expect(remedyOf(records, 'store-lifecycle')).toContain('Allow s3:GetLifecycleConfiguration on the bucket');
    // Its word that a bucket is private is not believed without the policy.
    expect(told['store-policy']).toEqual(['unauthorized']);
    expect(remedyOf(records, 'store-policy')).toContain('Allow s3:GetBucketPolicy ');
    expect(told['store-encryption']).toEqual([expect.objectContaining({ byDefault: 'yes' })]);
    const calls = await minio.calls(keys.accessKeyId);
    const names = new Set(
      Object.keys(S3_READ_OPERATIONS).map((name) => name.toLowerCase().replace(/^getbucket|^get/, '')),
    );
    for (const { api } of calls) {
      const name = api
        .toLowerCase()
        .replace(/^getbucket|^get/, '')
        .replace(/config$/, '');
      expect(
        [...names].some((one) => one.startsWith(name) || name.startsWith(one)),
        api,
      ).toBe(true);
    }
  });

  it('is asked all else where it may not be listed', async () => {
    const keys = await minio.assumeRole({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['s3:GetBucketVersioning', 's3:GetEncryptionConfiguration', 's3:GetLifecycleConfiguration'],
          Resource: ['arn:aws:s3:::files'],
        },
      ],
    });
    const records = await ask(minio.endpoint, keys, 'files');
    const told = toldBy(records);
    expect(told['store-state']).toEqual([
      'unauthorized',
      { kind: 's3', exists: true, detail: 'a bucket whose objects may not be listed' },
    ]);
    expect(remedyOf(records, 'store-state')).toContain('Allow s3:ListBucket on the bucket');
    expect(told['store-versioning']).toEqual([{ state: 'off' }]);
    expect(told['store-encryption']).toEqual([expect.objectContaining({ byDefault: 'yes' })]);
    expect(told['store-lifecycle']).toHaveLength(2);
  });

  it('does not answer one who may ask nothing', async () => {
    const keys = await minio.assumeRole({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::files/*'] }],
    });
    const records = await ask(minio.endpoint, keys, 'files');
    expect(toldBy(records)['store-state']).toEqual(['unauthorized']);
    expect(remedyOf(records, 'store-state')).toContain('Allow s3:ListBucket');
  });

  it('tells that it was deleted where that is certain', async () => {
    const gone = toldBy(await ask(minio.endpoint, minio.rootCredentials, 'gone'));
    expect(gone['store-state']).toEqual([expect.objectContaining({ exists: false })]);
    expect(gone['store-versioning']).toEqual(['unreachable']);
  });
});

describe.skipIf(versitygwUnavailable())('a bucket on versitygw', () => {
  let gateway: VersitygwServer;

  beforeAll(async () => {
    gateway = await startVersitygw();
    const root = gateway.client();
    await root.send(new CreateBucketCommand({ Bucket: 'files' }));
    root.destroy();
  });

  afterAll(() => gateway?.[Symbol.asyncDispose]());

  it('lacks operations, and says of each what to do instead', async () => {
    const records = await ask(gateway.endpoint, gateway.rootCredentials, 'files');
    const told = toldBy(records);
    expect(told['store-state']).toEqual([expect.objectContaining({ exists: true })]);
    for (const kind of ['store-lifecycle', 'store-encryption', 'store-replication', 'store-replica'] as const) {
      expect(told[kind], kind).toEqual(['unsupported']);
    }
    expect(remedyOf(records, 'store-encryption')).toContain('attest encryption-at-rest');
    expect(remedyOf(records, 'store-lifecycle')).toContain('whether it deletes objects by their age');
    // A service without such a setting encrypts with no key because of it.
    expect(told['custody']).toEqual([{ needs: [] }]);
    expect(told['store-access-block']).toEqual([expect.objectContaining({ offered: false })]);
    expect(told['store-policy']).toEqual([expect.objectContaining({ lets: 'nobody' })]);
    expect(told['store-acl']).toEqual([{ everybody: [] }]);
    for (const operation of await gateway.operations()) {
      if (operation !== 's3_CreateBucket') expect(operation).toMatch(/^s3_(?:Get|Head|List)/);
    }
  });
});

describe.skipIf(motoUnavailable())('a bucket on moto', () => {
  const keys = { accessKeyId: 'a', secretAccessKey: 'b' };
  let moto: MotoServer;

  beforeAll(async () => {
    moto = await startMoto();
    const seed = new S3Client({
      endpoint: moto.endpoint,
      region: moto.region,
      credentials: keys,
      forcePathStyle: true,
    });
    for (const Bucket of ['origin', 'copies', 'plain']) {
      await seed.send(new CreateBucketCommand({ Bucket }));
      if (Bucket !== 'plain')
        await seed.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    }
    const PublicAccessBlockConfiguration = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    };
    await seed.send(new PutPublicAccessBlockCommand({ Bucket: 'origin', PublicAccessBlockConfiguration }));
    await seed.send(new PutBucketLifecycleConfigurationCommand({ Bucket: 'origin', LifecycleConfiguration: EXPIRING }));
    const week = {
      ID: 'week',
      Status: 'Enabled' as const,
      Filter: { Prefix: '' },
      Expiration: { Days: 7 },
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    };
    await seed.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket: 'copies', LifecycleConfiguration: { Rules: [week] } }),
    );
    await seed.send(new PutBucketAclCommand({ Bucket: 'plain', ACL: 'public-read' }));
    const rule = {
      ID: 'all',
      Status: 'Enabled' as const,
      Priority: 1,
      Filter: { Prefix: '' },
      DeleteMarkerReplication: { Status: 'Disabled' as const },
    };
    const Role = 'arn:aws:iam::123456789012:role/r';
    const to = (bucket: string) => ({ ...rule, ID: bucket, Destination: { Bucket: `arn:aws:s3:::${bucket}` } });
    await seed.send(
      new PutBucketReplicationCommand({
        Bucket: 'origin',
        ReplicationConfiguration: { Role, Rules: [to('copies')] },
      }),
    );
    seed.destroy();
  });

  afterAll(() => moto?.[Symbol.asyncDispose]());

  it('tells its block, its rules, and the bucket that it is copied to', async () => {
    const told = toldBy(await ask(moto.endpoint, keys, 'origin'));
    expect(told['store-access-block']).toEqual([
      expect.objectContaining({ offered: true, ignorePublicAcls: true, restrictPublicBuckets: true }),
    ]);
    expect(told['store-lifecycle']).toHaveLength(2);
    expect(told['store-replication']).toEqual([
      expect.objectContaining({
        destination: 'arn:aws:s3:::copies',
        enabled: true,
        byTag: false,
        existingObjects: false,
      }),
    ]);
    // It is no Amazon, so that its region proves nothing.
    expect(told['store-replica']).toEqual([
      {
        destination: 'arn:aws:s3:::copies',
        exists: true,
        versioning: 'enabled',
        host: null,
        site: null,
        account: null,
        region: null,
        lifecycle: [expect.objectContaining({ ruleId: 'week', expiresAfterDays: 7, noncurrentDays: 1 })],
      },
    ]);
  });

  it('takes where the other bucket stands from its own entry', async () => {
    const more = [{ bucket: 'copies', failureDomain: { account: '2', region: 'eu-west-1' } }];
    const told = toldBy(await ask(moto.endpoint, keys, 'origin', { more }));
    expect(told['store-replica']).toEqual([expect.objectContaining({ account: '2', region: 'eu-west-1' })]);
  });

  it('tells a list that lets everybody in', async () => {
    const told = toldBy(await ask(moto.endpoint, keys, 'plain'));
    expect(told['store-acl']).toEqual([{ everybody: ['READ'] }]);
    expect(told['store-access-block']).toEqual([expect.objectContaining({ offered: true, ignorePublicAcls: false })]);
  });
});

describe('a bucket elsewhere', () => {
  const LISTING = '<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>';
  const error = (code: string) => `<Error><Code>${code}</Code></Error>`;
  const keys = { accessKeyId: 'a', secretAccessKey: 'b' };

  async function asked(answer: Answer, bucket = 'files') {
    await using server = await scriptedServer(answer);
    return await ask(server.address, keys, bucket);
  }

  it('has every filter and destination of its replication read', async () => {
    const rule = (inner: string) => `<Rule><Status>Enabled</Status>${inner}</Rule>`;
    const to = (bucket: string) => `<Destination><Bucket>${bucket}</Bucket></Destination>`;
    const rules = [
      rule(`<Priority>2</Priority><Filter><Prefix>acme/</Prefix></Filter>${to('arn:aws:s3:::copies')}`),
      rule(
        `<Filter><And><Prefix>x/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication>${to('arn:minio:replication::id:partly')}`,
      ),
      rule(`<Priority>3</Priority><Filter><Prefix>acme/</Prefix></Filter>${to('arn:minio:replication::id:elsewhere')}`),
    ].join('');
    const told = toldBy(
      await asked(({ url, method }, response) => {
        if (url.includes('replication'))
          return void response.end(`<ReplicationConfiguration>${rules}</ReplicationConfiguration>`);
        if (method === 'HEAD' && url.includes('copies'))
          return void response.writeHead(301, { 'x-amz-bucket-region': 'eu-west-1' }).end();
        if (url.includes('copies')) return void response.writeHead(403).end(error('AccessDenied'));
        return void response.end(LISTING);
      }),
    );
    expect(told['store-replication']).toEqual([
      expect.objectContaining({ prefix: 'acme/', priority: 2, byTag: false, existingObjects: false }),
      expect.objectContaining({ prefix: 'x/', priority: null, byTag: true, existingObjects: true }),
      expect.objectContaining({ prefix: 'acme/', priority: 3, byTag: false }),
    ]);
    // The one is there, whoever may ask more of it; of the other nobody tells the address. What copies a part is not followed.
    expect(told['store-replica']).toEqual([
      'unauthorized',
      expect.objectContaining({ destination: 'arn:aws:s3:::copies', exists: true, versioning: null, lifecycle: null }),
      'not-asked',
    ]);
  });

  it.each([
    ['another region', 301, 'PermanentRedirect', 'lies in another region than configured: in eu-west-1'],
    ['another clock', 403, 'RequestTimeTooSkewed', 'because the clocks differ'],
    ['no bucket of that name', 404, 'NoSuchBucket', 'does not exist'],
  ])('says so where it has %s', async (_, status, code, detail) => {
    const records = await asked(
      (_request, response) => void response.writeHead(status, { 'x-amz-bucket-region': 'eu-west-1' }).end(error(code)),
    );
    const blind = records.find(({ kind }) => kind === 'store-versioning')?.blindSpot;
    expect(blind?.detail).toContain(detail);
  });

  describe('that implements nothing but listings', () => {
    let records: readonly AnyEvidence[];

    beforeAll(async () => {
      records = await asked(({ url }, response) =>
        url.includes('list-type=2')
          ? void response.end(LISTING)
          : void response.writeHead(501).end(error('NotImplemented')),
      );
    });

    it.each([
      ['store-versioning', 'Keep dated copies of what lies there in a location that the audit reads.'],
      ['store-object-lock', 'let its owner attest offline-copy-kept for this store or location.'],
      ['store-encryption', 'let their owner attest encryption-at-rest for this store or location.'],
      ['store-replication', 'Keep dated copies of the files in a location of purpose files'],
      ['store-lifecycle', 'Ask whoever runs the service whether it deletes objects by their age'],
      ['store-policy', 'Ask whoever runs the service who may read the bucket'],
      ['store-acl', 'Ask whoever runs the service who may read the bucket'],
    ] as const)('says of %s what to attest or to do instead', (kind, remedy) => {
      const of = records.filter((one) => one.kind === kind);
      expect(of).toHaveLength(1);
      expect(of[0]).toMatchObject({
        items: [],
        blindSpot: { reason: 'unsupported', remedy: expect.stringContaining(remedy) },
      });
    });

    it('blocks nobody, which is an answer, and is there', () => {
      const told = toldBy(records);
      expect(told['store-access-block']).toEqual([expect.objectContaining({ offered: false })]);
      expect(told['store-state']).toEqual([expect.objectContaining({ exists: true })]);
    });
  });

  it.each([
    ['that answers', 200, '<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>'],
    ['that refuses for it', 403, error('RequestTimeTooSkewed')],
  ])('tells its time, as a service %s', async (_, status, body) => {
    const told = toldBy(
      await asked((_request, response) => {
        response.setHeader('Date', new Date(Date.now() + 20 * MINUTE).toUTCString());
        response.writeHead(status).end(body);
      }),
    );
    const [clock] = told['clock'] as readonly { offsetMillis: number; uncertaintyMillis: number }[];
    expect(Math.abs((clock?.offsetMillis ?? 0) - 20 * MINUTE)).toBeLessThan(10_000);
    expect(clock?.uncertaintyMillis).toBe(1000);
  });

  it('may be at another service where its binding names none', async () => {
    await using server = await scriptedServer(
      (_request, response) => void response.writeHead(404).end(error('NoSuchBucket')),
    );
    const collection = storeCollection({
      s3: [
        {
          bucket: 'files',
          endpoint: server.address,
          forcePathStyle: true,
          accessKeyId: 'env:a',
          secretAccessKey: 'env:b',
        },
      ],
    });
    const part = emptyPart();
    const binding = { ...bucketBinding('files', server.address), endpoint: null };
    await bucketEvidence(collection, NO_ESTATE, part, TENANT_STORE, binding);
    expect(toldBy(part.evidence)['store-state']).toEqual(['unreachable']);
  });

  it('has the buckets asked that are stated to mirror it, and says why one could not be', async () => {
    await using server = await scriptedServer(({ url }, response) => {
      if (url.includes('closed')) return void response.writeHead(403).end(error('AccessDenied'));
      if (url.includes('lifecycle')) return void response.writeHead(404).end(error('NoSuchLifecycleConfiguration'));
      if (url.includes('mirror') && url.includes('versioning'))
        return void response.end('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>');
      return void response.end(LISTING);
    });
    const access = { endpoint: server.address, forcePathStyle: true, accessKeyId: 'env:a', secretAccessKey: 'env:b' };
    const s3 = [
      { ...access, bucket: 'files', mirrors: ['mirror', 'closed'] },
      { ...access, bucket: 'mirror', failureDomain: { site: 'site-b' } },
      { ...access, bucket: 'closed' },
    ];
    const part = emptyPart();
    const binding = bucketBinding('files', server.address);
    await bucketEvidence(storeCollection({ s3 }), NO_ESTATE, part, TENANT_STORE, binding);
    const told = part.evidence.flatMap((record) => (record.kind === 'store-replica' ? record.items : []));
    expect(told.filter(({ mirror }) => mirror === true)).toMatchObject([
      { destination: 'mirror', exists: true, versioning: 'enabled', site: 'site-b', lifecycle: [] },
      { destination: 'closed', versioning: null, untold: expect.stringContaining('refused the request') },
    ]);
  });

  it('of which no location is stated to hold copies says by which setting that is stated', async () => {
    const evidence = await asked((_request, response) => void response.end(LISTING));
    expect(evidence.filter(({ kind }) => kind === 'file-copy')).toMatchObject([
      {
        items: [],
        blindSpot: { reason: 'not-asked', detail: expect.stringContaining('copies of its entry in stores.s3') },
      },
    ]);
  });

  it('is asked on the account of the asker where that is stated', async () => {
    const payers = new Set<unknown>();
    await using server = await scriptedServer(({ headers }, response) => {
      payers.add(headers['x-amz-request-payer']);
      response.writeHead(403).end(error('AccessDenied'));
    });
    const access = { bucket: 'files', endpoint: server.address, forcePathStyle: true };
    const s3 = [{ ...access, accessKeyId: 'env:a', secretAccessKey: 'env:b', requesterPays: true }];
    const part = emptyPart();
    await bucketEvidence(
      storeCollection({ s3 }),
      NO_ESTATE,
      part,
      TENANT_STORE,
      bucketBinding('files', server.address),
    );
    expect([...payers]).toEqual(['requester']);
    expect(remedyOf(part.evidence, 'store-state')).toContain('requesterPays: true');
  });
});
