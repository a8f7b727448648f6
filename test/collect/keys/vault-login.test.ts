import { createSign, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createVaultClient, type VaultClient } from '../../../src/collect/keys/vault-client.ts';
import type { VaultLogin, VaultLoginMethod } from '../../../src/collect/keys/vault-login.ts';
import { vaultReadPolicy } from '../../../src/collect/keys/vault-requests.ts';
import { readTokenRights } from '../../../src/collect/keys/vault-token-rights.ts';
import { readTransitKey } from '../../../src/collect/keys/vault-transit.ts';
import { Secret } from '../../../src/model/secret.ts';
import { opensslUnavailable } from '../../services/certificates.ts';
import { type ServiceAccount, startTokenReviewApi, type TokenReviewApi } from '../../services/token-review.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../../services/vault.ts';

const MOUNT = 'transit';
const roleIdAnswer = z.object({ data: z.object({ role_id: z.string() }) });
const secretIdAnswer = z.object({ data: z.object({ secret_id: z.string() }) });
const accessorsAnswer = z.object({ data: z.object({ keys: z.array(z.string()) }) });

function loginAs(
  method: VaultLoginMethod,
  credentials: () => Record<string, string | Secret>,
  mount: string = method,
): VaultLogin {
  return { method, mount, credentials: async () => credentials() };
}

describe.skipIf(vaultUnavailable() ?? opensslUnavailable())('logging in to a real Vault', () => {
  let vault: VaultServer;
  let kubernetes: TokenReviewApi;
  const cleanup = new AsyncDisposableStack();
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ISSUER = 'https://ci.example';

  async function succeed(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await vault.request(method, path, body);
    expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    return answer.body;
  }

  async function withClient<T>(token: VaultLogin, use: (client: VaultClient) => Promise<T>): Promise<T> {
    const client = createVaultClient({ address: vault.address, token, timeoutMillis: 10_000 });
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  /** How many tokens there are: what a login leaves behind. */
  async function tokens(): Promise<number> {
    return accessorsAnswer.parse(await succeed('GET', 'auth/token/accessors?list=true')).data.keys.length;
  }

  function jwt(claims: object): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  }
  const seconds = () => Math.floor(Date.now() / 1000);
  const claims = () => ({ iss: ISSUER, sub: 'audit', aud: 'vault', iat: seconds(), exp: seconds() + 300 });

  async function appRole(settings: object = {}) {
    await succeed('POST', 'auth/approle/role/audit', {
      token_policies: ['recoverage'],
      token_no_default_policy: true,
      token_ttl: '1h',
      ...settings,
    });
    const { role_id } = roleIdAnswer.parse(await succeed('GET', 'auth/approle/role/audit/role-id')).data;
    const { secret_id } = secretIdAnswer.parse(await succeed('POST', 'auth/approle/role/audit/secret-id', {})).data;
    return { role_id: new Secret(role_id), secret_id: new Secret(secret_id) };
  }

  beforeAll(async () => {
    vault = cleanup.use(await startVault());
    kubernetes = cleanup.use(await startTokenReviewApi());
    await succeed('POST', `sys/mounts/${MOUNT}`, { type: 'transit' });
    await succeed('POST', `${MOUNT}/keys/acme`);
    await succeed('PUT', 'sys/policies/acl/recoverage', { policy: vaultReadPolicy([MOUNT], { login: true }) });
    await succeed('POST', 'sys/auth/approle', { type: 'approle' });
    for (const type of ['jwt', 'kubernetes']) await succeed('POST', `sys/auth/${type}`, { type });
    await succeed('POST', 'auth/jwt/config', {
      jwt_validation_pubkeys: [publicKey.export({ type: 'spki', format: 'pem' })],
      bound_issuer: ISSUER,
    });
    await succeed('POST', 'auth/jwt/role/audit', {
      role_type: 'jwt',
      user_claim: 'sub',
      bound_audiences: ['vault'],
      token_policies: ['recoverage'],
      token_no_default_policy: true,
    });
    await succeed('POST', 'auth/kubernetes/config', {
      kubernetes_host: kubernetes.host,
      kubernetes_ca_cert: kubernetes.authority,
      token_reviewer_jwt: kubernetes.reviewerToken,
      disable_local_ca_jwt: true,
    });
    await succeed('POST', 'auth/kubernetes/role/audit', {
      bound_service_account_names: ['recoverage'],
      bound_service_account_namespaces: ['audit'],
      audience: 'vault',
      token_policies: ['recoverage'],
      token_no_default_policy: true,
    });
  });

  afterAll(() => cleanup.disposeAsync());

  it.each<readonly [string, () => Promise<VaultLogin>]>([
    [
      'AppRole',
      async () => {
        const given = await appRole();
        return loginAs('approle', () => given);
      },
    ],
    ['JWT', async () => loginAs('jwt', () => ({ role: 'audit', jwt: new Secret(jwt(claims())) }))],
    [
      'Kubernetes, whose API reviews the token',
      async () => {
        const token = kubernetes.serviceAccount('audit', 'recoverage').token();
        return loginAs('kubernetes', () => ({ role: 'audit', jwt: new Secret(token) }));
      },
    ],
  ])('%s: reads keys with a token of its own, which may not write, and leaves none behind', async (_, made) => {
    const login = await made();
    const before = await tokens();
    await withClient(login, async (client) => {
      expect(await readTransitKey(client, MOUNT, 'acme')).toMatchObject({ state: 'present', latestVersion: 1 });
      expect(await readTokenRights(client, [`${MOUNT}/keys/acme`])).toMatchObject({
        canWrite: false,
        expiresAt: null,
      });
      expect(await tokens()).toBe(before + 1);
    });
    expect(await tokens()).toBe(before);
  });

  it('logs in once for many keys, and not at all where nothing is asked that needs a token', async () => {
    const given = await appRole();
    let logins = 0;
    const login = loginAs('approle', () => {
      logins += 1;
      return given;
    });
    await withClient(login, (client) => client.ask('health'));
    expect(logins).toBe(0);
    await withClient(login, (client) =>
      Promise.all(Array.from({ length: 20 }, () => readTransitKey(client, MOUNT, 'acme'))),
    );
    expect(logins).toBe(1);
  });

  it('logs in again when the token expires during the run', async () => {
    const given = await appRole({ token_ttl: '1s', token_max_ttl: '1s' });
    let logins = 0;
    const login = loginAs('approle', () => {
      logins += 1;
      return given;
    });
    await withClient(login, async (client) => {
      await readTransitKey(client, MOUNT, 'acme');
      await sleep(2500);
      expect(await readTransitKey(client, MOUNT, 'acme')).toMatchObject({ state: 'present' });
    });
    expect(logins).toBe(2);
  });

  it('says that a token that was given expired during the run, which no login can mend', async () => {
    const made = await vault.request('POST', 'auth/token/create', { ttl: '2s', policies: ['recoverage'] });
    const { client_token } = z.object({ auth: z.object({ client_token: z.string() }) }).parse(made.body).auth;
    const client = createVaultClient({
      address: vault.address,
      token: new Secret(client_token),
      timeoutMillis: 10_000,
    });
    await readTransitKey(client, MOUNT, 'acme');
    await sleep(3000);
    await expect(readTransitKey(client, MOUNT, 'acme')).rejects.toMatchObject({
      reason: 'unauthorized',
      message: expect.stringContaining('was accepted earlier in this run'),
      remedy: expect.stringContaining('a login in its place'),
    });
    await client.close();
  });

  it('never revokes a token that was given', async () => {
    const token = await vault.createToken(vaultReadPolicy([MOUNT], { login: true }));
    for (let time = 0; time < 2; time += 1) {
      const client = createVaultClient({ address: vault.address, token: new Secret(token), timeoutMillis: 10_000 });
      expect(await readTransitKey(client, MOUNT, 'acme')).toMatchObject({ state: 'present' });
      await client.close();
    }
  });

  function kubernetesLogin(account: ServiceAccount): VaultLogin {
    return loginAs('kubernetes', () => ({ role: 'audit', jwt: account.token() }));
  }
  function removedAccount(): ServiceAccount {
    const account = kubernetes.serviceAccount('audit', 'recoverage');
    account.remove();
    return account;
  }

  it.each<readonly [string, () => VaultLogin, string]>([
    ['AppRole', () => loginAs('approle', () => ({ role_id: 'no', secret_id: 'no' })), 'secretId'],
    [
      'JWT of another audience',
      () => loginAs('jwt', () => ({ role: 'audit', jwt: jwt({ ...claims(), aud: 'x' }) })),
      'audience',
    ],
    [
      'expired JWT',
      () => loginAs('jwt', () => ({ role: 'audit', jwt: jwt({ ...claims(), iat: 1, exp: 2 }) })),
      'expiry',
    ],
    [
      'another service account',
      () => kubernetesLogin(kubernetes.serviceAccount('audit', 'someone')),
      'bound to the service account',
    ],
    [
      'service account of another namespace',
      () => kubernetesLogin(kubernetes.serviceAccount('other', 'recoverage')),
      'bound to the service account',
    ],
    ['service account that was removed', () => kubernetesLogin(removedAccount()), 'Vault may review tokens'],
  ])('%s: refused, in words that say what to check, and without the credentials', async (_, made, hint) => {
    await withClient(made(), async (client) => {
      const error: unknown = await readTransitKey(client, MOUNT, 'acme').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        reason: 'unauthorized',
        message: expect.stringMatching(/login at auth\/.*refused/),
      });
      expect(error).toMatchObject({ remedy: expect.stringContaining(hint) });
      expect(String(error)).not.toMatch(/eyJ/);
    });
  });

  it('a Kubernetes that Vault cannot ask is a refusal that says what Vault needs', async () => {
    const account = kubernetes.serviceAccount('audit', 'recoverage');
    await succeed('POST', 'auth/kubernetes/config', {
      kubernetes_host: kubernetes.host,
      kubernetes_ca_cert: kubernetes.authority,
      token_reviewer_jwt: 'another',
      disable_local_ca_jwt: true,
    });
    const asked = kubernetes.reviewed.length;
    await withClient(kubernetesLogin(account), async (client) => {
      await expect(readTransitKey(client, MOUNT, 'acme')).rejects.toMatchObject({
        reason: 'unauthorized',
        remedy: expect.stringContaining('Vault may review tokens'),
      });
    });
    expect(kubernetes.reviewed).toHaveLength(asked);
  });

  it('says that there is no auth method at the path', async () => {
    const login = loginAs('approle', () => ({ role_id: 'no', secret_id: 'no' }), 'nowhere');
    await expect(withClient(login, (client) => readTransitKey(client, MOUNT, 'acme'))).rejects.toMatchObject({
      reason: 'unauthorized',
      remedy: expect.stringContaining('login.mount'),
    });
  });

  it('has logged nothing changed but logins and their end', async () => {
    const text = await readFile(`${vault.directory}/audit.log`, 'utf8');
    const line = z.object({
      type: z.string(),
      auth: z.object({ policies: z.array(z.string()).optional() }).optional(),
      request: z.object({ operation: z.string(), path: z.string() }),
    });
    const own = text
      .split('\n')
      .filter(Boolean)
      .map((one) => line.parse(JSON.parse(one)))
      .filter(({ type, auth }) => type === 'request' && auth?.policies?.includes('recoverage') === true)
      .filter(({ request }) => request.operation === 'update' || request.operation === 'delete');
    expect(new Set(own.map(({ request }) => request.path))).toEqual(
      new Set(['auth/token/revoke-self', 'sys/capabilities-self']),
    );
  });
});
