import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyProvider, WrappedSample } from '../../../src/collect/keys/key-provider.ts';
import { PKCS11_PROOF_FUNCTIONS, PKCS11_READ_FUNCTIONS } from '../../../src/collect/keys/pkcs11-functions.ts';
import { pkcs11KeyProvider } from '../../../src/collect/keys/pkcs11-key-provider.ts';
import { type Pkcs11Access, pkcs11Token } from '../../../src/collect/keys/pkcs11-token.ts';
import { factSchemas } from '../../../src/model/facts.ts';
import { Secret } from '../../../src/model/secret.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { PKCS11_WRAPPINGS, type Pkcs11Wrapping } from '../../../src/model/wrapping.ts';
import { type ScratchDirectory, scratchDirectory } from '../../services/scratch.ts';
import { type SoftHsm, softHsm, softHsmUnavailable, spyUnavailable } from '../../services/softhsm.ts';
import { damaged, encryptByGcm, wrapByAes, wrapByAesPadded, wrapByRsa } from '../../services/wrapped-sample.ts';
import { expectNoSecret } from '../conformance/source-conformance.ts';

const PIN = 'CANARY-pin-3308';
/** What the samples hold: it must turn up nowhere. */
const DATA_KEY = Buffer.from('CANARY: the data key of an orga!');
const VALUE = randomBytes(32);
const OTHER_VALUE = randomBytes(32);
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const OTHER_RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const NOT_OURS = 'CKM_AES_CBC_PAD';

const SAMPLES = {
  CKM_AES_KEY_WRAP: wrapByAes(VALUE, DATA_KEY),
  CKM_AES_KEY_WRAP_PAD: wrapByAesPadded(VALUE, DATA_KEY.subarray(0, 29)),
  CKM_AES_GCM: encryptByGcm(VALUE, DATA_KEY),
  'CKM_RSA_PKCS_OAEP/SHA-1': wrapByRsa(RSA.publicKey, DATA_KEY, 'sha1'),
  'CKM_RSA_PKCS_OAEP/SHA-256': wrapByRsa(RSA.publicKey, DATA_KEY, 'sha256'),
} as const;

describe.skipIf(softHsmUnavailable())('unwrapping proven in an HSM, as SoftHSM 2.6 plays it', () => {
  let scratch: ScratchDirectory;
  let hsm: SoftHsm;
  const open: KeyProvider[] = [];

  const access = (changes: Partial<Pkcs11Access> = {}): Pkcs11Access => ({
    module: hsm.module,
    token: { label: 'org-keys', serial: null },
    pin: new Secret(PIN),
    environment: hsm.environment,
    timeoutMillis: 20_000,
    signal: new AbortController().signal,
    prove: true,
    ...changes,
  });
  function provider(wrapping: Pkcs11Wrapping | null = null, changes: Partial<Pkcs11Access> = {}): KeyProvider {
    const opened = pkcs11KeyProvider('hsm', pkcs11Token(access(changes)), null, wrapping);
    open.push(opened);
    return opened;
  }
  async function prove(
    keyRef: string,
    value: Buffer | string,
    mechanism: string | null,
    { context, by = provider() }: { readonly context?: WrappedSample['context']; readonly by?: KeyProvider } = {},
  ) {
    const text = typeof value === 'string' ? value : `\\x${value.toString('hex')}`;
    const answer = by.prove?.(keyRef, null, { value: text, context, mechanism });
    const proof = await (answer ?? expect.fail('it proves nothing'));
    for (const form of [DATA_KEY.toString('latin1'), DATA_KEY.toString('hex'), DATA_KEY.toString('base64')]) {
      expect(JSON.stringify(proof)).not.toContain(form);
    }
    expect(factSchemas['unwrap-proof'].safeParse(proof).error).toBeUndefined();
    return proof;
  }
  async function failureOf(answer: Promise<unknown>): Promise<SourceError> {
    const error: unknown = await answer.then(
      () => expect.fail('it answered'),
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof SourceError)) throw error;
    expectNoSecret(error, PIN);
    return error;
  }

  beforeAll(async () => {
    scratch = scratchDirectory('softhsm-proof');
    hsm = await softHsm(scratch.path);
    await hsm.createToken('org-keys', PIN);
    const value = VALUE.toString('hex');
    const rsa = RSA.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('hex');
    await hsm.change('org-keys', PIN, {
      add: [
        { label: 'acme', id: '01', value },
        { label: 'other', id: '02', value: OTHER_VALUE.toString('hex') },
        { label: 'decrypts', id: '03', value, opens: 'decrypt' },
        { label: 'unwraps', id: '04', value, opens: 'unwrap' },
        { label: 'encrypts-only', id: '05', value, opens: false },
        { label: 'pair', id: '06', rsa },
        { label: 'pair-decrypts', id: '07', rsa, opens: 'decrypt' },
        { label: 'text', isData: true },
      ],
    });
  });
  afterAll(async () => {
    for (const one of open) await one.close();
    scratch?.[Symbol.dispose]();
  });

  it.each<[keyof typeof SAMPLES, string]>([
    ['CKM_AES_KEY_WRAP', 'acme'],
    ['CKM_AES_KEY_WRAP', 'unwraps'],
    ['CKM_AES_KEY_WRAP_PAD', 'id:01'],
    ['CKM_RSA_PKCS_OAEP/SHA-1', 'pair'],
  ])('by %s, a sample of key %s unwraps into a key that nobody can read', async (mechanism, keyRef) => {
    expect(await prove(keyRef, SAMPLES[mechanism], mechanism)).toMatchObject({
      outcome: 'unwrapped',
      because: expect.stringMatching(/into a key of the session, which could not be read .*never left the token$/),
    });
  });

  it.each<[keyof typeof SAMPLES, string]>([
    ['CKM_AES_GCM', 'acme'],
    ['CKM_AES_GCM', 'decrypts'],
    ['CKM_RSA_PKCS_OAEP/SHA-1', 'pair-decrypts'],
  ])('by %s, which key %s can only decrypt by, the report says where the plaintext was', async (mechanism, keyRef) => {
    expect(await prove(keyRef, SAMPLES[mechanism], mechanism, { context: null })).toMatchObject({
      outcome: 'unwrapped',
      because: expect.stringMatching(/^the token decrypted .*came into the memory of the audit and was overwritten/),
    });
  });

  it('takes the way from the configuration where the sample does not tell it, and base64 for bytes', async () => {
    const by = provider('CKM_AES_KEY_WRAP');
    expect(await prove('acme', SAMPLES.CKM_AES_KEY_WRAP.toString('base64'), null, { by })).toMatchObject({
      outcome: 'unwrapped',
    });
    expect(await prove('acme', SAMPLES.CKM_AES_KEY_WRAP_PAD, 'CKM_AES_KEY_WRAP_PAD', { by })).toMatchObject({
      outcome: 'unwrapped',
    });
  });

  it.each<[string, string, Buffer, string]>([
    ['damaged', 'acme', damaged(SAMPLES.CKM_AES_KEY_WRAP), 'CKM_AES_KEY_WRAP'],
    ['of another key', 'other', SAMPLES.CKM_AES_KEY_WRAP, 'CKM_AES_KEY_WRAP'],
    ['damaged and padded', 'acme', damaged(SAMPLES.CKM_AES_KEY_WRAP_PAD), 'CKM_AES_KEY_WRAP_PAD'],
    ['wrapped otherwise', 'acme', SAMPLES.CKM_AES_KEY_WRAP, 'CKM_AES_KEY_WRAP_PAD'],
    ['of another pair', 'pair', wrapByRsa(OTHER_RSA.publicKey, DATA_KEY, 'sha1'), 'CKM_RSA_PKCS_OAEP/SHA-1'],
    ['damaged and decrypted', 'acme', damaged(SAMPLES.CKM_AES_GCM), 'CKM_AES_GCM'],
  ])('a sample that is %s is refused', async (_, keyRef, sample, mechanism) => {
    expect(await prove(keyRef, sample, mechanism, { context: null })).toMatchObject({
      outcome: 'refused',
      because: expect.stringMatching(/does not open the sample by .*answered CKR_.*damaged, of another key/),
    });
  });

  it('other data beside it goes along; where the mapping has no column for it, a refusal shows nothing', async () => {
    const additional = Buffer.from('organization acme');
    const sample = encryptByGcm(VALUE, DATA_KEY, additional);
    const context = additional.toString('base64');
    expect(await prove('acme', sample, 'CKM_AES_GCM', { context })).toMatchObject({ outcome: 'unwrapped' });
    expect(await prove('acme', sample, 'CKM_AES_GCM', { context: null })).toMatchObject({ outcome: 'refused' });
    expect(await prove('acme', sample, 'CKM_AES_GCM')).toMatchObject({
      outcome: 'unproven',
      because: expect.stringContaining('no column for'),
    });
  });

  it.each([
    ['that may neither unwrap nor decrypt', 'encrypts-only', 'may neither unwrap nor decrypt (CKA_UNWRAP and'],
    ['that may not unwrap, by a mechanism for unwrapping alone', 'decrypts', 'is offered for (CKA_UNWRAP is false)'],
    ['that is no key', 'text', 'may neither unwrap nor decrypt'],
    ['that is gone', 'nobody', 'the token has no such key'],
  ])('a key %s is refused for its own reason', async (_, keyRef, because) => {
    expect(await prove(keyRef, SAMPLES.CKM_AES_KEY_WRAP, 'CKM_AES_KEY_WRAP')).toMatchObject({
      outcome: 'refused',
      because: expect.stringContaining(because),
    });
  });

  it('a key that may not decrypt, by a mechanism for decrypting alone, is refused for that', async () => {
    expect(await prove('unwraps', SAMPLES.CKM_AES_GCM, 'CKM_AES_GCM', { context: null })).toMatchObject({
      outcome: 'refused',
      because: expect.stringContaining('(CKA_DECRYPT is false)'),
    });
  });

  it.each<[string, string, Buffer]>([
    ['a mechanism that the token does not have', 'CKM_AES_KEY_WRAP_KWP', SAMPLES.CKM_AES_KEY_WRAP_PAD],
    ['a hash that it does not have', 'CKM_RSA_PKCS_OAEP/SHA-256', SAMPLES['CKM_RSA_PKCS_OAEP/SHA-256']],
  ])('%s is a blind spot that says what to look for', async (_, mechanism, sample) => {
    const keyRef = mechanism.startsWith('CKM_RSA') ? 'pair' : 'acme';
    const error = await failureOf(prove(keyRef, sample, mechanism, { context: null }));
    expect(error).toMatchObject({
      reason: 'unsupported',
      message: expect.stringContaining(`does not offer ${mechanism}`),
      remedy: expect.stringContaining('--list-mechanisms'),
    });
  });

  it('nobody who says how the sample was wrapped is a blind spot, and nothing is guessed', async () => {
    const error = await failureOf(prove('acme', SAMPLES.CKM_AES_KEY_WRAP, null));
    expect(error).toMatchObject({ reason: 'not-asked', remedy: expect.stringContaining('wrapping of the provider') });
    for (const one of PKCS11_WRAPPINGS) expect(error.remedy).toContain(one);
  });

  it.each<[string, string, Buffer | string, string, { readonly context?: string }]>([
    ['by which a wrong key goes unnoticed', 'acme', SAMPLES.CKM_AES_KEY_WRAP, NOT_OURS, {}],
    ['that its key cannot have', 'pair', SAMPLES.CKM_AES_KEY_WRAP, 'CKM_AES_KEY_WRAP', {}],
    ['that gives another length', 'acme', SAMPLES.CKM_AES_KEY_WRAP.subarray(1), 'CKM_AES_KEY_WRAP', {}],
    ['that gives as many bytes as the key has', 'pair', SAMPLES.CKM_AES_KEY_WRAP, 'CKM_RSA_PKCS_OAEP/SHA-1', {}],
    ['of what is no bytes', 'acme', 'no base64!', 'CKM_AES_KEY_WRAP', {}],
    ['that takes no context', 'acme', SAMPLES.CKM_AES_KEY_WRAP, 'CKM_AES_KEY_WRAP', { context: 'YQ==' }],
    ['with a context that is none', 'acme', SAMPLES.CKM_AES_GCM, 'CKM_AES_GCM', { context: 'no base64!' }],
  ])('a sample by a mechanism %s shows nothing', async (_, keyRef, sample, mechanism, more) => {
    expect(await prove(keyRef, sample, mechanism, more)).toMatchObject({ outcome: 'unproven' });
  });

  it('where nothing is to be proven, the module is not asked to', async () => {
    const by = provider('CKM_AES_KEY_WRAP', { prove: false });
    expect((await failureOf(prove('acme', SAMPLES.CKM_AES_KEY_WRAP, null, { by }))).message).toContain(
      'without being allowed to',
    );
  });

  it.skipIf(spyUnavailable())('is called by functions of both lists alone, and nothing of it changes', async () => {
    const before = await hsm.digests();
    const { module, environment, calls } = hsm.spied();
    const by = provider(null, { module, environment });
    await prove('acme', SAMPLES.CKM_AES_KEY_WRAP, 'CKM_AES_KEY_WRAP', { by });
    await prove('other', SAMPLES.CKM_AES_KEY_WRAP, 'CKM_AES_KEY_WRAP', { by });
    await prove('acme', SAMPLES.CKM_AES_GCM, 'CKM_AES_GCM', { context: null, by });
    await by.close();
    const made = await expect.poll(calls, { timeout: 10_000 }).toContain('C_Finalize').then(calls);
    const functions = new Set(made.filter((name) => name !== 'C_GetFunctionList' && name !== 'C_GetInterface'));
    const admitted = { ...PKCS11_READ_FUNCTIONS, ...PKCS11_PROOF_FUNCTIONS };
    expect([...functions].sort()).toEqual(Object.keys(admitted).sort());
    const count = (name: string) => made.filter((one) => one === name).length;
    expect(count('C_DestroyObject')).toBe(1);
    expect(count('C_OpenSession')).toBe(count('C_CloseSession'));
    expect(await hsm.digests()).toEqual(before);
  });
});
