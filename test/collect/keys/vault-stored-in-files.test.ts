import { execFile } from 'node:child_process';
import { cp, mkdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FoundSnapshot } from '../../../src/collect/keys/found-snapshot.ts';
import { createVaultClient, type VaultClient } from '../../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../../src/collect/keys/vault-key-provider.ts';
import { vaultReadPolicy } from '../../../src/collect/keys/vault-requests.ts';
import { readSnapshotLocation } from '../../../src/collect/keys/vault-snapshots.ts';
import { readTransitKey } from '../../../src/collect/keys/vault-transit.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { DAY } from '../../../src/model/instant.ts';
import { Secret } from '../../../src/model/secret.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../../services/vault.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;
const TOGETHER = { reason: 'malformed', detail: 'unexpected', remedy: '' } as const;

describe.skipIf(vaultUnavailable())('a real Vault that stores in files', () => {
  let vault: VaultServer;
  let client: VaultClient;
  let uuid = '';
  const cleanup = new AsyncDisposableStack();
  const data = () => join(vault.directory, 'data');
  const place = (name: string) => join(vault.directory, 'copies', name);

  beforeAll(async () => {
    vault = cleanup.use(
      await startVault({ storage: (directory) => `storage "file" {\n  path = "${join(directory, 'data')}"\n}` }),
    );
    for (const [path, body] of [
      ['sys/mounts/transit', { type: 'transit' }],
      ['transit/keys/tenant-acme', {}],
      ['transit/keys/tenant-acme/rotate', {}],
      ['transit/keys/signer', { type: 'rsa-2048' }],
    ] as const) {
      expect((await vault.request('POST', path, body)).status, path).toBeLessThan(300);
    }
    const token = await vault.createToken(vaultReadPolicy(['transit']));
    client = createVaultClient({ address: vault.address, token: new Secret(token), timeoutMillis: 10_000 });
    cleanup.defer(() => client.close());
    await mkdir(join(vault.directory, 'copies'));
  });
  afterAll(() => cleanup.disposeAsync());

  async function found(name: string): Promise<readonly FoundSnapshot[]> {
    const read = await readSnapshotLocation(
      {
        name: 'copies',
        tree: localDirectoryTree({ root: place(name) }),
        copiedWhileStopped: true,
        keepsFileTimes: true,
      },
      () => TOGETHER,
      signal,
    );
    expect({ unmatched: read.unmatched, blindSpot: read.blindSpot }).toEqual({ unmatched: [], blindSpot: null });
    return read.snapshots;
  }

  it('describes itself as one, without a cluster', async () => {
    const provider = vaultKeyProvider('vault', client, 'transit');
    const { items, blindSpot } = await provider.state();
    expect(blindSpot ?? null).toBeNull();
    expect(items).toMatchObject([
      { storageType: 'file', highAvailability: false, raftServers: null, raftAppliedIndex: null, autopilot: null },
    ]);
    uuid = provider.mountUuid() ?? '';
    expect(uuid).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is opened again from a copy that was made while it was stopped, which tells its keys and its seal', async () => {
    await vault.stop();
    await cp(data(), place('stopped'), { recursive: true, preserveTimestamps: true });
    await run('tar', ['-czf', join(vault.directory, 'copies', 'stopped.tar.gz'), '-C', vault.directory, 'data']);
    const [copy, ...others] = await found('stopped');
    expect(others).toEqual([]);
    expect(copy?.fact).toMatchObject({
      path: '.',
      complete: true,
      storage: 'file',
      copiedWhileStopped: true,
      // All of it was written within seconds: the times may be those of the copying.
      takenAt: null,
      sealType: 'shamir',
      sealShares: 3,
      sealThreshold: 2,
      raftIndex: null,
    });
    expect(copy?.fact.mountUuids).toContain(uuid);
    expect(['tenant-acme', 'signer', 'other'].map((key) => copy?.holds(uuid, key))).toEqual([true, true, false]);

    await rename(data(), join(vault.directory, 'lost'));
    await cp(place('stopped'), data(), { recursive: true });
    await vault.start();
    expect(await readTransitKey(client, 'transit', 'tenant-acme')).toMatchObject({
      state: 'present',
      latestVersion: 2,
    });
  });

  it('has written last when its newest file says so, where the times are kept', async () => {
    const old = new Date(Date.now() - 2 * DAY);
    await utimes(join(place('stopped'), 'core', '_seal-config'), old, old);
    const [copy] = await found('stopped');
    expect(Math.abs(Date.parse(copy?.fact.takenAt ?? '') - Date.now())).toBeLessThan(120_000);
  });

  it('is told in an archive of its directory as well', async () => {
    await mkdir(place('archived'));
    await rename(join(vault.directory, 'copies', 'stopped.tar.gz'), join(place('archived'), 'stopped.tar.gz'));
    const copies = await found('archived');
    expect(copies).toMatchObject([{ fact: { path: 'stopped.tar.gz', complete: true, storage: 'file' } }]);
    expect(copies[0]?.holds(uuid, 'tenant-acme')).toBe(true);
  });

  it('opens nothing without its keyring, and a key without its archive is not held', async () => {
    await cp(place('stopped'), place('cut'), { recursive: true });
    await rm(join(place('cut'), 'logical', uuid, 'archive', '_signer'));
    const [without] = await found('cut');
    expect(without?.fact.complete).toBe(true);
    expect([without?.holds(uuid, 'tenant-acme'), without?.holds(uuid, 'signer')]).toEqual([true, false]);
    await rm(join(place('cut'), 'core', '_keyring'));
    const [cut] = await found('cut');
    expect(cut?.fact).toMatchObject({ complete: false, because: 'the file of core/keyring is missing' });
  });
});
