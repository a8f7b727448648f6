import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { buildInstall, type Install } from './install.ts';
import { prepareVault } from './install-vault.ts';
import { organizationsOf } from './organizations.ts';
import { scan, troubles, verdictsOf } from './read-report.ts';

describe.skipIf(vaultUnavailable())('an install that is run well', () => {
  let vault: VaultServer;
  let install: Install;
  beforeAll(async () => {
    vault = await startVault();
    const organizations = organizationsOf(3);
    install = await buildInstall({ organizations, vault: await prepareVault(vault, organizations) });
    await vault.snapshot(join(install.directories.snapshots, 'vault.snap'));
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await vault?.[Symbol.asyncDispose]();
  });

  it('is recoverable, each organization and as a whole, with nothing failing or unknown', async () => {
    const directory = join(install.directories.reports, 'all');
    const { report, exitCode, stdout, stderr } = await scan(install.configFile, directory, install);
    expect(troubles(report)).toEqual([]);
    expect(verdictsOf(report)).toEqual(Object.fromEntries(install.organizations.map(({ id }) => [id, 'recoverable'])));
    expect(report.install.verdict).toBe('recoverable');
    expect(report.blindSpots).toEqual([]);
    expect(report.denominator.organizations).toEqual({ total: 3, judged: 3, blind: 0, excluded: 0 });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toContain(directory);
  });
});
