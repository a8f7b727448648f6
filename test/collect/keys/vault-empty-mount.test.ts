import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVaultClient } from '../../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../../src/collect/keys/vault-key-provider.ts';
import { vaultReadPolicy } from '../../../src/collect/keys/vault-requests.ts';
import { readSnapshotLocation } from '../../../src/collect/keys/vault-snapshots.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { judgeSnapshots } from '../../../src/evaluate/key-snapshots.ts';
import { Secret } from '../../../src/model/secret.ts';
import { LOCATION, PROVIDER, policyOf } from '../../evaluate/fixture.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../../services/vault.ts';

const signal = new AbortController().signal;
/** As Vault's `default` policy grants it to nearly every token. */
const OF_DEFAULT_POLICY = 'path "identity/oidc/provider/+/authorize" { capabilities = ["read"] }\n';

describe.skipIf(vaultUnavailable())('a snapshot of a real Vault from before its first transit key', () => {
  let vault: VaultServer;
  const cleanup = new AsyncDisposableStack();

  beforeAll(async () => {
    vault = cleanup.use(await startVault());
    await vault.request('POST', 'sys/mounts/transit', { type: 'transit' });
    await take(vault, 'empty.snap');
    await vault.request('POST', 'transit/keys/tenant-acme', {});
    await using other = await startVault();
    await other.request('POST', 'sys/mounts/transit', { type: 'transit' });
    await take(other, 'other.snap');
  });
  afterAll(() => cleanup.disposeAsync());

  const place = () => join(vault.directory, 'snapshots');
  async function take(from: VaultServer, name: string): Promise<void> {
    await mkdir(place(), { recursive: true });
    await from.snapshot(join(from.directory, name));
    await rename(join(from.directory, name), join(place(), name));
  }

  const seen = <V>(value: V) =>
    ({ value, subject: PROVIDER, evidenceId: 'e', grade: 'observed', collectedAt: new Date().toISOString() }) as const;

  /** How good each snapshot is, by its name, for a token with this policy. */
  async function goodness(policy: string): Promise<Readonly<Record<string, string>>> {
    const token = new Secret(await vault.createToken(policy));
    const client = createVaultClient({ address: vault.address, token, timeoutMillis: 10_000 });
    const { items } = await vaultKeyProvider('vault', client, 'transit').state();
    await client.close();
    const tree = localDirectoryTree({ root: place() });
    const { snapshots } = await readSnapshotLocation(
      { name: LOCATION.key, tree, copiedWhileStopped: false, keepsFileTimes: true },
      (error) => ({ reason: 'malformed', detail: String(error), remedy: '' }),
      signal,
    );
    const judged = judgeSnapshots(
      {
        snapshots: snapshots.map(({ fact }) => seen(fact)),
        providers: items.map((state) => seen(state)),
        providerDomains: [],
        locationDomains: [],
      },
      policyOf().loss,
      new Date().toISOString(),
    );
    return Object.fromEntries(judged.map((one) => [one.observation.value.path, `${one.good}: ${one.goodBecause}`]));
  }

  it('is told from one of another Vault by what else is mounted, where the token sees that', async () => {
    const good = await goodness(`${vaultReadPolicy(['transit'])}${OF_DEFAULT_POLICY}`);
    expect(good).toEqual({
      'empty.snap': expect.stringMatching(
        /^holds: .*nothing of the one that keeps the keys.*servers of its raft cluster/,
      ),
      'other.snap': expect.stringMatching(/^fails: it is a snapshot of another Vault/),
    });
  });

  it('is unknown where its servers alone are the same', async () => {
    const good = await goodness(vaultReadPolicy(['transit']));
    expect(good).toEqual({
      'empty.snap': expect.stringMatching(/^unknown: it names servers of the raft cluster of this Vault/),
      'other.snap': expect.stringMatching(/^fails: it is a snapshot of another Vault/),
    });
  });
});
