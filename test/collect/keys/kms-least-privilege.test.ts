import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { ForbiddenRequestError } from '../../../src/collect/guard/forbidden-request-error.ts';
import { createKmsClient, type KmsClient } from '../../../src/collect/keys/kms-client.ts';
import { type KMS_READ_OPERATIONS, kmsReadPolicy } from '../../../src/collect/keys/kms-operations.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type AwsCredentials, signedFormHeaders } from '../../services/aws-signature.ts';
import { httpRequest } from '../../services/http-request.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../../services/moto.ts';

/*
 * The printed policy on a server that enforces it. What moto's enforcement is worth: signatures and actions are checked
 * for every call. Resources are not: it looks every question to KMS up as one about the resource *, whichever key it
 * names, so that a policy for the ARNs of keys would be refused everything. The actions here are therefore exactly the
 * printed ones, and the resource is *. Key policies take no part in it. What it refuses it says in XML, which AWS does not.
 */

const ANYBODY = { accessKeyId: 'seed', secretAccessKey: 'seed' };
/** CreateKey, CreateAlias, CreateUser, PutUserPolicy, CreateAccessKey. */
const CALLS_TO_SEED = 5;

/** Asks IAM, of which there is no SDK here, and gives the elements of its answer by name. */
async function iam(moto: MotoServer, fields: Readonly<Record<string, string>>) {
  const form = new URLSearchParams({ Version: '2010-05-08', ...fields }).toString();
  const scope = { service: 'iam', region: moto.region };
  const headers = signedFormHeaders(new URL(moto.endpoint).host, form, scope, ANYBODY);
  const answer = await httpRequest(moto.endpoint, { method: 'POST', headers, body: form });
  const text = answer.body.toString('utf8');
  if (answer.status !== 200) throw new Error(`moto answered ${answer.status}: ${text}`);
  return (element: string) => new RegExp(`<${element}>([^<]+)</${element}>`).exec(text)?.[1] ?? '';
}

const httpAnswer = z.object({ statusCode: z.number(), body: z.custom<AsyncIterable<Uint8Array>>() });

/** The SDK of AWS without any guard. What is refused rejects with the text of the refusal, in whatever format it came. */
function unguarded(moto: MotoServer, credentials: AwsCredentials): KMSClient {
  const client = new KMSClient({ region: moto.region, endpoint: moto.endpoint, credentials, maxAttempts: 1 });
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { statusCode, body } = httpAnswer.parse(result.response);
      if (statusCode === 200) return result;
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      throw new Error(`${statusCode} ${Buffer.concat(chunks).toString('utf8')}`);
    },
    { step: 'deserialize', priority: 'low', name: 'refusalInFull' },
  );
  return client;
}

describe.skipIf(motoUnavailable())('a user of IAM who has exactly the printed actions, where IAM is enforced', () => {
  let moto: MotoServer;
  let client: KmsClient;
  let bare: KMSClient;
  let guarded: KMSClient;
  let keyId = '';

  beforeAll(async () => {
    moto = await startMoto({ callsBeforeAuthorization: CALLS_TO_SEED });
    const seed = new KMSClient({ region: moto.region, endpoint: moto.endpoint, credentials: ANYBODY });
    keyId = (await seed.send(new CreateKeyCommand({ KeyUsage: 'ENCRYPT_DECRYPT' }))).KeyMetadata?.KeyId ?? '';
    await seed.send(new CreateAliasCommand({ AliasName: 'alias/acme', TargetKeyId: keyId }));
    seed.destroy();
    const UserName = 'recoverage';
    await iam(moto, { Action: 'CreateUser', UserName });
    const PolicyDocument = kmsReadPolicy(['*']);
    await iam(moto, { Action: 'PutUserPolicy', UserName, PolicyName: 'audit', PolicyDocument });
    const made = await iam(moto, { Action: 'CreateAccessKey', UserName });
    const access = { accessKeyId: made('AccessKeyId'), secretAccessKey: made('SecretAccessKey') };
    const send = vi.spyOn(KMSClient.prototype, 'send');
    client = createKmsClient({
      region: moto.region,
      endpoint: moto.endpoint,
      stsEndpoint: moto.endpoint,
      accessKeyId: new Secret(access.accessKeyId),
      secretAccessKey: new Secret(access.secretAccessKey),
      timeoutMillis: 10_000,
    });
    await client.describeKey(keyId);
    const [used] = send.mock.contexts;
    send.mockRestore();
    if (!(used instanceof KMSClient)) throw new Error('no client of the SDK was used');
    guarded = used;
    bare = unguarded(moto, access);
  });
  afterAll(async () => {
    client?.close();
    bare?.destroy();
    await moto?.[Symbol.asyncDispose]();
  });

  it('gets an answer to every question that the guard admits', async () => {
    const questions = {
      DescribeKey: async () => (await client.describeKey(keyId)).KeyMetadata?.KeyState,
      GetKeyPolicy: async () => typeof (await client.getKeyPolicy(keyId)).Policy,
      GetKeyRotationStatus: async () => (await client.getKeyRotationStatus(keyId)).KeyRotationEnabled,
      ListKeyRotations: async () => (await client.listKeyRotations(keyId, null)).Rotations,
      ListGrants: async () => (await client.listGrants(keyId, null)).Grants,
      ListAliases: async () =>
        (await client.listAliases(null)).Aliases?.some(({ TargetKeyId }) => TargetKeyId === keyId),
      ListKeys: async () => (await client.listKeys(1)).Keys?.length,
    } satisfies Record<keyof typeof KMS_READ_OPERATIONS, () => Promise<unknown>>;
    const answers: Record<string, unknown> = {};
    for (const [operation, ask] of Object.entries(questions)) answers[operation] = await ask();
    expect(answers).toEqual({
      DescribeKey: 'Enabled',
      GetKeyPolicy: 'string',
      GetKeyRotationStatus: false,
      ListKeyRotations: [],
      ListGrants: [],
      ListAliases: true,
      ListKeys: 1,
    });
    expect(await client.callerAccount()).toBe('123456789012');
  });

  const writes = [
    ['ScheduleKeyDeletion', () => new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 })],
    ['DisableKey', () => new DisableKeyCommand({ KeyId: keyId })],
    ['PutKeyPolicy', () => new PutKeyPolicyCommand({ KeyId: keyId, PolicyName: 'default', Policy: '{}' })],
    [
      'CreateGrant',
      () => new CreateGrantCommand({ KeyId: keyId, GranteePrincipal: 'arn:aws:iam::1:root', Operations: ['Decrypt'] }),
    ],
    ['Decrypt', () => new DecryptCommand({ KeyId: keyId, CiphertextBlob: Buffer.from('wrapped') })],
  ] as const;

  it.each(writes)('%s is refused by the server', async (operation, command) => {
    // The SDK tells its commands apart by type, which a list of several has not.
    const refusal: unknown = await bare.send(command() as DisableKeyCommand).catch((error: unknown) => error);
    expect(String(refusal)).toMatch(new RegExp(`403 .*AccessDenied.*kms:${operation}`, 's'));
    expect((await client.describeKey(keyId)).KeyMetadata?.KeyState).toBe('Enabled');
  });

  it.each(writes)('%s is not even sent by the client of the audit', async (operation, command) => {
    let refusal: unknown;
    const calls = await moto.recordCalls(async () => {
      refusal = await guarded.send(command() as DisableKeyCommand).catch((error: unknown) => error);
    });
    expect(refusal).toBeInstanceOf(ForbiddenRequestError);
    expect(String(refusal)).toContain(`${operation} is not on the allow-list for AWS KMS`);
    expect(calls).toEqual([]);
  });
});
