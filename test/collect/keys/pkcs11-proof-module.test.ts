import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pkcs11KeyProvider } from '../../../src/collect/keys/pkcs11-key-provider.ts';
import { type Pkcs11Access, type Pkcs11Token, pkcs11Token } from '../../../src/collect/keys/pkcs11-token.ts';
import { Secret } from '../../../src/model/secret.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import {
  buildFakeModule,
  type FakeBehaviour,
  type FakeModule,
  fakeModuleUnavailable,
} from '../../services/fake-module.ts';
import { type ScratchDirectory, scratchDirectory } from '../../services/scratch.ts';
import { expectNoSecret } from '../conformance/source-conformance.ts';

/** Planted: it must turn up nowhere. */
const PIN = 'CANARY-pin-6021';
const TIMEOUT_MILLIS = 3000;
const SAMPLE = { value: `\\x${'ab'.repeat(40)}`, context: null, mechanism: 'CKM_AES_KEY_WRAP' };
/** CKR_… */
const GENERAL_ERROR = 0x05;
const DEVICE_ERROR = 0x30;
const NOT_PERMITTED = 0x68;
const TEMPLATE_INCONSISTENT = 0xd1;
const NOT_LOGGED_IN = 0x101;
const WRAPPED_KEY_INVALID = 0x110;

async function failureOf(answer: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await answer.then(
    () => expect.fail('it answered'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SourceError)) throw error;
  expectNoSecret(error, PIN);
  expect(error.message).toMatch(/[^.\s]$/);
  expect(error.remedy).toMatch(/^[A-Z]/);
  return error;
}

describe.skipIf(fakeModuleUnavailable())('a vendor’s module that is given samples', () => {
  let scratch: ScratchDirectory;
  let fake: FakeModule;
  let serial = 0;
  const open: Pkcs11Token[] = [];

  beforeAll(async () => {
    scratch = scratchDirectory('fake-module-proof');
    fake = await buildFakeModule(scratch.path);
  });
  beforeEach(() => {
    for (const one of open.splice(0)) one.close();
    fake.forget();
    // What was refused is remembered by token, for the life of this process.
    serial += 1;
  });
  afterAll(() => {
    for (const one of open) one.close();
    scratch?.[Symbol.dispose]();
  });

  function proving(behaviour: FakeBehaviour = {}, changes: Partial<Pkcs11Access> = {}) {
    const token = pkcs11Token({
      module: fake.path,
      token: { label: 'fake', serial: null },
      pin: new Secret(PIN),
      environment: fake.environment({ pin: PIN, serial: `proof-${serial}`, ...behaviour }),
      timeoutMillis: 20_000,
      signal: new AbortController().signal,
      prove: true,
      ...changes,
    });
    open.push(token);
    const provider = pkcs11KeyProvider('hsm', token, null);
    return {
      key: (label: string) => provider.key(label),
      prove: async (label: string) => provider.prove?.(label, null, SAMPLE) ?? expect.fail('it proves nothing'),
    };
  }
  const callsOf = async (...names: readonly string[]) =>
    (await fake.calls()).filter((line) => names.includes(line.split(' ')[0] ?? ''));

  it('unwraps in a read-only session, destroys what it made, and closes the session', async () => {
    expect(await proving().prove('acme')).toMatchObject({ outcome: 'unwrapped' });
    const made = await callsOf('C_OpenSession', 'C_UnwrapKey', 'C_DestroyObject', 'C_CloseSession');
    expect(made).toEqual([
      'C_OpenSession 4',
      'C_OpenSession 4',
      'C_UnwrapKey 40',
      'C_DestroyObject 77',
      'C_CloseSession 0',
    ]);
  });

  it('that does not destroy what it made has its session closed all the same', async () => {
    expect(await proving({ keeps: true }).prove('acme')).toMatchObject({ outcome: 'unwrapped' });
    expect((await callsOf('C_DestroyObject', 'C_CloseSession')).at(-1)).toBe('C_CloseSession 0');
  });

  it('that only decrypts is let to, and the report says so', async () => {
    const proof = await proving({ mechanism: 'decrypt' }).prove('acme');
    expect(proof).toMatchObject({ outcome: 'unwrapped', because: expect.stringContaining('overwritten there unread') });
    expect(await callsOf('C_UnwrapKey', 'C_DecryptInit', 'C_Decrypt')).toEqual(['C_DecryptInit 0', 'C_Decrypt 40']);
  });

  it('with a word for a wrong sample is asked once', async () => {
    const proof = await proving({ proof: WRAPPED_KEY_INVALID }).prove('acme');
    expect(proof).toMatchObject({ outcome: 'refused', because: expect.stringContaining('CKR_WRAPPED_KEY_INVALID)') });
    expect(await callsOf('C_UnwrapKey')).toHaveLength(1);
  });

  it('without one is asked twice, and shows the key in between', async () => {
    const proof = await proving({ proof: GENERAL_ERROR }).prove('acme');
    expect(proof).toMatchObject({
      outcome: 'refused',
      because: expect.stringContaining('CKR_GENERAL_ERROR, 2 times)'),
    });
    const made = await callsOf('C_UnwrapKey', 'C_FindObjectsInit');
    expect(made.slice(-3)).toEqual(['C_UnwrapKey 40', 'C_FindObjectsInit 1', 'C_UnwrapKey 40']);
  });

  it.each<[string, FakeBehaviour, string, string]>([
    ['does not have the mechanism', { mechanism: 'none' }, 'unsupported', 'does not offer CKM_AES_KEY_WRAP'],
    [
      'takes no keys of a session',
      { proof: TEMPLATE_INCONSISTENT },
      'unsupported',
      'into a key of a read-only session',
    ],
    ['is gone', { proof: DEVICE_ERROR }, 'unreachable', 'CKR_DEVICE_ERROR'],
    ['wants the PIN for each use', { proof: NOT_LOGGED_IN }, 'unsupported', 'wants the PIN anew for each use'],
  ])('that %s is a blind spot', async (_, behaviour, reason, message) => {
    const error = await failureOf(proving(behaviour).prove('acme'));
    expect(error).toMatchObject({ reason, message: expect.stringContaining(message) });
  });

  it('that does not let the key be used for it refuses, with that reason', async () => {
    expect(await proving({ proof: NOT_PERMITTED }).prove('acme')).toMatchObject({
      outcome: 'refused',
      because: 'the token does not let the key be used for C_UnwrapKey (CKR_KEY_FUNCTION_NOT_PERMITTED)',
    });
  });

  it.each<[string, FakeBehaviour, string]>([
    ['crashes', { crash: 'C_UnwrapKey' }, 'unreachable'],
    ['hangs', { hang: 'C_UnwrapKey' }, 'timeout'],
  ])('that %s on samples costs these, and nothing of what is known of the keys', async (_, behaviour, reason) => {
    const one = proving(behaviour, { timeoutMillis: TIMEOUT_MILLIS });
    for (const label of ['a', 'b', 'c', 'd', 'e', 'f']) {
      expect((await one.key(label)).items).toHaveLength(1);
      const error = await failureOf(one.prove(label));
      expect(error).toMatchObject({ reason, message: expect.stringContaining('unwrapping a sample') });
    }
    expect(await callsOf('C_UnwrapKey')).toHaveLength(2);
    // A process for the beginning, and one after each sample that it did not outlive.
    expect(await callsOf('C_Initialize')).toHaveLength(3);
  });

  it('is given a wrong PIN once, also where samples wait for it', async () => {
    const one = proving({ pin: 'another-pin' });
    for (const label of ['a', 'b']) expect((await failureOf(one.prove(label))).reason).toBe('unauthorized');
    expect((await failureOf(proving({ pin: 'another-pin' }).prove('a'))).reason).toBe('unauthorized');
    expect(await callsOf('C_Login')).toHaveLength(1);
    expect(await callsOf('C_UnwrapKey')).toEqual([]);
  });
});
