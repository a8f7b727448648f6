import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import pkcs11js from 'pkcs11js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyProvider } from '../../../src/collect/keys/key-provider.ts';
import { PKCS11_READ_FUNCTIONS } from '../../../src/collect/keys/pkcs11-functions.ts';
import { READ_ONLY_SESSION } from '../../../src/collect/keys/pkcs11-guard.ts';
import { pkcs11KeyProvider } from '../../../src/collect/keys/pkcs11-key-provider.ts';
import { type Pkcs11Access, pkcs11Token } from '../../../src/collect/keys/pkcs11-token.ts';
import { factSchemas } from '../../../src/model/facts.ts';
import { Secret } from '../../../src/model/secret.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import type { GenerationAttempt } from '../../services/generate-key.ts';
import { type ScratchDirectory, scratchDirectory } from '../../services/scratch.ts';
import { type SoftHsm, softHsm, softHsmUnavailable, spyUnavailable } from '../../services/softhsm.ts';
import { expectNoSecret } from '../conformance/source-conformance.ts';

/** Planted: it must turn up nowhere. */
const PIN = 'CANARY-pin-7731';
const SHARED_VALUE = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const OTHER_VALUE = 'ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';

async function failureOf(answer: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await answer.then(
    () => expect.fail('it answered'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SourceError)) throw error;
  expectNoSecret(error, PIN);
  return error;
}

const GENERATE = fileURLToPath(new URL('../../services/generate-key.ts', import.meta.url));

/** A process holds one module with one configuration. */
async function answerOf(attempt: GenerationAttempt, environment: Readonly<Record<string, string>>): Promise<string> {
  const child = execFile(process.execPath, [GENERATE], { env: { ...process.env, ...environment } });
  child.stdin?.end(JSON.stringify(attempt));
  return child.stdout === null ? '' : await text(child.stdout);
}

describe.skipIf(softHsmUnavailable())('an HSM, as SoftHSM 2.6 plays it', () => {
  let scratch: ScratchDirectory;
  let hsm: SoftHsm;
  let serial: string;
  const open: KeyProvider[] = [];

  const access = (changes: Partial<Pkcs11Access> = {}): Pkcs11Access => ({
    module: hsm.module,
    token: { label: 'org-keys', serial: null },
    pin: new Secret(PIN),
    environment: hsm.environment,
    timeoutMillis: 20_000,
    signal: new AbortController().signal,
    ...changes,
  });
  function provider(changes: Partial<Pkcs11Access> = {}, peer: Partial<Pkcs11Access> | null = null): KeyProvider {
    const peerToken = peer === null ? null : { token: pkcs11Token(access(peer)), domain: { host: 'hsm-2' } };
    const opened = pkcs11KeyProvider('hsm', pkcs11Token(access(changes)), peerToken);
    open.push(opened);
    return opened;
  }
  const PEER = { token: { label: 'peer-keys', serial: null } };

  beforeAll(async () => {
    scratch = scratchDirectory('softhsm');
    hsm = await softHsm(scratch.path);
    serial = await hsm.createToken('org-keys', PIN);
    await hsm.createToken('peer-keys', PIN);
    await hsm.change('org-keys', PIN, {
      add: [
        { label: 'acme', id: '01' },
        { label: 'shared', id: '02', value: SHARED_VALUE },
        { label: 'replaced', id: '03', value: SHARED_VALUE },
        { label: 'alone', id: '04' },
        { label: 'renamed', id: '0a05', value: SHARED_VALUE },
        { label: 'expired', id: '06', endDate: '20200131' },
        { label: 'dated-there', id: '0e', value: SHARED_VALUE },
        { label: 'later', id: '07', startDate: '29990101' },
        { label: 'encrypts-only', id: '08', opens: false },
        { label: 'text', isData: true },
        { label: 'twice', id: '09' },
        { label: 'twice', id: '0b' },
        { label: 'unnumbered' },
        { label: 'id:zz', id: '0c' },
      ],
    });
    await hsm.change('peer-keys', PIN, {
      add: [
        { label: 'shared', id: '02', value: SHARED_VALUE },
        { label: 'replaced', id: '03', value: OTHER_VALUE },
        { label: 'called-otherwise', id: '0a05', value: SHARED_VALUE },
        { label: 'gone-here', id: '0d' },
        { label: 'dated-there', id: '0e', value: SHARED_VALUE, startDate: '20190101', endDate: '20200131' },
      ],
    });
  });
  afterAll(async () => {
    for (const one of open) await one.close();
    scratch?.[Symbol.dispose]();
  });

  it('tells what it is', async () => {
    const { items } = await provider().state();
    expect(items).toMatchObject([
      {
        kind: 'pkcs11',
        initialized: true,
        sealed: null,
        version: '2.6',
        token: { label: 'org-keys', serial, manufacturer: 'SoftHSM project', maxSessions: null },
      },
    ]);
    expect(factSchemas['provider-state'].safeParse(items[0]).error).toBeUndefined();
  });

  it('is found by its serial number, and by both together', async () => {
    expect((await provider({ token: { label: null, serial } }).state()).items).toHaveLength(1);
    const wrong = await failureOf(provider({ token: { label: 'peer-keys', serial } }).state());
    expect(wrong.reason).toBe('unreachable');
  });

  it('shows a key by label or id, without versions or a time of creation', async () => {
    const hsmProvider = provider();
    const { items } = await hsmProvider.key('acme');
    expect(items).toMatchObject([
      {
        state: 'enabled',
        identity: expect.stringMatching(new RegExp(`^pkcs11:serial=${serial};id=%01;x-check-value=[0-9a-f]{6}$`)),
        versions: null,
        createdAt: null,
        expiresAt: null,
        origin: 'made in the token',
        canDecrypt: true,
        attributes: {
          class: 'secret key',
          keyType: 'AES, 256 bits',
          label: 'acme',
          id: '01',
          checkValue: expect.stringMatching(/^[0-9a-f]{6}$/),
          startsAt: null,
          sensitive: true,
          extractable: false,
          neverExtractable: true,
          modifiable: true,
        },
      },
    ]);
    expect(factSchemas['key-state'].safeParse(items[0]).error).toBeUndefined();
    expect((await hsmProvider.key('id:01')).items).toEqual(items);
    expect((await hsmProvider.key('label:acme')).items).toEqual(items);
    expect((await hsmProvider.key('label:id:zz')).items).toMatchObject([{ attributes: { id: '0c' } }]);
    expect((await hsmProvider.key('unnumbered')).items[0]?.identity).toMatch(/;object=unnumbered;x-check-value=/);
  });

  it.each([
    ['that is not there is missing', 'nobody', { state: 'missing', identity: null, canDecrypt: false }],
    ['by an id that is not there is missing', 'id:ff', { state: 'missing' }],
    ['expires at the end of its last day', 'expired', { state: 'enabled', expiresAt: '2020-02-01T00:00:00.000Z' }],
    ['tells when it begins', 'later', { attributes: { startsAt: '2999-01-01T00:00:00.000Z' } }],
    ['that may neither decrypt nor unwrap opens nothing', 'encrypts-only', { state: 'enabled', canDecrypt: false }],
    ['that is an object of another class opens nothing', 'text', { canDecrypt: false, attributes: { class: 'data' } }],
  ])('a key %s', async (_, keyRef, expected) => {
    expect((await provider().key(keyRef)).items).toMatchObject([expected]);
  });

  it('does not guess which of two keys of one label is meant, nor what a broken reference means', async () => {
    const twice = await failureOf(provider().key('twice'));
    expect(twice.reason).toBe('malformed');
    expect(twice.message).toContain('2 keys bear the same label (id');
    expect((await provider().key('id:0b')).items).toMatchObject([{ attributes: { label: 'twice' } }]);
    expect((await failureOf(provider().key('id:zz'))).reason).toBe('malformed');
  });

  it('lists its keys by label and id, and nothing else that it holds', async () => {
    const names = await provider().names?.();
    expect([...(names ?? [])].sort()).toEqual(
      [
        ...['acme', 'shared', 'replaced', 'alone', 'renamed', 'expired', 'later', 'encrypts-only', 'twice', 'twice'],
        ...['unnumbered', 'id:zz', 'dated-there'],
        ...['01', '02', '03', '04', '0a05', '06', '07', '08', '09', '0b', '0c', '0e'].map((id) => `id:${id}`),
      ].sort(),
    );
  });

  it('that was never there lists nothing', async () => {
    const gone = provider({ token: { label: 'no-such-token', serial: null } });
    const names = gone.names ?? (() => Promise.resolve([]));
    expect((await failureOf(names())).reason).toBe('unreachable');
  });

  it('has a peer that answers and stands where it is stated', async () => {
    const { peer } = provider({}, PEER);
    expect((await peer?.state())?.items).toMatchObject([{ label: 'peer-keys', version: '2.6', host: 'hsm-2' }]);
  });

  it.each([
    ['the same check value proves it', 'shared', { holds: true, proof: 'check-value' }],
    ['under another label, by its id', 'renamed', { holds: true, proof: 'check-value' }],
    [
      'until when it may be used there',
      'dated-there',
      { proof: 'check-value', startsAt: '2019-01-01T00:00:00.000Z', expiresAt: '2020-02-01T00:00:00.000Z' },
    ],
    ['another check value is another key', 'replaced', { holds: false, proof: null, differs: true }],
    ['it is missing there', 'alone', { holds: false, proof: null, because: 'it has no key of that name' }],
    ['a name alone proves nothing', 'gone-here', { holds: true, proof: 'name' }],
  ])('a key on the peer: %s', async (_, keyRef, expected) => {
    expect((await provider({}, PEER).peer?.key(keyRef))?.items).toMatchObject([expected]);
  });

  it('is no peer of itself', async () => {
    const own = provider({}, {}).peer;
    expect((await failureOf(own?.state() ?? Promise.resolve())).message).toContain('is the very token');
    expect((await failureOf(own?.key('acme') ?? Promise.resolve())).reason).toBe('malformed');
  });

  it('a token that is not there is a blind spot, which does not name those of others', async () => {
    const error = await failureOf(provider({ token: { label: 'nowhere', serial: null } }).state());
    expect(error.reason).toBe('unreachable');
    expect(error.message).toBe('PKCS#11 token "nowhere": no such token (others are there: 2)');
  });

  it('a peer that is not there is a blind spot of its own, while the token itself answers', async () => {
    const own = provider({}, { token: { label: 'nowhere', serial: null } });
    for (const asked of [own.peer?.state(), own.peer?.key('shared')]) {
      const error = await failureOf(asked ?? Promise.resolve());
      expect(error.reason).toBe('unreachable');
      expect(error.message).toMatch(/^PKCS#11 token "nowhere": no such token/);
    }
    expect((await own.key('shared')).items).toMatchObject([{ state: 'enabled' }]);
  });

  it('keeps a key from being made in it by the session that the audit opens, whatever asks for it', async () => {
    const before = await hsm.digests();
    const generate = (flags: number) =>
      answerOf({ module: hsm.module, token: 'org-keys', pin: PIN, flags, label: 'made-by-nobody' }, hsm.environment);
    expect(await generate(READ_ONLY_SESSION)).toBe('CKR_SESSION_READ_ONLY');
    expect(await hsm.digests()).toEqual(before);
    // It is the session that forbids it, and not that user: by another one he makes it.
    expect(await generate(READ_ONLY_SESSION | pkcs11js.CKF_RW_SESSION)).toBe('CKR_OK');
    await hsm.change('org-keys', PIN, { remove: ['made-by-nobody'] });
    expect(await hsm.digests()).toEqual(before);
  });

  it('a module that is not there, or is none, is a blind spot', async () => {
    const absent = await failureOf(provider({ module: join(scratch.path, 'nothing.so') }).state());
    expect(absent).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('(ENOENT)') });
    const none = await failureOf(provider({ module: hsm.environment['SOFTHSM2_CONF'] ?? '' }).key('acme'));
    expect(none).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('could not be loaded') });
  });

  it('refuses a wrong PIN, which is unauthorized', async () => {
    const error = await failureOf(provider({ pin: new Secret('not-the-pin') }).key('acme'));
    expect(error).toMatchObject({ reason: 'unauthorized', message: expect.stringContaining('CKR_PIN_INCORRECT') });
  });

  it('after it was closed it answers no more', async () => {
    const closed = provider();
    await closed.state();
    await closed.close();
    expect((await failureOf(closed.state())).reason).toBe('not-asked');
  });

  it.skipIf(spyUnavailable())('is called by functions of the allow-list alone, and nothing of it changes', async () => {
    const before = await hsm.digests();
    const { module, environment, calls } = hsm.spied();
    const spied = provider({ module, environment }, { ...PEER });
    await spied.state();
    for (const keyRef of ['acme', 'nobody', 'text']) await spied.key(keyRef);
    await spied.peer?.key('shared');
    await spied.close();
    const made = await expect.poll(calls, { timeout: 10_000 }).toContain('C_Finalize').then(calls);
    const functions = new Set(made.filter((name) => name !== 'C_GetFunctionList' && name !== 'C_GetInterface'));
    expect([...functions].filter((name) => !Object.hasOwn(PKCS11_READ_FUNCTIONS, name))).toEqual([]);
    expect([...functions].sort()).toEqual(Object.keys(PKCS11_READ_FUNCTIONS).sort());
    expect(await hsm.digests()).toEqual(before);
  });
});
