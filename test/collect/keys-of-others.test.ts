import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tellingOthersKeys } from '../../src/collect/keys-of-others.ts';
import type { KeyringRow } from '../../src/collect/organizations/dataset-contracts.ts';
import type { InstallReading } from '../../src/collect/organizations/install-database.ts';
import { openSpool } from '../../src/collect/organizations/spool.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { evidence, fact, ORGANIZATION, TENANT_DATABASE } from '../evaluate/fixture.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keys-of-others-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const ROWS = [
  [null, 'vault', 'install'],
  ['acme', 'vault', 'tenant-acme'],
  ['beta', 'vault', 'tenant-beta'],
  ['beta', 'azure', 'https://kv.vault.azure.net/keys/beta/0123456789abcdef0123456789abcdef'],
  ['gamma', 'hsm', 'label'],
] as const;

/** Which of the rows are told to be another organization's. */
async function marked(
  keyrings: AnyEvidence,
  keyRefs: readonly string[],
  kind: 'live' | 'inside',
): Promise<readonly string[]> {
  const file = join(directory, 'keyrings');
  const spool = openSpool<KeyringRow>(file);
  for (const [organizationId, providerId, keyRef] of ROWS) {
    const row = { organizationId, providerId, keyRef, currentVersion: null, rotatedAt: null, customerManaged: null };
    await spool.write(organizationId, { ok: true, row: { ...row, keyringId: keyRef } });
  }
  await spool.close();
  const datasets = { keyrings: { status: 'read', file } } as unknown as InstallReading['datasets'];
  const versions = keyRefs.map((keyRef) => fact('key-version', { keyRef }));
  const record =
    kind === 'live'
      ? evidence('key-version', ORGANIZATION, versions)
      : evidence('copy', TENANT_DATABASE, [{ keyVersionsInside: { versions, because: null } }]);
  const told = await tellingOthersKeys({ datasets })([keyrings, record]);
  return told
    .flatMap((one) => {
      if (one.kind === 'key-version') return one.items;
      return one.kind === 'copy' ? one.items.flatMap((copy) => copy.keyVersionsInside?.versions ?? []) : [];
    })
    .filter((row) => row.ofAnotherOrganization === true)
    .map(({ keyRef }) => keyRef);
}

const own = evidence('keyring', ORGANIZATION, [{ providerId: 'vault', keyRef: 'tenant-acme' }]);

describe('rows that name a key of another organization', () => {
  it.each(['live', 'inside'] as const)('are told, of %s rows', async (kind) => {
    expect(await marked(own, ['tenant-acme', 'tenant-beta'], kind)).toEqual(['tenant-beta']);
  });

  it('are none that name the install’s key, one that nobody has, or one of the same name in another provider', async () => {
    expect(await marked(own, ['install', 'gone', 'label'], 'live')).toEqual([]);
  });

  it('are compared by the name of the key in Azure, whatever version they state', async () => {
    const azure = evidence('keyring', ORGANIZATION, [
      { providerId: 'azure', providerKind: 'azure-key-vault', keyRef: 'https://kv.vault.azure.net/keys/acme' },
    ]);
    const versioned = (name: string) => `https://kv.vault.azure.net/keys/${name}/fedcba9876543210fedcba9876543210`;
    expect(await marked(azure, [versioned('acme'), versioned('beta')], 'inside')).toEqual([versioned('beta')]);
  });

  it('are not told where its own keyrings are not all known', async () => {
    const blind = evidence('keyring', ORGANIZATION, [{ providerId: 'vault', keyRef: 'tenant-acme' }], { blind: true });
    expect(await marked(blind, ['tenant-beta'], 'live')).toEqual([]);
  });
});
