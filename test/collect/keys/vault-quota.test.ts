import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVaultClient } from '../../../src/collect/keys/vault-client.ts';
import { vaultReadPolicy } from '../../../src/collect/keys/vault-requests.ts';
import { readTransitKey } from '../../../src/collect/keys/vault-transit.ts';
import { Secret } from '../../../src/model/secret.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../../services/vault.ts';
import { json, scriptedServer } from '../conformance/scripted-server.ts';

const MOUNT = 'transit';
const KEYS = 24;
const REFUSAL = { errors: ['request path "transit/keys/acme": rate limit quota exceeded'] };

describe.skipIf(vaultUnavailable())('a real Vault with a rate limit quota', () => {
  let vault: VaultServer;
  let token: string;

  async function succeed(method: string, path: string, body?: object): Promise<void> {
    const { status } = await vault.request(method, path, body);
    expect(status, `${method} ${path}`).toBeLessThan(300);
  }

  beforeAll(async () => {
    vault = await startVault();
    await succeed('POST', `sys/mounts/${MOUNT}`, { type: 'transit' });
    for (let key = 0; key < KEYS; key += 1) await succeed('POST', `${MOUNT}/keys/key-${key}`);
    token = await vault.createToken(vaultReadPolicy([MOUNT]));
    await succeed('POST', 'sys/quotas/config', { enable_rate_limit_response_headers: true });
  });
  afterAll(async () => {
    await vault?.[Symbol.asyncDispose]();
  });

  it('is asked no faster than that, and answers for every key', async () => {
    await succeed('POST', 'sys/quotas/rate-limit/audit', { path: `${MOUNT}/`, rate: 8, interval: '1s' });
    const client = createVaultClient({ address: vault.address, token: new Secret(token), timeoutMillis: 20_000 });
    const startedAt = performance.now();
    const keys = await Promise.all(
      Array.from({ length: KEYS }, (_, key) => readTransitKey(client, MOUNT, `key-${key}`)),
    ).finally(() => client.close());
    expect(keys.map(({ state }) => state)).toEqual(Array(KEYS).fill('present'));
    // Eight a second: the last of them are taken in the third second.
    expect(performance.now() - startedAt).toBeGreaterThan(1500);
  });

  it('that blocks for longer than there is patience is a blind spot, which names the quota', async () => {
    await succeed('POST', 'sys/quotas/rate-limit/audit', {
      path: `${MOUNT}/`,
      rate: 1,
      interval: '1s',
      block_interval: '60s',
    });
    const client = createVaultClient({
      address: vault.address,
      token: new Secret(token),
      timeoutMillis: 20_000,
      quotaPatienceMillis: 1500,
    });
    const asked = await Promise.allSettled(
      [0, 1, 2, 3].map((key) => readTransitKey(client, MOUNT, `key-${key}`)),
    ).finally(() => client.close());
    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) {
      expect(error).toMatchObject({
        name: 'SourceError',
        reason: 'unreachable',
        message: expect.stringContaining('a rate limit quota of Vault refused the request'),
      });
    }
  });
});

describe('a quota that says when to come again', () => {
  it('is come back to then, and not before', async () => {
    const at: number[] = [];
    await using server = await scriptedServer((_request, response) => {
      at.push(performance.now());
      if (at.length === 1) response.setHeader('Retry-After', '2');
      json(response, at.length === 1 ? 429 : 404, at.length === 1 ? REFUSAL : { errors: [] });
    });
    const client = createVaultClient({ address: server.address, token: new Secret('hvs.token'), timeoutMillis: 5000 });
    const { status } = await client.ask('key', { mount: MOUNT, name: 'acme' }).finally(() => client.close());
    expect(status).toBe(404);
    const [first = 0, second = 0, third] = at;
    expect(second - first).toBeGreaterThanOrEqual(1990);
    expect(third).toBeUndefined();
  });

  it('is not waited for after an interruption', async () => {
    const interrupted = new AbortController();
    await using server = await scriptedServer((_request, response) => {
      response.setHeader('Retry-After', '3600');
      json(response, 429, REFUSAL);
      setTimeout(() => interrupted.abort(), 50);
    });
    const { signal } = interrupted;
    const access = { address: server.address, token: new Secret('hvs.token'), timeoutMillis: 5000, signal };
    const client = createVaultClient(access);
    const asked = client.ask('key', { mount: MOUNT, name: 'acme' });
    await expect(asked).rejects.toMatchObject({ name: 'SourceError', reason: 'not-asked' });
    await client.close();
  });
});
