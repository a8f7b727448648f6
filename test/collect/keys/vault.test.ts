import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readVaultSnapshot } from '../../../src/collect/formats/vault-snapshot/read-snapshot.ts';
import { createVaultClient, type VaultClient } from '../../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../../src/collect/keys/vault-key-provider.ts';
import { readVaultProvider } from '../../../src/collect/keys/vault-provider.ts';
import { vaultReadPolicy } from '../../../src/collect/keys/vault-requests.ts';
import { readTokenRights, vaultWritePaths } from '../../../src/collect/keys/vault-token-rights.ts';
import { listTransitKeys, readTransitKey, readTransitMount } from '../../../src/collect/keys/vault-transit.ts';
import { Secret } from '../../../src/model/secret.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../../services/vault.ts';
import { memoryByteReader } from '../memory-byte-reader.ts';

const MOUNT = 'orgs/keys';
const signal = new AbortController().signal;

describe.skipIf(vaultUnavailable())('a real Vault', () => {
  let vault: VaultServer;
  let token: string;
  const clients: VaultClient[] = [];

  function client(withToken: string, address = vault.address): VaultClient {
    const one = createVaultClient({ address, token: new Secret(withToken), timeoutMillis: 10_000 });
    clients.push(one);
    return one;
  }

  async function succeed(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await vault.request(method, path, body);
    expect(answer.status, `${method} ${path}`).toBeLessThan(300);
    return answer.body;
  }

  beforeAll(async () => {
    vault = await startVault();
    await succeed('POST', `sys/mounts/${MOUNT}`, { type: 'transit' });
    await succeed('POST', 'sys/mounts/shared', { type: 'kv' });
    for (const name of ['acme', 'trimmed', 'gone']) await succeed('POST', `${MOUNT}/keys/${name}`);
    await succeed('POST', `${MOUNT}/keys/signer`, { type: 'rsa-2048' });
    await succeed('POST', `${MOUNT}/keys/acme/rotate`);
    await succeed('POST', `${MOUNT}/keys/acme/config`, { auto_rotate_period: '720h' });
    for (let version = 2; version <= 4; version += 1) await succeed('POST', `${MOUNT}/keys/trimmed/rotate`);
    await succeed('POST', `${MOUNT}/keys/trimmed/config`, { min_decryption_version: 3, min_encryption_version: 3 });
    await succeed('POST', `${MOUNT}/keys/trimmed/trim`, { min_available_version: 2 });
    await succeed('POST', `${MOUNT}/keys/gone/config`, { deletion_allowed: true });
    await succeed('DELETE', `${MOUNT}/keys/gone`);
    await succeed('POST', `${MOUNT}/keys/signer/config`, { deletion_allowed: true });
    token = await vault.createToken(vaultReadPolicy([MOUNT, 'shared']));
  });

  afterAll(async () => {
    for (const one of clients) await one.close();
    await vault?.[Symbol.asyncDispose]();
  });

  it('describes itself', async () => {
    const reading = await readVaultProvider(client(token));
    expect(reading).toMatchObject({
      initialized: true,
      sealed: false,
      standby: false,
      version: '1.21.2',
      sealType: 'shamir',
      threshold: 2,
      shares: 3,
      storageType: 'raft',
      recoverySeal: false,
      removedFromCluster: false,
      highAvailability: true,
      performanceReplication: 'disabled',
      recoveryReplication: 'disabled',
      autopilot: { healthy: expect.any(Boolean), failureTolerance: 0 },
      raftServers: [{ id: 'node-1', address: expect.stringMatching(/^127\.0\.0\.1:/) }],
    });
    expect(reading.clusterName).toMatch(/^vault-cluster-/);
    expect(reading.clusterId).toMatch(/^[0-9a-f-]{36}$/);
    expect(reading.raftAppliedIndex).toBeGreaterThan(10);
    expect(Math.abs(reading.serverClockOffsetMillis ?? Number.NaN)).toBeLessThan(2000);
  });

  it('tells a mount by its uuid, and another engine from transit', async () => {
    const reading = await readTransitMount(client(token), MOUNT);
    expect(reading.uuid).toMatch(/^[0-9a-f-]{36}$/);
    expect(reading.accessor).toMatch(/^transit_/);
    await expect(readTransitMount(client(token), 'shared')).rejects.toMatchObject({ reason: 'unsupported' });
    await expect(readTransitMount(client(token), 'nowhere')).rejects.toMatchObject({ reason: 'unauthorized' });
  });

  it('reads rotated, trimmed, deletable and deleted keys', async () => {
    const reader = client(token);
    const acme = await readTransitKey(reader, MOUNT, 'acme');
    expect(acme).toMatchObject({
      state: 'present',
      type: 'aes256-gcm96',
      latestVersion: 2,
      minDecryptionVersion: 1,
      minAvailableVersion: 0,
      deletionAllowed: false,
      allowPlaintextBackup: false,
      exportable: false,
      supportsDecryption: true,
      autoRotateSeconds: 30 * 86_400,
    });
    if (acme.state !== 'present') throw new Error('missing');
    expect(acme.versions.map(({ version }) => version)).toEqual([1, 2]);
    for (const { createdAt } of acme.versions)
      expect(Math.abs(Date.parse(createdAt) - Date.now())).toBeLessThan(120_000);
    expect(await readTransitKey(reader, MOUNT, 'trimmed')).toMatchObject({
      latestVersion: 4,
      minDecryptionVersion: 3,
      minAvailableVersion: 2,
      versions: [{ version: 3 }, { version: 4 }],
    });
    expect(await readTransitKey(reader, MOUNT, 'signer')).toMatchObject({
      type: 'rsa-2048',
      deletionAllowed: true,
      versions: [{ version: 1, createdAt: expect.stringMatching(/Z$/) }],
    });
    expect(await readTransitKey(reader, MOUNT, 'gone')).toEqual({ state: 'missing' });
    for (const name of ['../../sys/policies', '..', 'acme/rotate', '']) {
      await expect(readTransitKey(reader, MOUNT, name)).rejects.toMatchObject({ reason: 'malformed' });
    }
    expect(await listTransitKeys(reader, MOUNT)).toEqual(['acme', 'signer', 'trimmed']);
  });

  it('never takes a key for missing on a path that is not a transit mount', async () => {
    await expect(readTransitKey(client(token), 'shared', 'acme')).rejects.toMatchObject({ reason: 'unsupported' });
    const wide = await vault.createToken('path "nowhere/*" { capabilities = ["read", "list"] }');
    await expect(readTransitKey(client(wide), 'nowhere', 'acme')).rejects.toMatchObject({ name: 'SourceError' });
    await expect(listTransitKeys(client(wide), 'nowhere')).rejects.toMatchObject({ name: 'SourceError' });
  });

  it('says which line of policy is missing', async () => {
    const bare = client(await vault.createToken('path "other/*" { capabilities = ["read"] }'));
    await expect(readTransitKey(bare, MOUNT, 'acme')).rejects.toMatchObject({
      reason: 'unauthorized',
      remedy: `Add to a policy of the token: path "${MOUNT}/keys/+" { capabilities = ["read"] }`,
    });
    await expect(listTransitKeys(bare, MOUNT)).rejects.toMatchObject({
      reason: 'unauthorized',
      remedy: `Add to a policy of the token: path "${MOUNT}/keys" { capabilities = ["list"] }`,
    });
    await expect(readTransitMount(bare, MOUNT)).rejects.toMatchObject({ reason: 'unauthorized' });
    await expect(readTokenRights(bare, vaultWritePaths(MOUNT))).rejects.toMatchObject({
      reason: 'unauthorized',
      remedy: 'Add to a policy of the token: path "sys/capabilities-self" { capabilities = ["update"] }',
    });
    expect(await readVaultProvider(bare)).toMatchObject({ sealed: false, raftServers: null });
  });

  it('tells a wrong and an expired token from a missing right', async () => {
    await expect(readTransitKey(client('hvs.bogus'), MOUNT, 'acme')).rejects.toMatchObject({
      reason: 'unauthorized',
      message: expect.stringContaining('token is not valid'),
    });
    const created = z
      .object({ auth: z.object({ client_token: z.string() }) })
      .parse(await succeed('POST', 'auth/token/create', { ttl: '1s', policies: ['default'] }));
    await sleep(2500);
    await expect(readTransitKey(client(created.auth.client_token), MOUNT, 'acme')).rejects.toMatchObject({
      reason: 'unauthorized',
      message: expect.stringContaining('token is not valid'),
    });
  });

  it('tells how a key is rotated and when it was, and when the token expires that was given', async () => {
    const provider = vaultKeyProvider('vault', client(token), MOUNT);
    const rotated = expect.stringMatching(/Z$/);
    expect((await provider.rotation?.('acme'))?.items).toMatchObject([
      { automatic: true, periodDays: 30, rotatedAt: [rotated] },
    ]);
    expect((await provider.rotation?.('trimmed'))?.items).toMatchObject([{ automatic: false, periodDays: null }]);
    expect((await provider.rights(['acme']))?.items[0]?.because).toMatch(
      /; it expires on \d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
    );
    const endless = vaultKeyProvider('vault', client(vault.rootToken), MOUNT);
    expect((await endless.rights(['acme']))?.items[0]?.because).not.toContain('expires');
  });

  it('tells a token that only reads from one that can write', async () => {
    const paths = vaultWritePaths(MOUNT, ['acme']);
    const rights = await readTokenRights(client(token), paths);
    expect(rights).toMatchObject({ canWrite: false });
    expect(rights.expiresAt).toMatch(/Z$/);
    expect(rights.evidence.map(({ path }) => path)).toEqual(paths);
    expect(new Set(rights.evidence.flatMap(({ capabilities }) => capabilities))).toEqual(new Set(['deny', 'read']));
    const root = await readTokenRights(client(vault.rootToken), paths);
    expect(root).toMatchObject({ canWrite: true, expiresAt: null });
    const rotator = await vault.createToken(
      `${vaultReadPolicy([MOUNT])}\npath "${MOUNT}/keys/acme/rotate" { capabilities = ["update"] }`,
    );
    expect(await readTokenRights(client(rotator), paths)).toMatchObject({ canWrite: true });
  });

  it('has logged reads only, and its raft index did not move', async () => {
    const reader = client(token);
    const before = await readVaultProvider(reader);
    await readTransitMount(reader, MOUNT);
    await readTransitKey(reader, MOUNT, 'acme');
    await readTokenRights(reader, vaultWritePaths(MOUNT));
    const after = await readVaultProvider(reader);
    expect(after.raftAppliedIndex).toBe(before.raftAppliedIndex);
    const requests = await vault.requestsOf(token);
    expect(new Set(requests.map(({ operation, path }) => (operation === 'update' ? path : operation)))).toEqual(
      new Set(['read', 'list', 'sys/capabilities-self']),
    );
  });

  it('gives a snapshot that proves which keys it holds', async () => {
    await succeed('PUT', 'sys/rotate');
    const file = join(vault.directory, 'vault.snap');
    const began = Date.now();
    await vault.snapshot(file);
    const content = await readFile(file);
    const { uuid } = await readTransitMount(client(token), MOUNT);
    const live = await readVaultProvider(client(token));
    const kinds = new Map<string, string[]>();
    const reading = await readVaultSnapshot(memoryByteReader(content), {
      signal,
      onKey: (mount, kind, name) => {
        if (mount === uuid) kinds.set(name, [...(kinds.get(name) ?? []), kind]);
      },
    });
    expect(reading).toMatchObject({
      recognized: true,
      complete: true,
      checksumsMatch: true,
      because: 'all parts are there and agree with their checksums',
      raftServers: live.raftServers,
      sealType: 'shamir',
      secretShares: 3,
      secretThreshold: 2,
      recoveryShares: null,
      sealKeyId: null,
      barrierTermHighest: 2,
      transitKeyCount: 3,
      vaultVersions: ['1.21.2'],
      bytes: content.length,
    });
    expect(Math.abs(Date.parse(reading.takenAt ?? '') - began)).toBeLessThan(5000);
    expect(reading.raftIndex).toBeLessThanOrEqual(live.raftAppliedIndex ?? 0);
    expect(reading.raftTerm).toBeGreaterThan(0);
    expect(reading.raftTerm).toBeLessThanOrEqual(live.raftTerm ?? 0);
    expect(reading.mountUuids).toContain(uuid);
    expect(Object.fromEntries(kinds)).toEqual({
      acme: ['archive', 'policy'],
      signer: ['archive', 'policy'],
      trimmed: ['archive', 'policy'],
    });
    for (const cut of [0, 10, 500, content.length >> 1, content.length - 200, content.length - 1]) {
      const damaged = await readVaultSnapshot(memoryByteReader(content.subarray(0, cut)), { signal });
      expect(damaged, `cut at ${cut}`).toMatchObject({ recognized: true, complete: false, checksumsMatch: false });
    }
    let wrong = 0;
    for (let at = 40; at < content.length; at += Math.ceil(content.length / 60)) {
      const flipped = Buffer.from(content);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      const damaged = await readVaultSnapshot(memoryByteReader(flipped), { signal });
      if (damaged.complete && damaged.checksumsMatch) expect(gunzipSync(flipped)).toEqual(gunzipSync(content));
      else wrong += 1;
    }
    expect(wrong).toBeGreaterThan(50);
  });

  it('was never initialized, which is told apart from sealed', async () => {
    await using empty = await startVault({ initialize: false });
    const reader = client('hvs.any', empty.address);
    expect(await readVaultProvider(reader)).toMatchObject({ initialized: false, sealed: true, standby: null });
    expect(await vaultKeyProvider('vault', reader, MOUNT).state()).toMatchObject({
      items: [{ initialized: false }],
      blindSpot: null,
    });
    await expect(readTransitKey(reader, MOUNT, 'acme')).rejects.toMatchObject({ reason: 'unreachable' });
  });

  it('answers while sealed, and says so', async () => {
    const reader = client(token);
    await vault.seal();
    try {
      expect(await readVaultProvider(reader)).toMatchObject({
        initialized: true,
        sealed: true,
        standby: null,
        clusterId: null,
        raftAppliedIndex: null,
        raftServers: null,
        threshold: 2,
      });
      await expect(readTransitKey(reader, MOUNT, 'acme')).rejects.toMatchObject({
        reason: 'unreachable',
        message: expect.stringContaining('Vault is sealed'),
      });
    } finally {
      await vault.unseal();
    }
  });
});

describe.skipIf(vaultUnavailable())('a real Vault with TLS', () => {
  it('is trusted by the named authority only, and under its own name only', async () => {
    await using vault = await startVault({ tls: true });
    const ask = async (address: string, caFile?: string) => {
      const client = createVaultClient({
        address,
        token: new Secret(vault.rootToken),
        timeoutMillis: 10_000,
        ...(caFile === undefined ? {} : { caFile }),
      });
      return await readVaultProvider(client).finally(() => client.close());
    };
    const caFile = vault.caFile ?? '';
    expect(await ask(vault.address, caFile)).toMatchObject({ sealed: false });
    await expect(ask(vault.address)).rejects.toMatchObject({
      reason: 'unreachable',
      remedy: expect.stringContaining('certificate authority'),
    });
    await expect(ask(vault.address.replace('https:', 'http:'))).rejects.toMatchObject({ reason: 'malformed' });
    await expect(ask(vault.address, join(vault.directory, 'none.pem'))).rejects.toMatchObject({
      reason: 'unreachable',
    });
    const broken = join(vault.directory, 'broken.pem');
    await writeFile(broken, 'not a certificate');
    await expect(ask(vault.address, broken)).rejects.toMatchObject({ name: 'SourceError' });
  });
});
