import { describe, expect, it } from 'vitest';
import { createVaultClient } from '../../../src/collect/keys/vault-client.ts';
import { readVaultProvider } from '../../../src/collect/keys/vault-provider.ts';
import { readTokenRights } from '../../../src/collect/keys/vault-token-rights.ts';
import { readTransitKey } from '../../../src/collect/keys/vault-transit.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type Answer, json, scriptedServer } from '../conformance/scripted-server.ts';

async function withServer<T>(answer: Answer, read: (address: string) => Promise<T>) {
  await using server = await scriptedServer(answer);
  const value: unknown = await read(server.address).catch((error: unknown) => error);
  return { value, seen: server.seen };
}

const clientOf = (address: string, namespace?: string) =>
  createVaultClient({
    address,
    token: new Secret('hvs.token'),
    timeoutMillis: 5000,
    quotaPatienceMillis: 100,
    ...(namespace ? { namespace } : {}),
  });
const readKey = (address: string) => readTransitKey(clientOf(address), 'transit', 'acme');

const HEALTH = {
  initialized: true,
  sealed: false,
  standby: true,
  server_time_utc: Math.floor(Date.now() / 1000) + 600,
};
const SEAL = {
  type: 'awskms',
  initialized: true,
  sealed: false,
  t: 2,
  n: 3,
  version: '1.19.0',
  recovery_seal: true,
  storage_type: 'consul',
};

describe('what Vault answers instead', () => {
  it.each([
    ['sealed', 503, { errors: ['Vault is sealed'] }, 'unreachable', /sealed/],
    ['standby', 429, { errors: [] }, 'unreachable', /standby/],
    ['performance standby', 473, {}, 'unreachable', /standby/],
    ['not initialized', 501, {}, 'unreachable', /not initialized/],
    ['a rate limit', 429, { errors: ['request path "x": rate limit quota exceeded'] }, 'unreachable', /quota/],
    ['an internal error', 500, { errors: ['internal error'] }, 'unreachable', /status 500/],
    ['a bad request', 400, { errors: ['no'] }, 'malformed', /status 400/],
    [
      'no such mount',
      404,
      { errors: ['no handler for route "transit/keys/acme". route entry not found.'] },
      'unreachable',
      /no such path/,
    ],
    [
      'two errors in one text',
      403,
      { errors: ['2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n'] },
      'unauthorized',
      /not valid/,
    ],
    [
      'permission denied',
      403,
      { errors: ['1 error occurred:\n\t* permission denied\n\n'] },
      'unauthorized',
      /permission denied/,
    ],
    ['another shape', 200, { data: { type: 'aes256-gcm96' } }, 'malformed', /unknown shape/],
    ['no data', 200, {}, 'malformed', /unknown shape/],
  ])('%s', async (_, status, body, reason, message) => {
    const { value } = await withServer((_request, response) => json(response, status, body), readKey);
    expect(value).toMatchObject({ name: 'SourceError', reason, message: expect.stringMatching(message) });
  });

  it('takes a proxy that says 503 in HTML for no sealed Vault', async () => {
    const { value } = await withServer(
      (_request, response) => void response.writeHead(503).end('<html>sealed</html>'),
      readKey,
    );
    expect(value).toMatchObject({ reason: 'malformed' });
  });

  it('takes an empty 404 for a missing key only on a transit mount', async () => {
    const answerFor =
      (type: string): Answer =>
      (request, response) =>
        request.url.includes('/sys/internal/')
          ? json(response, 200, { data: { type, uuid: 'u', accessor: 'a' } })
          : json(response, 404, { errors: [] });
    expect((await withServer(answerFor('transit'), readKey)).value).toEqual({ state: 'missing' });
    expect((await withServer(answerFor('kv'), readKey)).value).toMatchObject({ reason: 'unsupported' });
  });

  it('refuses an answer without bounds', async () => {
    const flood: Answer = (_request, response) => {
      const more = () => {
        while (response.write('x'.repeat(65536)));
        response.once('drain', more);
      };
      more();
    };
    expect((await withServer(flood, readKey)).value).toMatchObject({
      reason: 'malformed',
      message: expect.stringContaining('more than'),
    });
  });

  it('never takes a path that was left out for one that cannot be written', async () => {
    const answer: Answer = (_request, response) => json(response, 200, { data: { a: ['deny'] } });
    const { value } = await withServer(answer, (address) => readTokenRights(clientOf(address), ['a', 'b']));
    expect(value).toMatchObject({ reason: 'malformed' });
  });
});

describe('readVaultProvider', () => {
  const answer: Answer = (request, response) =>
    request.url.endsWith('/health') ? json(response, 429, HEALTH) : json(response, 200, SEAL);

  it('reads a standby on other storage, and how far its clock is ahead', async () => {
    const { value } = await withServer(answer, (address) => readVaultProvider(clientOf(address)));
    expect(value).toMatchObject({
      standby: true,
      sealed: false,
      sealType: 'awskms',
      recoverySeal: true,
      storageType: 'consul',
      raftAppliedIndex: null,
      raftServers: null,
    });
    expect(value).toHaveProperty('serverClockOffsetMillis', expect.closeTo(600_000, -4));
  });

  it('sends neither token nor namespace where none is needed', async () => {
    const { seen } = await withServer(answer, (address) => readVaultProvider(clientOf(address, 'team')));
    expect(seen.length).toBe(3);
    for (const { headers } of seen) {
      expect(headers['x-vault-token']).toBeUndefined();
      expect(headers['x-vault-namespace']).toBeUndefined();
    }
    const { seen: authenticated } = await withServer(answer, (address) =>
      readTransitKey(clientOf(address, 'team'), 'transit', 'acme'),
    );
    expect(authenticated[0]?.headers).toMatchObject({ 'x-vault-token': 'hvs.token', 'x-vault-namespace': 'team' });
  });
});

describe('createVaultClient', () => {
  it.each([
    'vault.example',
    'ftp://vault.example',
    'https://user:pass@vault.example',
    'https://vault.example/path',
    'https://vault.example/?token=x',
  ])('refuses the address %s and does not repeat it', (address) => {
    expect(() => clientOf(address)).toThrow(/^(?!.*(pass|token=))the address of Vault/);
  });

  it.each(['', 'hvs.a\nb', 'hvs a'])('refuses the token %j', (token) => {
    expect(() =>
      createVaultClient({ address: 'https://vault.example', token: new Secret(token), timeoutMillis: 1 }),
    ).toThrow(/token/);
  });

  it('heeds nothing in the environment', async () => {
    const names = {
      VAULT_TOKEN: 'hvs.other',
      VAULT_NAMESPACE: 'other',
      VAULT_PREFIX: '/other',
      VAULT_ADDR: 'http://127.0.0.1:9',
      HTTP_PROXY: 'http://127.0.0.1:9',
    };
    const before = { ...process.env };
    Object.assign(process.env, names);
    try {
      const { seen } = await withServer((_request, response) => json(response, 403, {}), readKey);
      expect(seen[0]).toMatchObject({ url: '/v1/transit/keys/acme' });
      expect(seen[0]?.headers['x-vault-token']).toBe('hvs.token');
      expect(seen[0]?.headers['x-vault-namespace']).toBeUndefined();
    } finally {
      process.env = before;
    }
  });
});
