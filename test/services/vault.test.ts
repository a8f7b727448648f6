import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { opensslUnavailable } from './certificates.ts';
import { httpRequest } from './http-request.ts';
import { processesNaming } from './processes.ts';
import { startVault, vaultUnavailable } from './vault.ts';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

describe.skipIf(vaultUnavailable())('Vault', () => {
  it('starts, limits a token to its policy, audits it, stops and leaves nothing behind', async () => {
    let directory: string;
    {
      await using vault = await startVault();
      directory = vault.directory;
      expect((await vault.request('POST', 'sys/mounts/orgkeys', { type: 'transit' })).status).toBe(204);
      expect((await vault.request('POST', 'orgkeys/keys/acme', {})).status).toBe(200);
      const token = await vault.createToken('path "orgkeys/keys/*" {\n  capabilities = ["read"]\n}');
      expect(await vault.request('GET', 'orgkeys/keys/acme', undefined, token)).toMatchObject({
        status: 200,
        body: { data: { name: 'acme', latest_version: 1 } },
      });
      expect((await vault.request('POST', 'orgkeys/keys/acme/rotate', {}, token)).status).toBe(403);
      expect((await vault.request('GET', 'orgkeys/keys/acme', undefined, null)).status).toBe(403);
      expect(await vault.requestsOf(token)).toEqual([
        { operation: 'read', path: 'orgkeys/keys/acme' },
        { operation: 'update', path: 'orgkeys/keys/acme/rotate' },
      ]);
      expect(processesNaming(directory)).toHaveLength(1);
    }
    expect(existsSync(directory)).toBe(false);
    expect(processesNaming(directory)).toEqual([]);
  });

  it('seals and unseals, keeps its keys over a restart, and gives a snapshot', async () => {
    await using vault = await startVault();
    await vault.request('POST', 'sys/mounts/orgkeys', { type: 'transit' });
    await vault.request('POST', 'orgkeys/keys/acme', {});
    await vault.seal();
    expect((await vault.request('GET', 'sys/health')).status).toBe(503);
    expect((await vault.request('GET', 'orgkeys/keys/acme')).status).toBe(503);
    await vault.unseal();
    await vault.stop();
    await expect(vault.request('GET', 'sys/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await vault.start();
    expect((await vault.request('GET', 'orgkeys/keys/acme')).status).toBe(200);
    const snapshot = join(vault.directory, 'vault.snap');
    await vault.snapshot(snapshot);
    expect((await readFile(snapshot)).subarray(0, 2)).toEqual(GZIP_MAGIC);
  });

  it.skipIf(opensslUnavailable())('serves TLS under its own authority', async () => {
    await using vault = await startVault({ tls: true });
    expect((await vault.request('GET', 'sys/health')).status).toBe(200);
    await expect(httpRequest(`${vault.address}/v1/sys/health`)).rejects.toThrow(/certificate/);
  });

  it('unseals itself by the transit engine of another Vault', async () => {
    await using guardian = await startVault();
    await guardian.request('POST', 'sys/mounts/transit', { type: 'transit' });
    await guardian.request('POST', 'transit/keys/unseal-b', {});
    const rights = ['encrypt', 'decrypt'].map(
      (verb) => `path "transit/${verb}/unseal-b" {\n  capabilities = ["update"]\n}\n`,
    );
    await using vault = await startVault({
      seal: `seal "transit" {\n  address = "${guardian.address}"\n  key_name = "unseal-b"\n  mount_path = "transit/"\n}`,
      environment: { VAULT_TOKEN: await guardian.createToken(rights.join('')) },
    });
    expect((await vault.request('GET', 'sys/seal-status', undefined, null)).body).toMatchObject({
      type: 'transit',
      sealed: false,
      recovery_seal: true,
    });
  });
});
