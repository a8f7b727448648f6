import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVaultSnapshot } from '../../../src/collect/formats/vault-snapshot/read-snapshot.ts';
import { createVaultClient, type VaultClient } from '../../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../../src/collect/keys/vault-key-provider.ts';
import { vaultReadPolicy } from '../../../src/collect/keys/vault-requests.ts';
import { readSnapshotLocation } from '../../../src/collect/keys/vault-snapshots.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { Secret } from '../../../src/model/secret.ts';
import { requireCachedProgram } from '../../services/cached-service.ts';
import { type ConsulServer, consulUnavailable, startConsul } from '../../services/consul.ts';
import { consulRecipe } from '../../services/recipes.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../../services/vault.ts';
import { memoryByteReader } from '../memory-byte-reader.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;

describe.skipIf(vaultUnavailable() ?? consulUnavailable())('a real Vault that stores in a real Consul', () => {
  let consul: ConsulServer;
  let vault: VaultServer;
  let client: VaultClient;
  let uuid = '';
  const cleanup = new AsyncDisposableStack();
  const copies = () => join(vault.directory, 'copies');

  beforeAll(async () => {
    consul = cleanup.use(await startConsul());
    const stanza = `storage "consul" {\n  address = "${consul.address}"\n  path = "vault-prod/"\n}`;
    vault = cleanup.use(await startVault({ storage: () => stanza }));
    await consul.put('app/core/keyring', 'no Vault');
    for (const [path, body] of [
      ['sys/mounts/transit', { type: 'transit' }],
      ['transit/keys/tenant-acme', {}],
      ['transit/keys/signer', { type: 'rsa-2048' }],
      ['transit/keys/gone', {}],
      ['transit/keys/gone/config', { deletion_allowed: true }],
    ] as const) {
      expect((await vault.request('POST', path, body)).status, path).toBeLessThan(300);
    }
    expect((await vault.request('DELETE', 'transit/keys/gone')).status).toBe(204);
    const token = await vault.createToken(vaultReadPolicy(['transit']));
    client = createVaultClient({ address: vault.address, token: new Secret(token), timeoutMillis: 10_000 });
    cleanup.defer(() => client.close());
    const provider = vaultKeyProvider('vault', client, 'transit');
    const { items } = await provider.state();
    expect(items).toMatchObject([{ storageType: 'consul', highAvailability: true, raftServers: null }]);
    uuid = provider.mountUuid() ?? '';
    await mkdir(copies());
    await consul.snapshot(join(copies(), 'consul.snap'));
  });
  afterAll(() => cleanup.disposeAsync());

  it('is in a snapshot of that Consul, with its keys and its seal, which the program of Consul finds whole, too', async () => {
    const file = join(copies(), 'consul.snap');
    await run(requireCachedProgram(consulRecipe), ['snapshot', 'inspect', file]);
    const { snapshots, unmatched, blindSpot } = await readSnapshotLocation(
      { name: 'copies', tree: localDirectoryTree({ root: copies() }), copiedWhileStopped: false, keepsFileTimes: true },
      () => ({ reason: 'malformed', detail: 'unexpected', remedy: '' }),
      signal,
    );
    expect({ unmatched, blindSpot }).toEqual({ unmatched: [], blindSpot: null });
    expect(snapshots).toMatchObject([
      {
        fact: {
          path: 'consul.snap',
          complete: true,
          checksumsMatch: true,
          storage: 'consul',
          raftIndex: null,
          raftServerIds: [],
          sealType: 'shamir',
          sealShares: 3,
          sealThreshold: 2,
          sealKeyId: null,
        },
      },
    ]);
    const [snapshot] = snapshots;
    expect(Math.abs(Date.parse(snapshot?.fact.takenAt ?? '') - Date.now())).toBeLessThan(60_000);
    expect(snapshot?.fact.mountUuids).toContain(uuid);
    const held = ['tenant-acme', 'signer', 'gone', 'other'].map((key) => snapshot?.holds(uuid, key));
    expect(held).toEqual([true, true, false, false]);
  });

  it('is told from a Consul without one, and from a snapshot that is not whole', async () => {
    const content = await readFile(join(copies(), 'consul.snap'));
    for (const cut of [20, 500, content.length >> 1, content.length - 9, content.length - 1]) {
      const reading = await readVaultSnapshot(memoryByteReader(content.subarray(0, cut)), { signal });
      expect(reading, `cut at ${cut}`).toMatchObject({ recognized: true, complete: false });
    }
    await using empty = await startConsul();
    const file = join(vault.directory, 'empty.snap');
    await empty.snapshot(file);
    const reading = await readVaultSnapshot(memoryByteReader(await readFile(file)), { signal });
    expect(reading).toMatchObject({ recognized: false, what: 'consul-without-vault' });
  });
});
