import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVaultClient } from '../../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../../src/collect/keys/vault-key-provider.ts';
import { readVaultProvider } from '../../../src/collect/keys/vault-provider.ts';
import { vaultReadPolicy } from '../../../src/collect/keys/vault-requests.ts';
import { readTransitKey } from '../../../src/collect/keys/vault-transit.ts';
import { Secret } from '../../../src/model/secret.ts';
import { waitUntil } from '../../services/scratch.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../../services/vault.ts';
import { startVaultStandby, type VaultStandby } from '../../services/vault-standby.ts';

describe.skipIf(vaultUnavailable())('a real cluster of two', () => {
  let vault: VaultServer;
  let standby: VaultStandby;
  let front: Server;
  let frontAddress: string;
  let token: string;
  const cleanup = new AsyncDisposableStack();

  beforeAll(async () => {
    vault = cleanup.use(await startVault());
    await vault.request('POST', 'sys/mounts/transit', { type: 'transit' });
    await vault.request('POST', 'transit/keys/acme');
    token = await vault.createToken(vaultReadPolicy(['transit']));
    standby = cleanup.use(await startVaultStandby(vault));
    // A standby forwards; with this header it sends the client to the active node, as where forwarding is impossible.
    front = createServer((request, response) => {
      const headers = { ...request.headers, 'x-vault-no-request-forwarding': 'true' };
      const onward = httpRequest(
        `${standby.address}${request.url}`,
        { method: request.method ?? 'GET', headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    cleanup.defer(() => {
      front.closeAllConnections();
      front.close();
    });
    const place = front.address();
    if (place === null || typeof place === 'string') throw new Error('no port');
    frontAddress = `http://127.0.0.1:${place.port}`;
  });
  afterAll(() => cleanup.disposeAsync());

  function clientOf(address: string, nodes: readonly string[] = []) {
    return createVaultClient({ address, nodes, token: new Secret(token), timeoutMillis: 10_000 });
  }

  it('answers through its standby, which says that it is one', async () => {
    const client = clientOf(standby.address);
    expect(await readTransitKey(client, 'transit', 'acme')).toMatchObject({ state: 'present' });
    expect(await readVaultProvider(client)).toMatchObject({
      standby: true,
      highAvailability: true,
      raftServers: [{ id: 'node-1' }, { id: 'node-2' }],
    });
    await client.close();
  });

  it('sends on to the active node, which is followed where it is configured and not otherwise', async () => {
    const followed = clientOf(frontAddress, [vault.address]);
    expect(await readTransitKey(followed, 'transit', 'acme')).toMatchObject({ state: 'present' });
    await followed.close();
    const refused = clientOf(frontAddress);
    await expect(readTransitKey(refused, 'transit', 'acme')).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining('status 307'),
    });
    await refused.close();
  });

  it('is read on while its leader steps down', async () => {
    const client = clientOf(standby.address);
    expect(await readTransitKey(client, 'transit', 'acme')).toMatchObject({ state: 'present' });
    await vault.request('PUT', 'sys/step-down');
    for (let time = 0; time < 20; time += 1) {
      expect(await readTransitKey(client, 'transit', 'acme')).toMatchObject({ state: 'present' });
    }
    await client.close();
  });

  it('says of a node that was taken out of it that it is the wrong one to ask', async () => {
    const isActive = async () => (await vault.request('GET', 'sys/health', undefined, null)).status === 200 || null;
    if ((await standby.health()) === 200) {
      const stepDown = await fetch(`${standby.address}/v1/sys/step-down`, {
        method: 'PUT',
        headers: { 'X-Vault-Token': vault.rootToken },
      });
      expect(stepDown.status).toBe(204);
    }
    await waitUntil('the first node leads', isActive, 60_000);
    const removed = await vault.request('POST', 'sys/storage/raft/remove-peer', { server_id: standby.nodeId });
    expect(removed.status).toBe(204);
    await waitUntil('the node knows', async () => (await standby.health()) === 530 || null, 60_000);
    const client = clientOf(standby.address);
    const { items, blindSpot } = await vaultKeyProvider('vault', client, 'transit').state();
    expect(blindSpot?.detail).toContain('was removed from its cluster');
    expect(items).toHaveLength(1);
    await client.close();
  });
});
