import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { azureKeyProvider } from '../../../src/collect/keys/azure-key-provider.ts';
import { matchAzureRequest } from '../../../src/collect/keys/azure-requests.ts';
import type { KeyProvider } from '../../../src/collect/keys/key-provider.ts';
import { Secret } from '../../../src/model/secret.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { startSilentServer } from '../../e2e/silent-server.ts';
import {
  ACCESS_TOKEN,
  type AzureFixture,
  CLIENT_SECRET,
  type FixtureRequest,
  fault,
  refusedSignIn,
  startAzure,
  TENANT,
  versionName,
} from '../../services/azure.ts';
import { makeClientCertificate, opensslUnavailable } from '../../services/certificates.ts';
import { freePort, scratchDirectory } from '../../services/scratch.ts';
import { azureClientFor, type ClientFor } from './azure-client-for.ts';

const OLD = { version: versionName(1), created: 1_700_000_000 };
const NEW = { version: versionName(2), created: 1_720_000_000 };
const DAY = 86_400;

describe.skipIf(opensslUnavailable())('a vault, as the fixture plays it', () => {
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
    azure.setKeys([{ name: 'acme', versions: [OLD, NEW] }]);
  });

  function provider(more: Partial<ClientFor> = {}): KeyProvider {
    const made = azureKeyProvider(
      'azure',
      azureClientFor({ address: azure.vault, authorityHost: azure.authorityHost, caFile: azure.caFile, ...more }),
    );
    opened.push(made);
    return made;
  }

  async function keyOf(keyRef: string) {
    const { items } = await provider().key(keyRef);
    return items[0];
  }

  async function failureOf(question: Promise<unknown>): Promise<SourceError> {
    const error: unknown = await question.then(
      (value) => expect.fail(`answered ${inspect(value)}`),
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof SourceError)) throw error;
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/PLANTED/);
    return error;
  }

  /** The fixture's own answer but to what `when` says. */
  function answering(when: (request: FixtureRequest) => boolean, status: number, body: unknown) {
    azure.answerBy((request) => (request.authorization !== null && when(request) ? { status, body } : null));
  }

  it('lists the names of all keys, or says what to allow', async () => {
    azure.setKeys(['Acme', 'globex', 'left'].map((name) => ({ name, versions: [OLD] })));
    expect(await provider().names?.()).toEqual(['acme', 'globex', 'left']);
    answering(({ path }) => path.startsWith('/keys'), 403, { error: { code: 'Forbidden', message: 'no list' } });
    const failure = await failureOf(provider().names?.() ?? Promise.resolve());
    expect(failure.reason).toBe('unauthorized');
  });

  it('answers, and tells its service and region', async () => {
    const vault = provider();
    expect((await vault.state()).items[0]).toMatchObject({ service: 'key-vault', region: 'westeurope', account: null });
    expect(vault.clockOffsetMillis()).toBeTypeOf('number');
    expect(vault.rights([])).toBeNull();
    const { items } = await provider({ address: azure.managedHsm }).state();
    expect(items[0]).toMatchObject({ service: 'managed-hsm' });
  });

  it('asks once about a key that many keyrings share, and again where there was no answer', async () => {
    const vault = provider();
    await vault.state();
    answering(() => true, 403, fault('Forbidden', 'no', 'ForbiddenByRbac'));
    await failureOf(vault.key('acme'));
    azure.answerBy(null);
    const before = azure.requests.length;
    const answers = await Promise.all(Array.from({ length: 50 }, () => vault.key('acme')));
    expect(answers.every(({ items }) => items[0]?.namedVersions?.length === 2)).toBe(true);
    const asked = azure.requests.slice(before).map(({ method, path }) => `${method} ${path}`);
    expect(asked.sort()).toEqual(['GET /keys/acme/', `GET /keys/acme/${OLD.version}`, 'GET /keys/acme/versions']);
  });

  it('shows a key with its versions, oldest first', async () => {
    expect(await keyOf('Acme')).toEqual({
      state: 'enabled',
      identity: `${azure.vault}/keys/acme`,
      latestVersion: null,
      minDecryptionVersion: null,
      minAvailableVersion: null,
      versions: null,
      createdAt: '2023-11-14T22:13:20.000Z',
      deletionDate: null,
      expiresAt: null,
      notBefore: null,
      origin: null,
      canDecrypt: true,
      keyType: 'RSA',
      recovery: { level: 'CustomizedRecoverable', days: 30, softDelete: true, purgeProtected: true },
      currentName: versionName(2),
      namedVersions: [
        {
          name: versionName(1),
          enabled: true,
          createdAt: '2023-11-14T22:13:20.000Z',
          notBefore: null,
          expiresAt: null,
          canDecrypt: true,
          keyType: 'RSA',
        },
        {
          name: versionName(2),
          enabled: true,
          createdAt: '2024-07-03T09:46:40.000Z',
          notBefore: null,
          expiresAt: null,
          canDecrypt: true,
          keyType: 'RSA',
        },
      ],
    });
  });

  it('reads every page of versions', async () => {
    const versions = Array.from({ length: 60 }, (_, index) => ({
      version: versionName(index),
      created: 1_700_000_000 + index,
    }));
    azure.setKeys([{ name: 'acme', versions }]);
    expect((await keyOf('acme'))?.namedVersions?.map(({ name }) => name)).toEqual(
      versions.map(({ version }) => version),
    );
  });

  it('tells dates and state of the version that the reference names', async () => {
    azure.setKeys([
      { name: 'acme', versions: [{ ...OLD, enabled: false, exp: 1_800_000_000, nbf: 1_690_000_000 }, NEW] },
    ]);
    expect(await keyOf(`acme/${OLD.version}`)).toMatchObject({
      state: 'disabled',
      currentName: OLD.version,
      expiresAt: '2027-01-15T08:00:00.000Z',
      notBefore: '2023-07-22T04:26:40.000Z',
    });
    expect(await keyOf('acme')).toMatchObject({ state: 'enabled', currentName: NEW.version, expiresAt: null });
    expect(await keyOf(`acme/${versionName(9)}`)).toMatchObject({ state: 'missing', isOtherVersionThere: true });
  });

  it.each([
    ['Purgeable', false, false],
    ['Recoverable+Purgeable', true, false],
    ['CustomizedRecoverable+Purgeable', true, false],
    ['Recoverable', true, true],
    ['CustomizedRecoverable+ProtectedSubscription', true, true],
    ['Perpetual', null, null],
  ])('recovery level %s', async (recoveryLevel, softDelete, purgeProtected) => {
    azure.setKeys([{ name: 'acme', versions: [NEW], recoveryLevel }]);
    expect((await keyOf('acme'))?.recovery).toMatchObject({ level: recoveryLevel, softDelete, purgeProtected });
  });

  it('shows a deleted key, and until when it can be recovered', async () => {
    const deletedDate = 1_730_000_000;
    const deleted = { deletedDate, scheduledPurgeDate: deletedDate + 90 * DAY };
    azure.setKeys([{ name: 'acme', versions: [NEW], deleted }]);
    for (const reference of ['acme', `acme/${NEW.version}`]) {
      expect(await keyOf(reference)).toMatchObject({
        state: 'pending-deletion',
        deletedAt: '2024-10-27T03:33:20.000Z',
        deletionDate: '2025-01-25T03:33:20.000Z',
        namedVersions: null,
        createdAt: null,
        isPurgeOverdue: true,
      });
    }
    const now = Math.floor(Date.now() / 1000);
    azure.setKeys([
      { name: 'acme', versions: [NEW], deleted: { deletedDate: now, scheduledPurgeDate: now + 90 * DAY } },
    ]);
    expect(await keyOf('acme')).not.toHaveProperty('isPurgeOverdue');
  });

  it('calls missing what is neither live nor deleted, with the name it would have', async () => {
    expect(await keyOf('globex')).toMatchObject({
      state: 'missing',
      identity: `${azure.vault}/keys/globex`,
      namedVersions: [],
    });
  });

  it('takes a key that the service does not show as it is switched off for disabled', async () => {
    azure.setKeys([{ name: 'acme', versions: [OLD, { ...NEW, enabled: false }] }]);
    const isKey = ({ path }: FixtureRequest) => /^\/keys\/acme\/?$/.test(path);
    answering(isKey, 403, fault('Forbidden', 'Operation get is not allowed on a disabled key.', 'KeyDisabled'));
    expect(await keyOf('acme')).toMatchObject({ state: 'disabled', canDecrypt: null, currentName: NEW.version });
  });

  it('asks of each version that is enabled what it is for', async () => {
    azure.setKeys([{ name: 'acme', versions: [OLD, { ...NEW, version: versionName(3), enabled: false }, NEW] }]);
    const isOld = ({ path }: FixtureRequest) => path === `/keys/acme/${OLD.version}`;
    const kid = `${azure.vault}/keys/acme/${OLD.version}`;
    const body = { key: { kid, kty: 'EC', key_ops: ['sign'] }, attributes: { enabled: true } };
    answering(isOld, 200, body);
    const asked = azure.requests.length;
    const key = await keyOf('acme');
    expect(key?.canDecrypt).toBe(true);
    expect(key?.namedVersions).toMatchObject([
      { canDecrypt: false, keyType: 'EC' },
      { canDecrypt: true, keyType: 'RSA' },
      { canDecrypt: null, keyType: null, enabled: false },
    ]);
    const paths = azure.requests.slice(asked).map(({ path }) => path);
    expect(paths).not.toContain(`/keys/acme/${versionName(3)}`);
    answering(isOld, 403, fault('Forbidden', 'no', 'ForbiddenByRbac'));
    expect((await failureOf(provider().key('acme'))).reason).toBe('unauthorized');
  });

  it('is not told by a denied right from a key that is gone', async () => {
    const denied = fault('Forbidden', `Caller is not authorized ${CLIENT_SECRET}`, 'ForbiddenByRbac');
    answering(({ path }) => path.startsWith('/deletedkeys/'), 403, denied);
    const error = await failureOf(provider().key('globex'));
    expect(error.reason).toBe('unauthorized');
    expect(error.remedy).toContain('Microsoft.KeyVault/vaults/keys/read');
    const hsm = await failureOf(provider({ address: azure.managedHsm }).key('globex'));
    expect(hsm.remedy).toContain('Microsoft.KeyVault/managedHsm/keys/deletedKeys/read/action');
  });

  it('refuses one key and shows the others', async () => {
    azure.setKeys([
      { name: 'acme', versions: [NEW] },
      { name: 'globex', versions: [NEW] },
    ]);
    answering(({ path }) => path.startsWith('/keys/acme'), 403, fault('Forbidden', 'no', 'ForbiddenByRbac'));
    const vault = provider();
    const answers = await Promise.allSettled(['acme', 'globex', 'acme', 'globex'].map((name) => vault.key(name)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
  });

  it.each([
    [401, fault('Unauthorized', 'AKV10032: Invalid issuer'), 'unauthorized', 'not accepted'],
    [403, fault('Forbidden', 'x', 'ForbiddenByFirewall'), 'unauthorized', 'network rules'],
    [500, fault('InternalServerError', 'x'), 'unreachable', 'status 500'],
    [404, '<html>not here</html>', 'malformed', 'status 404'],
    [404, fault('NotFound', 'x'), 'malformed', 'NotFound'],
    [200, { key: { kid: 'x', kty: 'RSA' }, attributes: { enabled: true } }, 'malformed', 'not one of this service'],
    [200, { key: { kid: 'https://a.test/keys/acme/1', kty: 'RSA' }, attributes: {} }, 'malformed', 'not one'],
    [200, [], 'malformed', 'not one of this service'],
    [200, '', 'malformed', 'not one of this service'],
  ])('an answer with status %i %o is %s', async (status, body, reason, text) => {
    answering(({ path }) => path.startsWith('/keys/acme'), status, body);
    const error = await failureOf(provider().key('acme'));
    expect(error).toMatchObject({ reason });
    expect(error.message).toContain(text);
  });

  it('is told once where the network rules of the vault refuse every question', async () => {
    answering(() => true, 403, fault('Forbidden', 'x', 'ForbiddenByFirewall'));
    const vault = provider();
    const [one, other] = [await failureOf(vault.key('acme')), await failureOf(vault.key('globex'))];
    expect(one.message).toBe(other.message);
  });

  it('an answer about another key is malformed', async () => {
    const kid = `${azure.vault}/keys/globex/${NEW.version}`;
    const body = { key: { kid, kty: 'RSA' }, attributes: { enabled: true } };
    answering(({ path }) => path === '/keys/acme/', 200, body);
    expect((await failureOf(provider().key('acme'))).reason).toBe('malformed');
  });

  it.each(['https://evil.test/keys/acme/versions', '/secrets/acme?api-version=7.4', 'keys/globex/versions'])(
    'does not go on to %s, whatever a page says',
    async (nextLink) => {
      const kid = `${azure.vault}/keys/acme/${NEW.version}`;
      const value = [{ kid, attributes: { enabled: true } }];
      answering(({ path }) => path.endsWith('/versions'), 200, { value, nextLink });
      const error = await failureOf(provider().key('acme'));
      expect(error.reason).toBe('malformed');
      expect(error.message).toContain('goes on at another place');
    },
  );

  it('a list without an end is a timeout', async () => {
    const kid = `${azure.vault}/keys/acme/${NEW.version}`;
    const nextLink = `${azure.vault}/keys/acme/versions?api-version=2025-07-01&$skiptoken=1`;
    const body = { value: [{ kid, attributes: { enabled: true } }], nextLink };
    answering(({ path }) => path.endsWith('/versions'), 200, body);
    const began = performance.now();
    const error = await failureOf(provider({ timeoutMillis: 800 }).key('acme'));
    expect(['timeout', 'malformed']).toContain(error.reason);
    expect(performance.now() - began).toBeLessThan(3000);
  });

  describe('too many requests', () => {
    it.each([{}, { 'Retry-After': '1' }])('are asked again, with %o', async (headers) => {
      let left = 2;
      azure.answerBy((request) => {
        if (request.authorization === null || left === 0) return null;
        left -= 1;
        return { status: 429, body: fault('Throttled', 'Request was not processed'), headers };
      });
      expect((await provider().key('acme')).items[0]).toMatchObject({ state: 'enabled' });
      expect(left).toBe(0);
    });

    it('for longer than the limit are said to be that', async () => {
      answering(() => true, 429, fault('Throttled', 'Request was not processed'));
      const error = await failureOf(provider({ timeoutMillis: 1500 }).key('acme'));
      expect(error).toMatchObject({ reason: 'unreachable' });
      expect(error.message).toContain('too many requests');
    });
  });

  describe('the sign-in', () => {
    it('is not made for a vault of another tenant', async () => {
      const error = await failureOf(provider({ tenantId: TENANT.replace('1', '2') }).state());
      expect(error).toMatchObject({ reason: 'unauthorized', remedy: expect.stringContaining('tenantId') });
    });

    it('that refuses tells its number and nothing that it was sent', async () => {
      const signIn = { kind: 'secret', clientSecret: new Secret('PLANTED-wrong') } as const;
      const error = await failureOf(provider({ signIn }).state());
      expect(error.reason).toBe('unauthorized');
      expect(error.message).toContain('AADSTS7000215');
    });

    it('that answers a web page is malformed', async () => {
      azure.answerBy(({ host, method }) =>
        host.startsWith('login.') && method === 'POST' ? { status: 200, body: '<html>' } : null,
      );
      expect((await failureOf(provider().state())).reason).toBe('malformed');
    });

    it('that is not there is unreachable, and named', async () => {
      const authorityHost = `https://login.azure.test:${await freePort()}`;
      const error = await failureOf(provider({ authorityHost }).state());
      expect(error.reason).toBe('unreachable');
      expect(error.message).toContain(`the sign-in service at ${authorityHost}`);
    });

    it('that never answers is a timeout within the limit', async () => {
      await using silent = await startSilentServer();
      const authorityHost = `https://login.azure.test:${silent.port}`;
      const began = performance.now();
      const error = await failureOf(provider({ authorityHost, timeoutMillis: 700 }).state());
      expect(error.reason).toBe('timeout');
      expect(performance.now() - began).toBeLessThan(2500);
    });

    it('is not sent a secret where its description points elsewhere', async () => {
      azure.answerBy(({ host, path }) =>
        host.startsWith('login.') && path.endsWith('openid-configuration')
          ? {
              status: 200,
              body: {
                token_endpoint: `${azure.vault}/${TENANT}/oauth2/v2.0/token`,
                authorization_endpoint: `${azure.vault}/x`,
                jwks_uri: `${azure.vault}/x`,
                issuer: `${azure.authorityHost}/${TENANT}/v2.0`,
              },
            }
          : null,
      );
      const before = azure.requests.length;
      expect((await failureOf(provider().state())).reason).toBe('malformed');
      expect(azure.requests.slice(before).filter(({ method }) => method === 'POST')).toEqual([]);
    });

    it('gives no token for a challenge of another domain', async () => {
      azure.answerBy(({ host, authorization }) =>
        host.startsWith('login.') || authorization !== null
          ? null
          : {
              status: 401,
              body: '',
              headers: {
                'WWW-Authenticate': `Bearer authorization="${azure.authorityHost}/${TENANT}", resource="https://vault.azure.net"`,
              },
            },
      );
      const before = azure.requests.length;
      const error = await failureOf(provider().state());
      expect(error.reason).toBe('malformed');
      expect(error.message).toContain('token of another domain');
      expect(azure.requests.slice(before).some(({ host }) => host.startsWith('login.'))).toBe(false);
    });

    it('takes the token of a workload, read from its file each time', async () => {
      using directory = scratchDirectory('azure-federated');
      const tokenFile = join(directory.path, 'token');
      const signIn = { kind: 'federated', tokenFile } as const;
      expect((await failureOf(provider({ signIn }).state())).message).toContain('federated token file');
      await writeFile(tokenFile, 'PLANTED-federated-token\n');
      const before = azure.requests.length;
      await provider({ signIn }).state();
      const sent = azure.requests.slice(before).find(({ method }) => method === 'POST');
      expect(new URLSearchParams(sent?.body).get('client_assertion')).toBe('PLANTED-federated-token');
    });

    it('by certificate sends what it signed, and no key', async () => {
      using directory = scratchDirectory('azure-certificate');
      const certificate = await makeClientCertificate(directory.path);
      const before = azure.requests.length;
      await provider({ signIn: { kind: 'certificate', certificate: new Secret(certificate) } }).state();
      const form = new URLSearchParams(azure.requests.slice(before).find(({ method }) => method === 'POST')?.body);
      expect(form.get('client_assertion')?.split('.')).toHaveLength(3);
      expect([...form.keys()].sort()).not.toContain('client_secret');
      const bad = { kind: 'certificate', certificate: new Secret('PLANTED no certificate') } as const;
      expect(await failureOf(provider({ signIn: bad }).state())).toMatchObject({
        reason: 'malformed',
        remedy: expect.stringContaining('certificate'),
      });
    });

    it('refused once is asked again by the next question', async () => {
      let refusing = true;
      azure.answerBy(({ host, method, body }) =>
        refusing && host.startsWith('login.') && method === 'POST' ? refusedSignIn(body) : null,
      );
      const vault = provider();
      expect((await failureOf(vault.state())).reason).toBe('unauthorized');
      refusing = false;
      expect((await vault.key('acme')).items).toHaveLength(1);
    });
  });

  it.each([
    ['a b', 'malformed'],
    ['../secrets/acme', 'malformed'],
    ['https://other.vault.azure.net/keys/acme', 'unsupported'],
  ])('the reference %j is %s, and nothing is sent', async (reference, reason) => {
    const before = azure.requests.length;
    expect((await failureOf(provider().key(reference))).reason).toBe(reason);
    expect(azure.requests.length).toBe(before);
  });

  it('an interrupted question was not asked', async () => {
    const controller = new AbortController();
    azure.answerBy(({ authorization }) => {
      if (authorization !== null) controller.abort();
      return null;
    });
    const error = await failureOf(provider({ signal: controller.signal }).key('acme'));
    expect(error.reason).toBe('not-asked');
  });

  it('was sent what is on the list, without a token first, and never a body but to sign in', () => {
    const wrong = azure.requests.filter(({ host, method, url }) => {
      const at = host.startsWith('login.') ? 'sign-in' : 'vault';
      return matchAzureRequest(at, method, new URL(`https://${host}${url}`)) === null;
    });
    expect(wrong).toEqual([]);
    expect(azure.requests.filter(({ host, body }) => !host.startsWith('login.') && body !== '')).toEqual([]);
    expect(azure.requests.some(({ authorization }) => authorization === `Bearer ${ACCESS_TOKEN}`)).toBe(true);
  });
});
