import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { azureKeyProvider } from '../../../src/collect/keys/azure-key-provider.ts';
import { matchAzureRequest } from '../../../src/collect/keys/azure-requests.ts';
import type { KeyProvider } from '../../../src/collect/keys/key-provider.ts';
import { factSchemas } from '../../../src/model/facts.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { AZURE_WRAPPINGS, type AzureUnwrapOperation, type AzureWrapping } from '../../../src/model/wrapping.ts';
import {
  ACCESS_TOKEN,
  type AzureFixture,
  type FixtureKey,
  type FixtureVersion,
  fault,
  startAzure,
  versionName,
} from '../../services/azure.ts';
import { opensslUnavailable } from '../../services/certificates.ts';
import { damaged, wrapByAes, wrapByRsa } from '../../services/wrapped-sample.ts';
import { azureClientFor } from './azure-client-for.ts';

/* The fixture really unwraps; the shapes in which it answers are documented and observed from nobody. */

const DATA_KEY = Buffer.from('PLANTED: the data key of acme!!!');
const FORMS = (['latin1', 'hex', 'base64', 'base64url'] as const).map((form) => DATA_KEY.toString(form));
const FIRST = generateKeyPairSync('rsa', { modulusLength: 2048 });
const SECOND = generateKeyPairSync('rsa', { modulusLength: 2048 });
const SYMMETRIC = randomBytes(32);
const OLD: FixtureVersion = { version: versionName(1), created: 1_700_000_000, material: FIRST.privateKey };
const NEW: FixtureVersion = { version: versionName(2), created: 1_720_000_000, material: SECOND.privateKey };
const OF_OLD = wrapBy(OLD, 'sha256');
const OF_NEW = wrapBy(NEW, 'sha256');
const BY: AzureWrapping = 'RSA-OAEP-256';

function wrapBy({ material }: FixtureVersion, hash: 'sha1' | 'sha256'): Buffer {
  return wrapByRsa((material === FIRST.privateKey ? FIRST : SECOND).publicKey, DATA_KEY, hash);
}

describe.skipIf(opensslUnavailable())('unwrapping proven at a vault, as the fixture plays it', () => {
  let azure: AzureFixture;
  const opened: KeyProvider[] = [];
  beforeAll(async () => {
    azure = await startAzure();
  });
  afterAll(async () => {
    for (const provider of opened) await provider.close();
    await azure?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    azure.answerBy(null);
    keys({});
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  function keys(acme: Partial<FixtureKey>, ...others: readonly FixtureKey[]) {
    azure.setKeys([{ name: 'acme', versions: [OLD, NEW], ...acme }, ...others]);
  }
  function provider(
    wrapping: AzureWrapping | null = BY,
    prove: AzureUnwrapOperation = 'unwrapKey',
    address = azure.vault,
  ): KeyProvider {
    const { authorityHost, caFile } = azure;
    const client = azureClientFor({ address, authorityHost, caFile, prove });
    const made = azureKeyProvider('azure', client, wrapping);
    opened.push(made);
    return made;
  }
  async function prove(
    keyRef: string,
    value: Buffer | string,
    { by = provider(), mechanism = null }: { readonly by?: KeyProvider; readonly mechanism?: string | null } = {},
  ) {
    const text = typeof value === 'string' ? value : `\\x${value.toString('hex')}`;
    const answer = by.prove?.(keyRef, 1, { value: text, context: undefined, mechanism });
    const proof = await (answer ?? expect.fail('it proves nothing'));
    for (const form of FORMS) expect(JSON.stringify(proof)).not.toContain(form);
    expect(factSchemas['unwrap-proof'].safeParse(proof).error).toBeUndefined();
    return proof;
  }
  async function failureOf(question: Promise<unknown>): Promise<SourceError> {
    const error: unknown = await question.then(
      (value) => expect.fail(`answered ${inspect(value)}`),
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof SourceError)) throw error;
    const shown = inspect(error, { depth: 20, showHidden: true });
    for (const secret of [...FORMS, ACCESS_TOKEN]) expect(shown).not.toContain(secret);
    return error;
  }
  const uses = () =>
    azure.requests
      .filter(({ method, host, authorization }) => method === 'POST' && !host.startsWith('login.') && authorization)
      .map(({ path }) => path);

  it('the version that its record names unwraps it, and no other is asked', async () => {
    const before = uses().length;
    expect(await prove(`acme/${OLD.version}`, OF_OLD)).toEqual({
      version: 1,
      outcome: 'unwrapped',
      because: `the service unwrapped the sample by ${BY} with its version ${OLD.version}, and the plaintext was overwritten as it came`,
    });
    expect(uses().slice(before)).toEqual([`/keys/acme/${OLD.version}/unwrapkey`]);
  });

  it('without a named version, the enabled ones are tried, newest first, and the one that did is told', async () => {
    const before = uses().length;
    const proof = await prove('acme', OF_OLD.toString('base64url'));
    expect(proof).toMatchObject({ outcome: 'unwrapped', because: expect.stringContaining(OLD.version) });
    expect(uses().slice(before)).toEqual([
      `/keys/acme/${NEW.version}/unwrapkey`,
      `/keys/acme/${OLD.version}/unwrapkey`,
    ]);
  });

  it('what the record of the sample says outweighs the configuration', async () => {
    const sample = wrapBy(OLD, 'sha1');
    expect(await prove('acme', sample, { mechanism: 'RSA-OAEP' })).toMatchObject({ outcome: 'unwrapped' });
    expect(await prove('acme', sample)).toMatchObject({ outcome: 'refused' });
  });

  it('a symmetric key of a Managed HSM unwraps', async () => {
    const version = { version: versionName(5), material: SYMMETRIC };
    keys({ kty: 'oct-HSM', keyOps: ['wrapKey', 'unwrapKey'], versions: [version] });
    const by = provider('A256KW', 'unwrapKey', azure.managedHsm);
    expect(await prove('acme', wrapByAes(SYMMETRIC, DATA_KEY), { by })).toMatchObject({ outcome: 'unwrapped' });
    expect(await prove('acme', damaged(wrapByAes(SYMMETRIC, DATA_KEY)), { by })).toMatchObject({ outcome: 'refused' });
  });

  it('a key that is past its date unwraps what it wrapped', async () => {
    keys({ versions: [{ ...OLD, exp: 1_700_000_001 }] });
    expect(await prove('acme', OF_OLD)).toMatchObject({ outcome: 'unwrapped' });
  });

  it.each<[string, string, Buffer, Partial<FixtureKey>, string]>([
    ['that is damaged', `acme/${OLD.version}`, damaged(OF_OLD), {}, 'the service cannot unwrap the sample: it is dam'],
    ['of another version than is named', `acme/${OLD.version}`, OF_NEW, {}, 'of another key or version'],
    [
      'of no version',
      'acme',
      damaged(OF_NEW),
      {},
      'none of its 2 enabled versions unwraps the sample: the service can',
    ],
    [
      'of a version that is disabled',
      `acme/${OLD.version}`,
      OF_OLD,
      { versions: [{ ...OLD, enabled: false }, NEW] },
      'the version is disabled',
    ],
    [
      'of a key that is disabled',
      'acme',
      OF_OLD,
      { versions: [{ ...OLD, enabled: false }] },
      'every version of the key is dis',
    ],
    [
      'of a key that may not unwrap',
      'acme',
      OF_NEW,
      { keyOps: ['sign', 'verify'] },
      'may not be used for it (key_ops)',
    ],
    ['of a key that may decrypt alone', 'acme', OF_NEW, { keyOps: ['decrypt'] }, 'may not be used for it (key_ops)'],
    ['of a version that is gone', `acme/${versionName(9)}`, OF_NEW, {}, 'has no such version of the key'],
    ['of a key that is gone', 'nobody', OF_NEW, {}, 'the service has no such key'],
  ])('a sample %s is refused, and why', async (_, keyRef, sample, key, because) => {
    keys(key);
    expect(await prove(keyRef, sample)).toMatchObject({
      outcome: 'refused',
      because: expect.stringContaining(because),
    });
  });

  it.each<[string, Buffer | string, string | null, string]>([
    ['no bytes', 'no base64!', null, 'neither bytes nor base64'],
    ['shorter than the key makes it', OF_NEW.subarray(1), null, 'kind or length do not fit'],
    ['wrapped as this kind of key cannot', OF_NEW, 'A256KW', 'kind or length do not fit'],
    ['wrapped so that a wrong key goes unnoticed', OF_NEW, 'RSA1_5', 'by which a wrong key would be noticed'],
  ])('a sample that is %s shows nothing, and is not sent', async (_, sample, mechanism, because) => {
    const before = uses().length;
    expect(await prove('acme', sample, { mechanism })).toMatchObject({
      outcome: 'unproven',
      because: expect.stringContaining(because),
    });
    expect(uses()).toHaveLength(before);
  });

  it('of a key with more versions than are tried, a refusal shows nothing', async () => {
    const versions = Array.from({ length: 30 }, (_, index) => ({ ...NEW, version: versionName(100 + index) }));
    keys({ versions: [OLD, ...versions] });
    const before = uses().length;
    expect(await prove('acme', OF_OLD)).toMatchObject({
      outcome: 'unproven',
      because: expect.stringContaining('none of the 24 newest versions'),
    });
    expect(uses()).toHaveLength(before + 24);
  });

  it('decrypts where the configuration names that, and says nothing of keys that cannot', async () => {
    keys({ keyOps: ['decrypt'] });
    const by = provider(BY, 'decrypt');
    const before = uses().length;
    expect(await prove(`acme/${NEW.version}`, OF_NEW, { by })).toMatchObject({ outcome: 'unwrapped' });
    expect(uses().slice(before)).toEqual([`/keys/acme/${NEW.version}/decrypt`]);
    expect(await prove('acme', OF_NEW, { by, mechanism: 'A256KW' })).toMatchObject({ outcome: 'unproven' });
  });

  it('nobody who says how it was wrapped is a blind spot', async () => {
    const error = await failureOf(prove('acme', OF_NEW, { by: provider(null) }));
    expect(error.reason).toBe('not-asked');
    for (const one of AZURE_WRAPPINGS) expect(error.remedy).toContain(one);
  });

  it('a caller without the right is told which one, of vault and Managed HSM', async () => {
    azure.answerBy(({ method, host, authorization }) =>
      method === 'POST' && !host.startsWith('login.') && authorization !== null
        ? { status: 403, body: fault('Forbidden', 'Caller is not authorized.', 'ForbiddenByRbac') }
        : null,
    );
    const error = await failureOf(prove('acme', OF_NEW));
    expect(error).toMatchObject({ reason: 'unauthorized' });
    expect(error.remedy).toContain('Microsoft.KeyVault/vaults/keys/unwrap/action');
    expect(error.remedy).toContain('unwrapKey');
    const hsm = await failureOf(prove('acme', OF_NEW, { by: provider(BY, 'unwrapKey', azure.managedHsm) }));
    expect(hsm.remedy).toContain('Microsoft.KeyVault/managedHsm/keys/unwrap/action');
  });

  it.each<[string, unknown]>([
    ['of another version', { kid: `https://x/keys/acme/${OLD.version}`, value: 'AAAA' }],
    ['of another key', { kid: `https://x/keys/globex/${NEW.version}`, value: 'AAAA' }],
    ['without a value', { kid: `https://x/keys/acme/${NEW.version}`, value: '' }],
    ['of another shape', { result: 'AAAA' }],
    ['that is none', '<html>'],
  ])('an answer %s is malformed, and proves nothing', async (_, body) => {
    azure.answerBy(({ path, authorization }) =>
      path.endsWith('/unwrapkey') && authorization !== null ? { status: 200, body } : null,
    );
    expect((await failureOf(prove(`acme/${NEW.version}`, OF_NEW))).reason).toBe('malformed');
  });

  it('the plaintext never becomes a text, and is overwritten in the bytes that it came in', async () => {
    const asText = vi.spyOn(Buffer.prototype, 'toString');
    const fill = vi.spyOn(Buffer.prototype, 'fill');
    const by = provider();
    await by.prove?.(`acme/${NEW.version}`, 1, {
      value: OF_NEW.toString('base64'),
      context: undefined,
      mechanism: null,
    });
    const own = asText.mock.results.map(({ value }) => String(value)).filter((text) => text.includes('"value":"'));
    // The fixture lives in this process and makes its answer from text; the client reads the same bytes and makes none.
    expect(own.filter((text) => FORMS.some((form) => text.includes(form)))).toEqual([]);
    const emptied = fill.mock.contexts.filter((one): one is Buffer => Buffer.isBuffer(one) && one.length > 80);
    expect(emptied.length).toBeGreaterThan(1);
    for (const one of emptied) expect(one.every((byte) => byte === 0)).toBe(true);
  });

  it('where nothing is to be proven, no key is used', async () => {
    const { authorityHost, caFile } = azure;
    const client = azureClientFor({ address: azure.vault, authorityHost, caFile });
    await expect(client.unwrapAndForget('acme', NEW.version, BY, OF_NEW)).rejects.toThrow(/not on its allow-list/);
    client.close();
  });

  it('all that was sent is on the list of what a proof may send', () => {
    for (const { host, method, url } of azure.requests) {
      const at = host.startsWith('login.') ? 'sign-in' : 'vault';
      const sent = new URL(`https://${host}${url}`);
      const isOf = (by: AzureUnwrapOperation) => matchAzureRequest(at, method, sent, by) !== null;
      expect(isOf('unwrapKey') || isOf('decrypt')).toBe(true);
    }
  });
});
