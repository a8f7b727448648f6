import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { vaultReadPolicy } from '../../src/collect/keys/vault-requests.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES } from './install-configuration.ts';
import { prepareVault } from './install-vault.ts';
import { type InstallOrganization, organizationNamed } from './organizations.ts';
import { type Scanned, scan } from './read-report.ts';
import { allStatusesOf, differencesBeside, differencesFrom } from './status-differences.ts';

/** Brings a provider of its own, with no credentials for the audit. */
const WITHOUT = organizationNamed('alder');
/** Brings one of its own, with credentials of its own. */
const WITH = organizationNamed('briar');
const SHARED = organizationNamed('clover');
const ALL = [WITHOUT, WITH, SHARED];
const ownId = ({ slug }: InstallOrganization) => `vault-${slug}`;
const attestationsSchema = z.object({ attestations: z.array(z.looseObject({ id: z.string(), subject: z.string() })) });
const OWN_TOKEN = 'E2E_OWN_VAULT_TOKEN';

describe.skipIf(vaultUnavailable())('providers that organizations bring themselves', () => {
  let vault: VaultServer;
  let install: Install;
  let well: Scanned;
  let without: Scanned;

  /** All providers of the install, with those own ones that are configured. */
  async function configured(...ids: readonly string[]): Promise<string> {
    return await install.variant((configuration): ConfigurationInput => {
      const own = (configuration.providers ?? []).flatMap((shared) =>
        ids.map((id) => ({ ...shared, id, token: `env:${OWN_TOKEN}` })),
      );
      return { ...configuration, providers: [...(configuration.providers ?? []), ...own] };
    });
  }

  async function owned(organization: InstallOrganization): Promise<void> {
    const { server, builtAt } = install;
    const { id, slug } = organization;
    const providerId = ownId(organization);
    const row = { kind: 'vault-transit', settings: { mount: 'transit' }, configured_at: builtAt };
    await install.add(NAMES.installDatabase, {
      key_providers: [{ ...row, provider_id: providerId, organization_id: id }],
    });
    const moved = `UPDATE novantra.keyrings SET provider_id = '${providerId}' WHERE keyring_id = 'keyring-${slug}'`;
    await server.query(moved, NAMES.installDatabase);
  }

  /** What is attested of the shared provider is of these, too. */
  async function attested(...ids: readonly string[]): Promise<void> {
    const file = join(install.directories.root, 'attestations.yaml');
    const { attestations: usual } = attestationsSchema.parse(parse(await readFile(file, 'utf8')));
    const shared = `provider:${NAMES.provider}`;
    const more = ids.flatMap((id) =>
      usual
        .filter(({ subject }) => subject === shared)
        .map((one) => ({ ...one, id: `${one.id}-${id}`, subject: `provider:${id}` })),
    );
    await writeFile(file, stringify({ attestations: [...usual, ...more] }));
  }

  beforeAll(async () => {
    vault = await startVault();
    install = await buildInstall({
      organizations: ALL,
      secondDumps: true,
      vault: await prepareVault(vault, ALL),
    });
    for (const one of [WITHOUT, WITH]) await owned(one);
    await attested(ownId(WITHOUT), ownId(WITH));
    await install.dump();
    await mkdir(install.directories.snapshots, { recursive: true });
    await vault.snapshot(join(install.directories.snapshots, 'vault.snap'));
    const token = await vault.createToken(vaultReadPolicy(['transit']));
    const options = { environment: { ...install.environment, [OWN_TOKEN]: token } };
    const { reports } = install.directories;
    well = await scan(await configured(ownId(WITHOUT), ownId(WITH)), join(reports, 'well'), options);
    without = await scan(await configured(ownId(WITH)), join(reports, 'without'), options);
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await vault?.[Symbol.asyncDispose]();
  });

  it('leave every organization recoverable where each of them is configured', () => {
    expect(differencesBeside(SHARED, well.report, ALL)).toEqual({});
    expect(allStatusesOf(well.report, SHARED)).toMatchObject({
      verdict: 'recoverable',
      'KEY-1': 'pass',
      'REC-1': 'pass',
    });
    expect(well.exitCode).toBe(0);
  });

  it('are a blind spot where they are not, of their organization alone', () => {
    const keys = ['KEY-1', 'KEY-2', 'KEY-3', 'KEY-4', 'KEY-5', 'KEY-6', 'KEY-7', 'KEY-8', 'KEY-9', 'KEY-10', 'KEY-13'];
    const others = ['verdict', 'REC-1', 'REC-2', 'REC-3', 'REC-5', 'RUN-1', 'RUN-2'];
    expect(differencesFrom(well.report, without.report, ALL)).toEqual({
      [WITHOUT.slug]: Object.fromEntries([...keys, ...others].map((id) => [id, 'unknown'])),
    });
    const known = new Set(well.report.blindSpots.map(({ id }) => id));
    const spots = without.report.blindSpots.filter(({ id }) => !known.has(id));
    expect(spots.map(({ detail }) => detail)).toContain('key provider vault-alder is not in the configuration');
    expect(spots.map(({ affects }) => affects)).toEqual(spots.map(() => ({ organizations: 1, install: false })));
    expect(without.exitCode).toBe(2);
  });
});
