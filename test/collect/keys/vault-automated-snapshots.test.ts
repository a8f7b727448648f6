import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAutomatedSnapshots } from '../../../src/collect/keys/vault-automated-snapshots.ts';
import { createVaultClient } from '../../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../../src/collect/keys/vault-key-provider.ts';
import { vaultReadPolicy } from '../../../src/collect/keys/vault-requests.ts';
import { Secret } from '../../../src/model/secret.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../../services/vault.ts';
import { json, scriptedServer } from '../conformance/scripted-server.ts';

function clientOf(address: string, token = 'hvs.secret') {
  return createVaultClient({ address, token: new Secret(token), timeoutMillis: 5000 });
}

/*
 * Only Vault Enterprise has automated snapshots, and none was at hand: answers are of the documented shape (Vault HTTP API
 * documentation, "/sys/storage/raft/snapshot-auto").
 */
describe('the status of automated snapshots, by its documented shape', () => {
  const ended = {
    last_snapshot_end: '2026-11-20T11:17:21-04:00',
    last_snapshot_error: '',
    last_snapshot_start: '2026-11-20T11:17:19-04:00',
    last_snapshot_url: 'file:///opt/vault/snapshots/vault-snapshot-1603898241699731000.snap',
    snapshot_start: '2026-11-20T11:17:19-04:00',
    snapshot_url: 'file:///opt/vault/snapshots/vault-snapshot-1603898241699731000.snap',
  };

  async function read(status: number, body: object) {
    await using server = await scriptedServer((_request, response) => json(response, status, body));
    const client = clientOf(server.address);
    const [answer] = await readAutomatedSnapshots(client, ['daily']);
    await client.close();
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /v1/sys/storage/raft/snapshot-auto/status/daily',
    ]);
    return answer;
  }

  it('of one that succeeded tells when, in UTC', async () => {
    expect(await read(200, { data: ended })).toEqual({
      name: 'daily',
      untold: null,
      lastStartedAt: '2026-11-20T15:17:19.000Z',
      lastEndedAt: '2026-11-20T15:17:21.000Z',
      failed: false,
    });
  });

  it('of one that failed tells that it did, and not in which words: they may name more than the audit is to tell', async () => {
    const answer = await read(200, { data: { ...ended, last_snapshot_error: 'AccessDenied: key AKIASECRET' } });
    expect(answer).toMatchObject({ failed: true });
    expect(JSON.stringify(answer)).not.toContain('AKIASECRET');
  });

  it('of one that never ran tells neither time nor success', async () => {
    const none = { last_snapshot_end: '0001-01-01T00:00:00Z', last_snapshot_start: '0001-01-01T00:00:00Z' };
    const expected = { untold: null, lastStartedAt: null, lastEndedAt: null, failed: null };
    expect(await read(200, { data: { ...none, last_snapshot_error: '' } })).toMatchObject(expected);
    expect(await read(200, { data: {} })).toMatchObject(expected);
  });

  it.each([
    [404, { errors: ['1 error occurred:\n\t* enterprise-only feature\n\n'] }, /is not the Enterprise edition/],
    [404, { errors: [] }, /no schedule of this name/],
    [
      403,
      { errors: ['permission denied'] },
      /Add to a policy of the token: path "sys\/storage\/raft\/snapshot-auto\/status\/\+"/,
    ],
    [503, { errors: ['Vault is sealed'] }, /Vault is sealed/],
    [200, { data: { last_snapshot_end: 7 } }, /unknown shape/],
  ])('status %s is told as nothing known, with the reason', async (status, body, untold) => {
    expect(await read(status, body)).toMatchObject({ failed: null, untold: expect.stringMatching(untold) });
  });
});

describe.skipIf(vaultUnavailable())('a real Vault of the community edition', () => {
  let vault: VaultServer;
  beforeAll(async () => {
    vault = await startVault();
    await vault.request('POST', 'sys/mounts/transit', { type: 'transit' });
  });
  afterAll(() => vault?.[Symbol.asyncDispose]());

  it('has no automated snapshots, which makes nothing else of it unknown', async () => {
    const client = clientOf(vault.address, await vault.createToken(vaultReadPolicy(['transit'])));
    const { items, blindSpot } = await vaultKeyProvider('vault', client, 'transit', ['daily']).state();
    await client.close();
    expect(blindSpot ?? null).toBeNull();
    expect(items[0]?.automatedSnapshots).toMatchObject([
      { name: 'daily', failed: null, untold: expect.stringContaining('Enterprise edition') },
    ]);
  });
});
