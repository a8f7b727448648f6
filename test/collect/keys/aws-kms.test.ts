import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  type GrantOperation,
  KMSClient,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type KmsKeyPresent,
  readKmsAccount,
  readKmsAliases,
  readKmsDestroyers,
  readKmsKey,
  readKmsRotation,
} from '../../../src/collect/keys/aws-kms.ts';
import { createKmsClient, type KmsClient } from '../../../src/collect/keys/kms-client.ts';
import { readKmsGrants } from '../../../src/collect/keys/kms-grants.ts';
import { kmsKeyProvider } from '../../../src/collect/keys/kms-key-provider.ts';
import { KMS_READ_OPERATIONS, kmsReadPolicy } from '../../../src/collect/keys/kms-operations.ts';
import { Secret } from '../../../src/model/secret.ts';
import { asksForCaller, refuseCaller, sayCaller } from '../../services/caller-identity.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../../services/moto.ts';
import { type Answer, json, scriptedServer } from '../conformance/scripted-server.ts';

const ACCOUNT = '123456789012';
const KEY_ID = '11111111-2222-3333-4444-555555555555';
const ARN = `arn:aws:kms:us-east-1:${ACCOUNT}:key/${KEY_ID}`;

function clientFor(endpoint: string, region = 'us-east-1'): KmsClient {
  return createKmsClient({
    region,
    endpoint,
    stsEndpoint: endpoint,
    accessKeyId: new Secret('AKIATEST'),
    secretAccessKey: new Secret('secret'),
    timeoutMillis: 10_000,
    throttlePatienceMillis: 300,
  });
}

async function presentKey(client: KmsClient, keyRef: string): Promise<KmsKeyPresent> {
  const reading = await readKmsKey(client, keyRef);
  if (reading.state === 'missing') throw new Error('missing');
  return reading;
}

describe.skipIf(motoUnavailable())('AWS KMS as moto plays it', () => {
  let moto: MotoServer;
  let client: KmsClient;
  let seed: KMSClient;

  beforeAll(async () => {
    moto = await startMoto();
    client = clientFor(moto.endpoint);
    seed = new KMSClient({
      region: moto.region,
      endpoint: moto.endpoint,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
  });

  afterAll(async () => {
    client?.close();
    seed?.destroy();
    await moto?.[Symbol.asyncDispose]();
  });

  // The emulator tells no usage that was not stated, where AWS tells the one that it chose.
  async function createKey(input: object = {}): Promise<string> {
    const { KeyMetadata } = await seed.send(new CreateKeyCommand({ KeyUsage: 'ENCRYPT_DECRYPT', ...input }));
    return KeyMetadata?.KeyId ?? '';
  }

  it('says whether the account answers, and which it is', async () => {
    await moto.reset();
    const reading = await readKmsAccount(client);
    expect(reading).toMatchObject({ account: ACCOUNT, region: 'us-east-1' });
    expect(Math.abs(reading.clockOffsetMillis ?? Number.NaN)).toBeLessThan(2000);
  });

  it('reads a key by id, ARN and alias', async () => {
    const keyId = await createKey({ MultiRegion: true });
    await seed.send(new CreateAliasCommand({ AliasName: `alias/acme-${keyId}`, TargetKeyId: keyId }));
    const byId = await readKmsKey(client, keyId);
    expect(byId).toMatchObject({
      state: 'Enabled',
      keyId,
      arn: `arn:aws:kms:us-east-1:${ACCOUNT}:key/${keyId}`,
      account: ACCOUNT,
      region: 'us-east-1',
      deletionDate: null,
      origin: 'AWS_KMS',
      expirationModel: null,
      validTo: null,
      keyManager: 'CUSTOMER',
      multiRegion: true,
      usage: 'ENCRYPT_DECRYPT',
      spec: 'SYMMETRIC_DEFAULT',
      replicas: [],
    });
    // The emulator leaves out when an alias was made or moved.
    expect((await readKmsAliases(client))?.get(keyId)).toEqual([{ name: `alias/acme-${keyId}`, setAt: null }]);
    expect(byId).toHaveProperty('createdAt', expect.stringMatching(/Z$/));
    expect(await readKmsKey(client, `arn:aws:kms:us-east-1:${ACCOUNT}:key/${keyId}`)).toEqual(byId);
    expect(await readKmsKey(client, `alias/acme-${keyId}`)).toEqual(byId);
  });

  it('reads keys that are disabled, to be deleted, imported, or gone', async () => {
    const disabled = await createKey();
    await seed.send(new DisableKeyCommand({ KeyId: disabled }));
    expect(await readKmsKey(client, disabled)).toMatchObject({ state: 'Disabled', deletionDate: null });
    const doomed = await createKey();
    await seed.send(new ScheduleKeyDeletionCommand({ KeyId: doomed, PendingWindowInDays: 7 }));
    const reading = await readKmsKey(client, doomed);
    expect(reading).toMatchObject({ state: 'PendingDeletion' });
    if (reading.state === 'missing') throw new Error('missing');
    const days = (Date.parse(reading.deletionDate ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6);
    expect(days).toBeLessThan(8);
    expect(await readKmsKey(client, await createKey({ Origin: 'EXTERNAL' }))).toMatchObject({ origin: 'EXTERNAL' });
    expect(await readKmsKey(client, KEY_ID)).toEqual({ state: 'missing' });
    expect(await readKmsKey(client, 'alias/none')).toEqual({ state: 'missing' });
  });

  it('tells who may destroy a key: by default the account, whose own policies decide', async () => {
    const keyId = await createKey();
    const root = `arn:aws:iam::${ACCOUNT}:root`;
    expect(await readKmsDestroyers(client, await presentKey(client, keyId), ACCOUNT)).toEqual([
      {
        principal: root,
        wholeAccount: ACCOUNT,
        actions: ['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy'],
        conditional: false,
      },
    ]);
    const admin = `arn:aws:iam::${ACCOUNT}:role/KeyAdmin`;
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: admin }, Action: ['kms:Put*', 'kms:ScheduleKeyDeletion'], Resource: '*' },
        { Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:Decrypt', Resource: '*' },
      ],
    });
    await seed.send(new PutKeyPolicyCommand({ KeyId: keyId, PolicyName: 'default', Policy }));
    expect(await readKmsDestroyers(client, await presentKey(client, keyId), ACCOUNT)).toMatchObject([
      { principal: admin, actions: ['ScheduleKeyDeletion', 'PutKeyPolicy'] },
    ]);
  });

  it('tells who may decrypt with a key, or pass that on, by grants', async () => {
    const keyId = await createKey();
    const user = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`;
    const grant = (grantee: string, Operations: GrantOperation[], retiring?: string) =>
      seed.send(
        new CreateGrantCommand({
          KeyId: keyId,
          GranteePrincipal: user(grantee),
          Operations,
          ...(retiring === undefined ? {} : { RetiringPrincipal: user(retiring) }),
        }),
      );
    await grant('reader', ['Decrypt', 'DescribeKey'], 'operator');
    await grant('reader', ['CreateGrant']);
    await grant('writer', ['Encrypt', 'GenerateDataKey']);
    await grant('mover', ['ReEncryptFrom', 'RetireGrant']);
    expect(await readKmsGrants(client, keyId)).toEqual([
      { principal: user('mover'), rights: ['decrypt', 'retire-grants'] },
      { principal: user('operator'), rights: ['retire-grants'] },
      { principal: user('reader'), rights: ['create-grants', 'decrypt'] },
    ]);
    expect((await kmsKeyProvider('kms', client).settings?.(keyId))?.items[0]?.grants).toHaveLength(3);
  });

  it('tells how a key is rotated, and when it was', async () => {
    const keyId = await createKey();
    expect(await readKmsRotation(client, await presentKey(client, keyId))).toMatchObject({
      automatic: false,
      rotatedAt: [],
      importedMaterials: null,
    });
    await seed.send(new EnableKeyRotationCommand({ KeyId: keyId }));
    await seed.send(new RotateKeyOnDemandCommand({ KeyId: keyId }));
    const rotation = await readKmsRotation(client, await presentKey(client, keyId));
    expect(rotation.automatic).toBe(true);
    expect(rotation.rotatedAt).toHaveLength(1);
  });

  it('names the keys of other regions that hold the same material', async () => {
    const keyId = await createKey({ MultiRegion: true });
    await seed.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: 'eu-west-1' }));
    expect((await presentKey(client, keyId)).replicas).toEqual([`arn:aws:kms:eu-west-1:${ACCOUNT}:key/${keyId}`]);
  });

  it('sends nothing that is not on its list', async () => {
    const keyId = await createKey();
    const calls = await moto.recordCalls(async () => {
      await readKmsAccount(client);
      const key = await presentKey(client, keyId);
      await readKmsDestroyers(client, key, ACCOUNT);
      await readKmsRotation(client, key);
      await readKmsGrants(client, keyId);
      await readKmsAliases(client);
    });
    expect(calls.map(({ service, operation }) => `${service}:${operation}`)).toEqual([
      'kms:ListKeys',
      'sts:GetCallerIdentity',
      'kms:DescribeKey',
      'kms:GetKeyPolicy',
      'kms:GetKeyRotationStatus',
      'kms:ListKeyRotations',
      'kms:ListGrants',
      'kms:ListAliases',
    ]);
  });

  it('takes an answer that moto gives in another format for malformed', async () => {
    await using strict = await startMoto({ callsBeforeAuthorization: 0 });
    const denied = clientFor(strict.endpoint);
    const error: unknown = await readKmsAccount(denied).catch((thrown: unknown) => thrown);
    denied.close();
    expect(error).toMatchObject({ name: 'SourceError', reason: expect.stringMatching(/malformed|unauthorized/) });
  });
});

describe('what KMS answers instead', () => {
  const amz =
    (status: number, type: string, extra: object = {}): Answer =>
    (_request, response) =>
      json(response, status, { __type: type, message: 'arn:aws:iam::1:user/x is not authorized', ...extra });

  async function reading(answer: Answer, keyRef = ARN): Promise<unknown> {
    await using server = await scriptedServer(answer);
    const client = clientFor(server.address);
    return await readKmsKey(client, keyRef)
      .catch((error: unknown) => error)
      .finally(() => client.close());
  }

  it('names the action and the key where access is denied', async () => {
    expect(await reading(amz(400, 'AccessDeniedException'))).toMatchObject({
      reason: 'unauthorized',
      message: expect.not.stringContaining('arn:aws:iam'),
      remedy: expect.stringContaining(`Allow kms:DescribeKey on the key ${ARN}`),
    });
  });

  it.each([
    ['ExpiredTokenException', 400, 'unauthorized'],
    ['InvalidSignatureException', 400, 'unauthorized'],
    ['ValidationException', 400, 'malformed'],
    ['KMSInternalException', 500, 'unreachable'],
    ['SomethingNewException', 400, 'malformed'],
    ['ThrottlingException', 400, 'unreachable'],
  ])('%s', async (type, status, reason) => {
    expect(await reading(amz(status, type))).toMatchObject({ name: 'SourceError', reason });
  });

  it('takes a 404 of something that is not KMS for no missing key', async () => {
    expect(
      await reading((_request, response) => void response.writeHead(404).end('<html>not found</html>')),
    ).toMatchObject({ reason: 'malformed' });
    expect(await reading((_request, response) => json(response, 404, { __type: 'NotFoundException' }))).toMatchObject({
      reason: 'malformed',
    });
  });

  it('takes a description without an ARN or a state for malformed', async () => {
    expect(
      await reading((_request, response) => json(response, 200, { KeyMetadata: { KeyId: KEY_ID } })),
    ).toMatchObject({ reason: 'malformed' });
    expect(await reading((_request, response) => json(response, 200, {}))).toMatchObject({ reason: 'malformed' });
  });

  it('knows imported material that expires, and no aliases where the caller may not list them', async () => {
    const answer: Answer = (request, response) =>
      request.headers['x-amz-target'] === 'TrentService.DescribeKey'
        ? json(response, 200, {
            KeyMetadata: {
              KeyId: KEY_ID,
              Arn: ARN,
              KeyState: 'PendingImport',
              Origin: 'EXTERNAL',
              ExpirationModel: 'KEY_MATERIAL_EXPIRES',
              ValidTo: 1_800_000_000,
              CreationDate: 1_700_000_000.5,
            },
          })
        : amz(400, 'AccessDeniedException')(request, response);
    expect(await reading(answer)).toMatchObject({
      state: 'PendingImport',
      origin: 'EXTERNAL',
      expirationModel: 'KEY_MATERIAL_EXPIRES',
      validTo: '2027-01-15T08:00:00.000Z',
      createdAt: '2023-11-14T22:13:20.500Z',
    });
    await using server = await scriptedServer(answer);
    const client = clientFor(server.address);
    expect(await readKmsAliases(client)).toBeNull();
    client.close();
  });

  it('knows since when an alias points to its key: since it was moved last', async () => {
    const Aliases = [
      { AliasName: 'alias/new', TargetKeyId: KEY_ID, CreationDate: 1_700_000_000, LastUpdatedDate: 1_700_000_000 },
      { AliasName: 'alias/moved', TargetKeyId: KEY_ID, CreationDate: 1_700_000_000, LastUpdatedDate: 1_800_000_000 },
      { AliasName: 'alias/aws/s3', TargetKeyId: KEY_ID },
    ];
    await using server = await scriptedServer((_request, response) =>
      json(response, 200, { Aliases, Truncated: false }),
    );
    const client = clientFor(server.address);
    expect((await readKmsAliases(client))?.get(KEY_ID)).toEqual([
      { name: 'alias/new', setAt: '2023-11-14T22:13:20.000Z' },
      { name: 'alias/moved', setAt: '2027-01-15T08:00:00.000Z' },
      { name: 'alias/aws/s3', setAt: null },
    ]);
    client.close();
  });

  const PRESENT: KmsKeyPresent = {
    state: 'Enabled',
    keyId: KEY_ID,
    arn: ARN,
    account: ACCOUNT,
    region: 'us-east-1',
    createdAt: null,
    deletionDate: null,
    origin: 'EXTERNAL',
    expirationModel: null,
    validTo: null,
    keyManager: 'CUSTOMER',
    multiRegion: false,
    usage: 'ENCRYPT_DECRYPT',
    spec: 'SYMMETRIC_DEFAULT',
    replicas: [],
  };

  async function asked<T>(answer: Answer, ask: (client: KmsClient) => Promise<T>) {
    await using server = await scriptedServer(answer);
    const client = clientFor(server.address);
    const result: unknown = await ask(client).catch((error: unknown) => error);
    client.close();
    return { result, targets: server.seen.map(({ headers }) => headers['x-amz-target']) };
  }

  it('says of a key of another account whose it is, and that AWS tells no more', async () => {
    for (const type of ['AccessDeniedException', 'NotFoundException']) {
      const { result } = await asked(amz(400, type), (client) => readKmsKey(client, ARN, '999988887777'));
      expect(result).toMatchObject({
        reason: 'unauthorized',
        message: expect.stringContaining(`belongs to account ${ACCOUNT} and the credentials to 999988887777`),
        remedy: expect.stringContaining('in the key policy over there'),
      });
    }
    const policy = await asked(amz(500, 'x'), (client) => readKmsDestroyers(client, PRESENT, '999988887777'));
    expect(policy).toMatchObject({ result: { reason: 'unsupported' }, targets: [] });
  });

  it('says no key is missing whose account may be another than that of the credentials', async () => {
    const { result } = await asked(amz(400, 'NotFoundException'), (client) => readKmsKey(client, ARN));
    expect(result).toMatchObject({
      reason: 'unauthorized',
      message: expect.stringContaining('it could not be told which account the credentials belong to'),
    });
    const own = await asked(amz(400, 'NotFoundException'), (client) => readKmsKey(client, ARN, ACCOUNT));
    expect(own.result).toEqual({ state: 'missing' });
  });

  describe('in an account that has no key in the region', () => {
    const FOREIGN = ARN.replace(ACCOUNT, '999988887777');
    const noKeys =
      (caller: Answer): Answer =>
      (request, response) => {
        if (asksForCaller(request)) return caller(request, response);
        const isList = request.headers['x-amz-target'] === 'TrentService.ListKeys';
        return isList ? json(response, 200, { Keys: [] }) : amz(400, 'NotFoundException')(request, response);
      };
    const told = noKeys((_request, response) => sayCaller(response, ACCOUNT));

    it('a key of another account is not missing, and one of its own is', async () => {
      const { result } = await asked(told, async (client) => {
        const provider = kmsKeyProvider('kms', client);
        const [state] = (await provider.state()).items;
        const foreign = await provider.key(FOREIGN).catch((error: unknown) => error);
        return { account: state?.account, domain: provider.observedDomain(), foreign, own: await provider.key(ARN) };
      });
      expect(result).toMatchObject({
        account: ACCOUNT,
        domain: { account: ACCOUNT, origin: 'observed' },
        foreign: { reason: 'unauthorized', message: expect.stringContaining('belongs to account 999988887777') },
        own: { items: [{ state: 'missing' }] },
      });
    });

    it('a key of another account is not missing for whoever asks before the account was asked', async () => {
      const { result } = await asked(told, (client) => kmsKeyProvider('kms', client).key(FOREIGN));
      expect(result).toMatchObject({ reason: 'unauthorized' });
    });

    it('where STS does not answer either, its account is a blind spot, and no ARN names a missing key', async () => {
      const { result } = await asked(
        noKeys((_request, response) => refuseCaller(response)),
        async (client) => {
          const provider = kmsKeyProvider('kms', client);
          const state = await provider.state();
          return {
            state,
            key: await provider.key(ARN).catch((error: unknown) => error),
            id: await provider.key(KEY_ID),
          };
        },
      );
      expect(result).toMatchObject({
        state: {
          items: [{ account: null }],
          blindSpot: { reason: 'unauthorized', detail: expect.stringContaining('AWS STS in us-east-1 at http://') },
        },
        key: { reason: 'unauthorized' },
        id: { items: [{ state: 'missing' }] },
      });
    });
  });

  it('takes the account from the keys of the region where STS does not answer', async () => {
    const { result } = await asked(
      (request, response) =>
        asksForCaller(request) ? refuseCaller(response) : json(response, 200, { Keys: [{ KeyArn: ARN }] }),
      readKmsAccount,
    );
    expect(result).toMatchObject({ account: ACCOUNT, untold: null });
  });

  it('counts imported materials, page by page, and asks for no rotation by itself', async () => {
    const page = (Marker: unknown) => ({
      Rotations: [{ KeyMaterialId: 'a'.repeat(64), RotationDate: 1_700_000_000 + (Marker === undefined ? 0 : 86_400) }],
      Truncated: Marker === undefined,
      NextMarker: 'next',
    });
    const { result, targets } = await asked(
      (request, response) => json(response, 200, page(JSON.parse(request.body).Marker)),
      (client) => readKmsRotation(client, PRESENT),
    );
    expect(result).toEqual({
      automatic: false,
      periodDays: null,
      nextAt: null,
      rotatedAt: ['2023-11-14T22:13:20.000Z', '2023-11-15T22:13:20.000Z'],
      importedMaterials: 2,
    });
    expect(targets).toEqual(['TrentService.ListKeyRotations', 'TrentService.ListKeyRotations']);
  });

  it('asks nothing about the rotation of what is not rotated', async () => {
    for (const key of [
      { ...PRESENT, origin: 'AWS_CLOUDHSM' },
      { ...PRESENT, origin: 'AWS_KMS', spec: 'RSA_4096' },
    ]) {
      const { result, targets } = await asked(amz(500, 'x'), (client) => readKmsRotation(client, key));
      expect(result).toMatchObject({ automatic: false, rotatedAt: [] });
      expect(targets).toEqual([]);
    }
  });

  it('reads grants page by page, and loses nothing else where they are refused', async () => {
    const Policy = JSON.stringify({
      Statement: { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'kms:*', Resource: '*' },
    });
    const ofKey = (grants: Answer): Answer => {
      const answers: Readonly<Record<string, Answer>> = {
        DescribeKey: (_request, response) =>
          json(response, 200, { KeyMetadata: { KeyId: KEY_ID, Arn: ARN, KeyState: 'Enabled' } }),
        GetKeyPolicy: (_request, response) => json(response, 200, { Policy }),
        ListGrants: grants,
      };
      return (request, response) => {
        if (asksForCaller(request)) return sayCaller(response, ACCOUNT);
        return answers[String(request.headers['x-amz-target']).split('.')[1] ?? '']?.(request, response);
      };
    };
    const settings = async (grants: Answer) =>
      (await asked(ofKey(grants), async (client) => await kmsKeyProvider('kms', client).settings?.(ARN))).result;
    const pages = await settings((request, response) => {
      const { Marker } = JSON.parse(request.body);
      const GranteePrincipal = Marker === undefined ? 'first' : 'second';
      json(response, 200, {
        Grants: [{ GranteePrincipal, Operations: ['Decrypt'] }],
        ...(Marker === undefined ? { Truncated: true, NextMarker: 'next' } : {}),
      });
    });
    expect(pages).toMatchObject({ items: [{ grants: [{ principal: 'first' }, { principal: 'second' }] }] });
    expect(await settings(amz(400, 'AccessDeniedException'))).toMatchObject({
      items: [{ grants: null, destroyers: [{ wholeAccount: ACCOUNT }] }],
    });
  });

  it('takes a policy that is none for malformed', async () => {
    const { result } = await asked(
      (_request, response) => json(response, 200, { Policy: 'no' }),
      (client) => readKmsDestroyers(client, PRESENT, ACCOUNT),
    );
    expect(result).toMatchObject({ reason: 'malformed', message: expect.stringContaining('key policy') });
  });

  it('asks nothing about a key of another region, which would answer as missing', async () => {
    await using server = await scriptedServer(amz(400, 'NotFoundException'));
    const client = clientFor(server.address, 'eu-central-1');
    await expect(readKmsKey(client, ARN)).rejects.toMatchObject({
      reason: 'unsupported',
      remedy: expect.stringContaining('us-east-1'),
    });
    await expect(readKmsKey(client, 'arn:aws:s3:::bucket')).rejects.toMatchObject({ reason: 'malformed' });
    expect(server.seen).toEqual([]);
    expect(await readKmsKey(client, KEY_ID)).toEqual({ state: 'missing' });
    client.close();
  });
});

describe('kmsReadPolicy', () => {
  it('grants exactly what the list needs', () => {
    expect(JSON.parse(kmsReadPolicy([ARN]))).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'RecoverageReadsKeys',
          Effect: 'Allow',
          Action: [
            'kms:DescribeKey',
            'kms:GetKeyPolicy',
            'kms:GetKeyRotationStatus',
            'kms:ListKeyRotations',
            'kms:ListGrants',
          ],
          Resource: [ARN],
        },
        {
          Sid: 'RecoverageReadsTheAccount',
          Effect: 'Allow',
          Action: ['kms:ListAliases', 'kms:ListKeys'],
          Resource: '*',
        },
      ],
    });
    expect(JSON.parse(kmsReadPolicy([]))).toMatchObject({ Statement: [{ Sid: 'RecoverageReadsTheAccount' }] });
  });

  it('lists operations that only read', () => {
    for (const operation of Object.keys(KMS_READ_OPERATIONS))
      expect(operation).toMatch(/^(Describe|List|Get(?!Parameters|Public))/);
  });
});

describe('createKmsClient', () => {
  it.each(['ftp://x', 'http://a:b@x', 'nowhere', 'http://x/path'])('refuses the endpoint %s', (endpoint) => {
    expect(() => clientFor(endpoint)).toThrow('not the address of a host');
  });

  it('refuses a region that is none', () => {
    expect(() => clientFor('http://127.0.0.1:1', 'evil.example/')).toThrow('not the name of a region');
  });
});
