import { afterEach, describe, expect, it } from 'vitest';
import { createVaultClient } from '../../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../../src/collect/keys/vault-key-provider.ts';
import { readVaultProvider } from '../../../src/collect/keys/vault-provider.ts';
import { matchVaultSessionRequest } from '../../../src/collect/keys/vault-requests.ts';
import { readTransitKey } from '../../../src/collect/keys/vault-transit.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type Answer, json, type ScriptedServer, scriptedServer } from '../conformance/scripted-server.ts';

const KEY = {
  data: {
    type: 'aes256-gcm96',
    latest_version: 1,
    min_decryption_version: 1,
    min_available_version: 0,
    deletion_allowed: false,
    allow_plaintext_backup: false,
    exportable: false,
    supports_decryption: true,
    keys: { '1': 1_700_000_000 },
  },
};
const servers: ScriptedServer[] = [];
async function serve(answer: Answer): Promise<ScriptedServer> {
  const server = await scriptedServer(answer);
  servers.push(server);
  return server;
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

function clientOf(address: string, nodes: readonly string[] = []) {
  return createVaultClient({ address, nodes, token: new Secret('hvs.secret'), timeoutMillis: 5000 });
}

describe('a key that only authenticates', () => {
  const read = async (changes: object) => {
    const server = await serve((_request, response) =>
      json(response, 200, { data: { ...KEY.data, keys: undefined, ...changes } }),
    );
    const client = clientOf(server.address);
    return await vaultKeyProvider('vault', client, 'transit')
      .key('acme')
      .finally(() => client.close());
  };

  it('is told as one that cannot decrypt, of which Vault shows no versions', async () => {
    const { items } = await read({ type: 'hmac', supports_decryption: false, latest_version: 2 });
    expect(items).toMatchObject([
      { state: 'enabled', canDecrypt: false, keyType: 'hmac', latestVersion: 2, versions: [], createdAt: null },
    ]);
  });

  it('is not what a key is that can decrypt and shows no versions', async () => {
    await expect(read({})).rejects.toThrow('in an unknown shape (data.keys)');
  });
});

describe('a standby that sends requests on', () => {
  async function standbyOf(active: ScriptedServer, status = 307, path?: string) {
    return await serve(
      (request, response) =>
        void response.writeHead(status, { Location: `${active.address}${path ?? request.url}` }).end(),
    );
  }

  it('is followed to a node that is configured, once, with the token', async () => {
    const active = await serve((_request, response) => json(response, 200, KEY));
    const standby = await standbyOf(active);
    const client = clientOf(standby.address, [active.address]);
    expect(await readTransitKey(client, 'transit', 'acme')).toMatchObject({ state: 'present' });
    expect(active.seen).toMatchObject([{ url: '/v1/transit/keys/acme', headers: { 'x-vault-token': 'hvs.secret' } }]);
    await client.close();
  });

  it.each([
    ['to any other host', 307, undefined, false],
    ['to another path of a node', 307, '/v1/sys/seal', true],
    ['by a status that changes the method', 302, undefined, true],
  ] as const)('is not followed %s', async (_, status, path, configured) => {
    const active = await serve((_request, response) => json(response, 200, KEY));
    const standby = await standbyOf(active, status, path);
    const client = clientOf(standby.address, configured ? [active.address] : []);
    await expect(readTransitKey(client, 'transit', 'acme')).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining('redirects are followed to configured nodes only'),
    });
    expect(active.seen).toEqual([]);
    await client.close();
  });

  it('is not followed in a circle', async () => {
    const first: ScriptedServer = await serve(
      (request, response) => void response.writeHead(307, { Location: `${second.address}${request.url}` }).end(),
    );
    const second: ScriptedServer = await standbyOf(first);
    const client = clientOf(first.address, [first.address, second.address]);
    await expect(readTransitKey(client, 'transit', 'acme')).rejects.toMatchObject({ reason: 'unreachable' });
    expect([first.seen.length, second.seen.length]).toEqual([1, 1]);
    await client.close();
  });
});

describe('a cluster without a leader', () => {
  it('is asked again while it elects one', async () => {
    let asked = 0;
    const server = await serve((_request, response) => {
      asked += 1;
      if (asked < 3) json(response, 500, { errors: ['local node not active but active cluster node not found'] });
      else json(response, 200, KEY);
    });
    const client = clientOf(server.address);
    expect(await readTransitKey(client, 'transit', 'acme')).toMatchObject({ state: 'present' });
    expect(asked).toBe(3);
    await client.close();
  });
});

describe('what a node says of itself', () => {
  const seal = {
    type: 'shamir',
    initialized: true,
    sealed: false,
    t: 2,
    n: 3,
    version: '1.21.2',
    storage_type: 'raft',
  };
  const health = { sealed: false, standby: false, server_time_utc: 1_700_000_000 };

  async function stateOf(status: number, ofHealth: object = {}, ofSeal: object = {}) {
    const server = await serve((request, response) => {
      if (request.url === '/v1/sys/health') return json(response, status, { ...health, ...ofHealth });
      if (request.url === '/v1/sys/seal-status') return json(response, 200, { ...seal, ...ofSeal });
      if (request.url === '/v1/sys/leader') return json(response, 200, { ha_enabled: true, raft_applied_index: 7 });
      return json(response, 403, { errors: ['permission denied'] });
    });
    const client = clientOf(server.address);
    const answer = await vaultKeyProvider('vault', client, 'transit').state();
    await client.close();
    return { ...answer, asked: server.seen.map(({ url }) => url) };
  }

  it('a standby answers as one', async () => {
    expect(await stateOf(429, { standby: true, replication_dr_mode: 'disabled' })).toMatchObject({
      items: [{ standby: true, highAvailability: true, recoveryReplication: 'disabled', storageType: 'raft' }],
    });
    expect((await stateOf(473, { standby: true })).items[0]?.standby).toBe(true);
  });

  it('a disaster recovery secondary serves no keys', async () => {
    const { blindSpot } = await stateOf(472, { replication_dr_mode: 'secondary' });
    expect(blindSpot?.detail).toContain('disaster recovery secondary');
  });

  it('one that was removed from its cluster is the wrong one to ask', async () => {
    const { blindSpot, asked } = await stateOf(
      530,
      { sealed: true, removed_from_cluster: true },
      { sealed: true, removed_from_cluster: true },
    );
    expect(blindSpot?.detail).toContain('removed from its cluster');
    expect(asked).toEqual(['/v1/sys/seal-status', '/v1/sys/health']);
  });

  it('sealed and never initialized are answers', async () => {
    expect(await stateOf(503, { sealed: true, replication_dr_mode: 'unknown' }, { sealed: true })).toMatchObject({
      items: [{ sealed: true, recoveryReplication: null }],
      blindSpot: null,
    });
    expect(await stateOf(501, { sealed: true }, { initialized: false, sealed: true })).toMatchObject({
      items: [{ initialized: false }],
      blindSpot: null,
    });
  });

  it('autopilot tells of servers that are not healthy', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/v1/sys/health') return json(response, 200, health);
      if (request.url === '/v1/sys/seal-status') return json(response, 200, seal);
      if (request.url === '/v1/sys/leader') return json(response, 200, { ha_enabled: true });
      if (request.url === '/v1/sys/storage/raft/autopilot/state') {
        const servers = { a1: { healthy: true }, a2: { healthy: false } };
        return json(response, 200, { data: { healthy: false, failure_tolerance: 0, servers } });
      }
      return json(response, 403, { errors: ['permission denied'] });
    });
    const client = clientOf(server.address);
    expect((await readVaultProvider(client)).autopilot).toEqual({
      healthy: false,
      failureTolerance: 0,
      unhealthyServers: ['a2'],
    });
    await client.close();
  });
});

describe('sealed half-way through a run', () => {
  it('is told apart from a key that is missing and from a right that is', async () => {
    let sealed = false;
    const server = await serve((_request, response) => {
      if (sealed) json(response, 503, { errors: ['Vault is sealed'] });
      else json(response, 200, KEY);
    });
    const client = clientOf(server.address);
    await readTransitKey(client, 'transit', 'acme');
    sealed = true;
    await expect(readTransitKey(client, 'transit', 'acme')).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining('Vault is sealed'),
    });
    await client.close();
  });
});

describe('the allow-list of a login', () => {
  const match = (method: string, path: string, mount: string | null = 'approle') =>
    matchVaultSessionRequest(method, new URL(`https://vault.example/v1/${path}`), mount);

  it('holds the login at the configured path and its end, and nothing else', () => {
    expect(match('POST', 'auth/approle/login')).toBe('login');
    expect(match('POST', 'auth/ci/one/login', '/ci/one/')).toBe('login');
    expect(match('POST', 'auth/token/revoke-self')).toBe('revokeSelf');
    for (const path of [
      'auth/approle/login/x',
      'auth/jwt/login',
      'auth/approle/role/audit',
      'auth/approle/login?list=1',
      'auth/token/revoke',
      'auth/token/create',
      'auth/token/revoke-self/',
      'auth/approle/../token/create',
    ]) {
      expect(match('POST', path), path).toBeNull();
    }
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) expect(match(method, 'auth/approle/login')).toBeNull();
  });

  it('is empty where a token is configured', () => {
    expect(match('POST', 'auth/approle/login', null)).toBeNull();
    expect(match('POST', 'auth/token/revoke-self', null)).toBeNull();
  });
});

it('gives the token of a login back after an interruption, too', async () => {
  const server = await serve((request, response) => {
    if (request.url === '/v1/auth/approle/login') return json(response, 200, { auth: { client_token: 'hvs.own' } });
    return json(response, 200, KEY);
  });
  const abort = new AbortController();
  const client = createVaultClient({
    address: server.address,
    token: { method: 'approle', mount: 'approle', credentials: async () => ({ role_id: 'r' }) },
    timeoutMillis: 5000,
    signal: abort.signal,
  });
  await readTransitKey(client, 'transit', 'acme');
  abort.abort();
  await expect(readTransitKey(client, 'transit', 'acme')).rejects.toMatchObject({ reason: 'not-asked' });
  await client.close();
  expect(server.seen.map(({ method, url, headers }) => [method, url, headers['x-vault-token']])).toEqual([
    ['POST', '/v1/auth/approle/login', undefined],
    ['GET', '/v1/transit/keys/acme', 'hvs.own'],
    ['POST', '/v1/auth/token/revoke-self', 'hvs.own'],
  ]);
});
