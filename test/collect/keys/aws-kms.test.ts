import {
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKmsAccount, readKmsKey } from '../../../src/collect/keys/aws-kms.ts';
import {
  createKmsClient,
  KMS_READ_OPERATIONS,
  type KmsClient,
  kmsReadPolicy,
} from '../../../src/collect/keys/kms-client.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../../services/moto.ts';
import { type Answer, json, scriptedServer } from '../conformance/scripted-server.ts';

const ACCOUNT = '123456789012';
const KEY_ID = '11111111-2222-3333-4444-555555555555';
const ARN = `arn:aws:kms:us-east-1:${ACCOUNT}:key/${KEY_ID}`;

function clientFor(endpoint: string, region = 'us-east-1'): KmsClient {
  return createKmsClient({
    region,
    endpoint,
    accessKeyId: new Secret('AKIATEST'),
    secretAccessKey: new Secret('secret'),
    timeoutMillis: 10_000,
  });
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
    expect(await readKmsAccount(client)).toMatchObject({ account: null, region: 'us-east-1' });
    await createKey();
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
      aliases: [`alias/acme-${keyId}`],
    });
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

  it('sends nothing that is not on its list', async () => {
    const keyId = await createKey();
    const calls = await moto.recordCalls(async () => {
      await readKmsAccount(client);
      await readKmsKey(client, keyId);
    });
    expect(calls.map(({ service, operation }) => `${service}:${operation}`)).toEqual([
      'kms:ListKeys',
      'kms:DescribeKey',
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

  it('knows a key without its aliases, where the caller may not list them', async () => {
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
      aliases: null,
      expirationModel: 'KEY_MATERIAL_EXPIRES',
      validTo: '2027-01-15T08:00:00.000Z',
      createdAt: '2023-11-14T22:13:20.500Z',
    });
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
        { Sid: 'RecoverageReadsKeys', Effect: 'Allow', Action: ['kms:DescribeKey'], Resource: [ARN] },
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
