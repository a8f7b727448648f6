import { expect, it, vi } from 'vitest';
import { ForbiddenRequestError } from '../../../src/collect/guard/forbidden-request-error.ts';
import { createKmsClient } from '../../../src/collect/keys/kms-client.ts';
import { kmsReadPolicy } from '../../../src/collect/keys/kms-operations.ts';
import { proveKmsKey } from '../../../src/collect/keys/kms-proof.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type Answer, json, scriptedServer } from '../conformance/scripted-server.ts';

/* Answers as the AWS KMS API Reference documents them for Decrypt; the plaintext is one that may be nowhere afterwards. */

const KEY = 'the data key of an organization!';
const LENGTH = KEY.length;
const PLAINTEXT = Buffer.from(KEY).toString('base64');
const ACCOUNT = '111122223333';
const ARN = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const SAMPLE = Buffer.from('wrapped by a key of KMS').toString('base64');

const refused =
  (name: string): Answer =>
  (_, response) =>
    json(response, 400, { __type: name, message: `of ${PLAINTEXT}` });
const decrypted =
  (keyId: string): Answer =>
  (_, response) =>
    json(response, 200, { KeyId: keyId, Plaintext: PLAINTEXT, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });

async function prove(
  answer: Answer,
  sample: { value?: string; context?: string | null } = {},
  allowed = true,
  account: string | null = ACCOUNT,
) {
  await using server = await scriptedServer(answer);
  const client = createKmsClient({
    region: 'us-east-1',
    endpoint: server.address,
    accessKeyId: new Secret('AKIATEST'),
    secretAccessKey: new Secret('secret'),
    timeoutMillis: 5000,
    prove: allowed,
  });
  try {
    const question = {
      keyRef: ARN,
      version: null,
      sample: { value: SAMPLE, context: undefined, mechanism: null, ...sample },
    };
    return { proof: await proveKmsKey(client, question, account), seen: [...server.seen] };
  } finally {
    client.close();
  }
}

it('a sample that decrypts proves its key, with its context where there is one', async () => {
  const { proof, seen } = await prove(decrypted(ARN), { context: '{"organization":"acme"}' });
  expect(proof).toMatchObject({ version: null, outcome: 'unwrapped' });
  expect(seen.map(({ headers }) => headers['x-amz-target'])).toEqual(['TrentService.Decrypt']);
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
    KeyId: ARN,
    CiphertextBlob: SAMPLE,
    EncryptionContext: { organization: 'acme' },
  });
  const bytes = `\\x${Buffer.from(SAMPLE, 'base64').toString('hex')}`;
  expect((await prove(decrypted(ARN), { value: bytes })).proof.outcome).toBe('unwrapped');
});

it('the plaintext is overwritten before anything is done with the answer', async () => {
  const fill = vi.spyOn(Uint8Array.prototype, 'fill');
  const { proof } = await prove(decrypted(ARN));
  const isPlaintext = (one: unknown): one is Uint8Array => one instanceof Uint8Array && one.length === LENGTH;
  const overwritten = fill.mock.contexts.filter(isPlaintext);
  expect(overwritten.length).toBeGreaterThan(0);
  expect(overwritten.every((one) => Buffer.from(one).equals(Buffer.alloc(LENGTH)))).toBe(true);
  expect(JSON.stringify(proof)).not.toContain(PLAINTEXT);
  fill.mockRestore();
});

it.each([
  ['DisabledException', 'the key is disabled'],
  ['KMSInvalidStateException', 'the key is in a state in which it decrypts nothing, such as pending deletion'],
  ['NotFoundException', 'AWS KMS has no such key'],
])('%s is a refusal', async (name, because) => {
  expect((await prove(refused(name))).proof).toEqual({ version: null, outcome: 'refused', because });
});

const OF_ANOTHER_KEY = {
  version: null,
  outcome: 'refused',
  because: 'the sample was wrapped by another key',
  isOfAnotherKey: true,
};

it('IncorrectKeyException says that another key wrapped the sample', async () => {
  expect((await prove(refused('IncorrectKeyException'))).proof).toEqual(OF_ANOTHER_KEY);
});

it.each(['999988887777', null])(
  'of a key of another account than %s, nothing is told by that it is not found',
  async (account) => {
    const error = await prove(refused('NotFoundException'), {}, true, account).catch((one: unknown) => one);
    expect(error).toMatchObject({ reason: 'unauthorized', message: expect.stringContaining(`account ${ACCOUNT}`) });
  },
);

it('another key than the one asked about is a refusal, whatever decrypted; its replica is no other key', async () => {
  const other = ARN.replace('1111-', '9999-');
  expect((await prove(decrypted(other))).proof).toEqual(OF_ANOTHER_KEY);
  const { isOfAnotherKey: _, ...refusedOnly } = OF_ANOTHER_KEY;
  expect((await prove(decrypted(ARN.replace('us-east-1', 'eu-west-1')))).proof).toEqual(refusedOnly);
});

it('a ciphertext that KMS does not take may lack its context, unless the mapping gives it', async () => {
  const damaged = refused('InvalidCiphertextException');
  expect((await prove(damaged)).proof).toMatchObject({ outcome: 'unproven' });
  expect((await prove(damaged, { context: null })).proof).toMatchObject({ outcome: 'refused' });
});

it.each([
  ['no base64', { value: 'no base64!' }, 'neither bytes nor base64'],
  ['a context that is none', { context: 'acme' }, 'no JSON object of texts'],
  ['a context that is no object of texts', { context: '{"a":1}' }, 'no JSON object of texts'],
])('%s shows nothing, and is not sent', async (_, sample, because) => {
  const { proof, seen } = await prove(decrypted(ARN), sample);
  expect(proof).toMatchObject({ outcome: 'unproven', because: expect.stringContaining(because) });
  expect(seen).toEqual([]);
});

it('a denied caller is a blind spot that names the action, and repeats nothing of the answer', async () => {
  const error = await prove(refused('AccessDeniedException')).catch((one: unknown) => one);
  expect(error).toMatchObject({ reason: 'unauthorized', remedy: expect.stringContaining('kms:Decrypt') });
  expect(`${String(error)}${JSON.stringify(error)}`).not.toContain(PLAINTEXT);
});

it('without being asked to prove, nothing is decrypted', async () => {
  await expect(prove(decrypted(ARN), {}, false)).rejects.toThrow(ForbiddenRequestError);
});

it('the policy has the right to decrypt only where it is asked for', () => {
  expect(kmsReadPolicy([ARN])).not.toContain('kms:Decrypt');
  expect(kmsReadPolicy([ARN], true)).toContain('kms:Decrypt');
});
