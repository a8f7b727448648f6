import { cp, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, SECOND } from '../../src/model/instant.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES } from './install-configuration.ts';
import { prepareVault } from './install-vault.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { type InstallOrganization, organizationNamed } from './organizations.ts';
import { type Scanned, scan } from './read-report.ts';

const OLD = [organizationNamed('alder'), organizationNamed('briar')];
/** Its key is younger than the first copy. */
const NEWCOMER = organizationNamed('clover');
const ALL = [...OLD, NEWCOMER];
const CONTROLS = ['KEY-2', 'KEY-3', 'KEY-5', 'KEY-6', 'KEY-7', 'KEY-13', 'REC-1'] as const;
const GOOD = { verdict: 'recoverable', ...Object.fromEntries(CONTROLS.map((id) => [id, 'pass'])) } as const;

describe.skipIf(vaultUnavailable())('copies of the files in which a Vault stores', () => {
  let vault: VaultServer;
  let install: Install;
  let scans = 0;
  const data = () => join(vault.directory, 'data');

  beforeAll(async () => {
    vault = await startVault({ storage: (directory) => `storage "file" {\n  path = "${join(directory, 'data')}"\n}` });
    const access = await prepareVault(vault, OLD);
    // As if it had been made two days ago, which shows that copies keep the times of files.
    const twoDaysAgo = new Date(Date.now() - 2 * DAY);
    await utimes(join(data(), 'core', '_seal-config'), twoDaysAgo, twoDaysAgo);
    await copyTo('first');
    await sleep(1.1 * SECOND);
    await vault.request('POST', `transit/keys/${NEWCOMER.keyRef}`, {});
    install = await buildInstall({ organizations: ALL, secondDumps: true, vault: access });
    await copyTo('second');
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await vault?.[Symbol.asyncDispose]();
  });

  async function copyTo(name: string): Promise<void> {
    await vault.stop();
    await cp(data(), join(vault.directory, name), { recursive: true, preserveTimestamps: true });
    await vault.start();
  }

  /** Puts just this copy into the location, and scans; the Vault itself stands on the host that is lost. */
  async function scannedWith(copy: string, copiedWhileStopped: boolean): Promise<Scanned> {
    const place = join(install.directories.snapshots, 'monday');
    await rm(place, { recursive: true, force: true });
    await cp(join(vault.directory, copy), place, { recursive: true, preserveTimestamps: true });
    const configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        locations: (configuration.locations ?? []).map((one) =>
          one.name === NAMES.snapshots ? { ...one, vaultFiles: { copiedWhileStopped } } : one,
        ),
        providers: (configuration.providers ?? []).map((one) => ({
          ...one,
          failureDomain: { host: NAMES.installHost },
        })),
      }),
    );
    scans += 1;
    return scan(configFile, join(install.directories.reports, `scan-${scans}`), install);
  }
  function keysOf({ report }: Scanned, organization: InstallOrganization) {
    return statusesOf(report, organization, CONTROLS);
  }

  it('made while it was stopped bring a Vault on the lost host back, and every organization with it', async () => {
    const result = await scannedWith('second', true);
    expect(ALL.map((one) => keysOf(result, one))).toEqual(ALL.map(() => GOOD));
    expect(becauseOf(result.report, 'KEY-6', NAMES.provider)).toMatch(/^pass: .*monday in vault-snapshots.*is stated/);
    expect(result.exitCode).toBe(0);
  });

  it('of which nobody states that are unknown, and the setting that states it is named', async () => {
    const result = await scannedWith('second', false);
    const unknown = {
      verdict: 'unknown',
      'KEY-5': 'unknown',
      'KEY-6': 'unknown',
      'KEY-7': 'unknown',
      'REC-1': 'unknown',
    };
    expect(ALL.map((one) => keysOf(result, one))).toEqual(ALL.map(() => ({ ...GOOD, ...unknown })));
    const [finding] = result.report.findings.filter(({ controlId }) => controlId === 'KEY-6');
    expect(finding?.because).toContain('whether Vault was stopped while it was made is not stated');
    expect(finding?.remediation).toContain('locations[].vaultFiles');
    expect(result.exitCode).toBe(2);
  });

  it('from before the key of one organization serve the others, and not it', async () => {
    const result = await scannedWith('first', true);
    expect(OLD.map((one) => keysOf(result, one))).toEqual(OLD.map(() => GOOD));
    expect(keysOf(result, NEWCOMER)).toEqual({ ...GOOD, verdict: 'not-recoverable', 'KEY-7': 'fail', 'REC-1': 'fail' });
    expect(result.exitCode).toBe(1);
  });

  it('without the keyring bring nobody back', async () => {
    await cp(join(vault.directory, 'second'), join(vault.directory, 'cut'), {
      recursive: true,
      preserveTimestamps: true,
    });
    await rm(join(vault.directory, 'cut', 'core', '_keyring'));
    const result = await scannedWith('cut', true);
    const useless = { verdict: 'not-recoverable', 'KEY-5': 'fail', 'KEY-6': 'fail', 'KEY-7': 'fail', 'REC-1': 'fail' };
    expect(ALL.map((one) => keysOf(result, one))).toEqual(ALL.map(() => ({ ...GOOD, ...useless })));
    expect(becauseOf(result.report, 'KEY-6', NAMES.provider)).toMatch(/^fail: .*the file of core\/keyring is missing/);
    expect(result.exitCode).toBe(1);
  });
});
