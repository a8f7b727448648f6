import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECOND, toInstant, toMillis } from '../../src/model/instant.ts';
import { waitUntil } from '../services/scratch.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES } from './install-configuration.ts';
import { prepareVault } from './install-vault.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { type InstallOrganization, organizationNamed } from './organizations.ts';
import { type Scanned, scan } from './read-report.ts';

const UNTOUCHED = organizationNamed('alder');
const ROTATED = organizationNamed('briar');
const TRIMMED = organizationNamed('clover');
const DELETED = organizationNamed('daisy');
const RECREATED = organizationNamed('elder');
/** Its key is younger than the first snapshot, which so holds the keys of others only. */
const NEWCOMER = organizationNamed('fennel');
const ALL = [UNTOUCHED, ROTATED, TRIMMED, DELETED, RECREATED, NEWCOMER];
const CONTROLS = ['KEY-2', 'KEY-3', 'KEY-4', 'KEY-5', 'KEY-6', 'KEY-7', 'KEY-13', 'REC-1'] as const;
const GOOD = {
  verdict: 'recoverable',
  ...Object.fromEntries(CONTROLS.map((id) => [id, 'pass'])),
} as const;
/** Vault keeps a key's creation to the second. */
const NEXT_SECOND = 1.1 * SECOND;

/** Restores a snapshot of one Vault on another, which then is a clone of it and takes its shares and tokens. */
async function restoreFrom(clone: VaultServer, original: VaultServer, file: string): Promise<void> {
  const forced = await fetch(`${clone.address}/v1/sys/storage/raft/snapshot-force`, {
    method: 'POST',
    headers: { 'X-Vault-Token': clone.rootToken },
    body: await readFile(file),
  });
  if (!forced.ok) throw new Error(`Vault answered ${forced.status} to the restore of a snapshot`);
  await waitUntil('the clone is sealed', async () => (await healthOf(clone)) === SEALED || null);
  for (const key of original.shares) {
    if ((await healthOf(clone)) !== SEALED) break;
    await clone.request('PUT', 'sys/unseal', { key }, null);
  }
  await waitUntil('the clone is active', async () => (await healthOf(clone)) === ACTIVE || null);
}

const SEALED = 503;
const ACTIVE = 200;

async function healthOf(vault: VaultServer): Promise<number> {
  return (await vault.request('GET', 'sys/health', undefined, null)).status;
}

describe.skipIf(vaultUnavailable())('keys of a Vault, and snapshots of it', () => {
  let vault: VaultServer;
  let install: Install;
  /** The Vault stands on the host that is lost: only a snapshot brings its keys back. */
  let onLostHost = '';
  let scans = 0;

  const snapshotFile = (name: string) => join(vault.directory, `${name}.snap`);
  const keyPath = ({ keyRef }: InstallOrganization) => `transit/keys/${keyRef}`;
  async function send(path: string, body: object = {}, method = 'POST'): Promise<void> {
    const { status } = await vault.request(method, path, body);
    if (status > 299) throw new Error(`Vault answered ${status} to ${method} ${path}`);
  }
  /** Puts just this snapshot into the location, and scans. */
  async function scannedWith(snapshot: string, configFile: string): Promise<Scanned> {
    await rm(install.directories.snapshots, { recursive: true, force: true });
    await mkdir(install.directories.snapshots);
    await copyFile(snapshotFile(snapshot), join(install.directories.snapshots, 'vault.snap'));
    scans += 1;
    return scan(configFile, join(install.directories.reports, `scan-${scans}`), install);
  }
  function keysOf({ report }: Scanned, organization: InstallOrganization) {
    return statusesOf(report, organization, CONTROLS);
  }

  beforeAll(async () => {
    vault = await startVault();
    const others = ALL.filter((one) => one !== NEWCOMER);
    const access = await prepareVault(vault, others);
    await vault.snapshot(snapshotFile('before-newcomer'));
    await sleep(NEXT_SECOND);
    await send(keyPath(NEWCOMER));
    install = await buildInstall({ organizations: ALL, secondDumps: true, vault: access });
    onLostHost = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: (configuration.providers ?? []).map((one) => ({
          ...one,
          failureDomain: { host: NAMES.installHost },
        })),
      }),
    );
    await vault.snapshot(snapshotFile('good'));
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await vault?.[Symbol.asyncDispose]();
  });

  it('a good snapshot elsewhere brings a Vault on the lost host back, and every organization with it', async () => {
    const result = await scannedWith('good', onLostHost);
    expect(ALL.map((one) => keysOf(result, one))).toEqual(ALL.map(() => GOOD));
    expect(result.exitCode).toBe(0);
  });

  it('a snapshot from before an organization’s key serves the others and not it', async () => {
    const result = await scannedWith('before-newcomer', onLostHost);
    expect(keysOf(result, NEWCOMER)).toEqual({
      ...GOOD,
      verdict: 'not-recoverable',
      'KEY-7': 'fail',
      'REC-1': 'fail',
    });
    const others = ALL.filter((one) => one !== NEWCOMER);
    expect(others.map((one) => keysOf(result, one))).toEqual(others.map(() => GOOD));
    expect(result.report.install.verdict).toBe('not-recoverable');
    expect(result.report.install.weakestLink?.sentence).toContain(NEWCOMER.name);
    expect(result.exitCode).toBe(1);
  });

  const useless = {
    ...GOOD,
    verdict: 'not-recoverable',
    'KEY-5': 'fail',
    'KEY-6': 'fail',
    'KEY-7': 'fail',
    'REC-1': 'fail',
  } as const;

  it('a snapshot cut short brings nobody back', async () => {
    const whole = await readFile(snapshotFile('good'));
    await writeFile(snapshotFile('cut'), whole.subarray(0, whole.length - 400));
    const result = await scannedWith('cut', onLostHost);
    expect(ALL.map((one) => keysOf(result, one))).toEqual(ALL.map(() => useless));
    expect(becauseOf(result.report, 'KEY-6', NAMES.provider)).toMatch(/^fail: .*vault\.snap.*(stop|cut|missing)/);
    expect(result.exitCode).toBe(1);
  });

  it('a snapshot of another Vault brings nobody back, however whole it is', async () => {
    await using other = await startVault();
    await prepareVault(other, ALL);
    await other.snapshot(snapshotFile('other'));
    const result = await scannedWith('other', onLostHost);
    expect(ALL.map((one) => keysOf(result, one))).toEqual(ALL.map(() => useless));
    expect(becauseOf(result.report, 'KEY-6', NAMES.provider)).toMatch(/^fail: .*snapshot of another Vault/);
    expect(result.exitCode).toBe(1);
  });

  it('a snapshot of a clone of this Vault may lack what came since, however whole it is', async () => {
    await using clone = await startVault();
    await restoreFrom(clone, vault, snapshotFile('good'));
    const headers = { 'X-Vault-Token': vault.rootToken };
    const taken = await fetch(`${clone.address}/v1/sys/storage/raft/snapshot`, { headers });
    expect(taken.status).toBe(200);
    await writeFile(snapshotFile('clone'), Buffer.from(await taken.arrayBuffer()));
    const result = await scannedWith('clone', onLostHost);
    const open = { 'KEY-5': 'unknown', 'KEY-6': 'unknown', 'KEY-7': 'unknown', 'REC-1': 'unknown' } as const;
    expect(ALL.map((one) => keysOf(result, one))).toEqual(ALL.map(() => ({ ...GOOD, verdict: 'unknown', ...open })));
    expect(becauseOf(result.report, 'KEY-6', NAMES.provider)).toMatch(
      /^unknown: .*may be of a clone of it, not of itself: its raft servers have other addresses/,
    );
    expect(result.exitCode).toBe(2);
  });

  describe('after keys were changed', () => {
    let result: Scanned;
    beforeAll(async () => {
      await sleep(NEXT_SECOND);
      await send(`${keyPath(ROTATED)}/rotate`);
      const record = { key_ref: ROTATED.keyRef, version: 2, state: 'active', retired_at: null };
      const rotatedAt = toInstant(toMillis(new Date().toISOString()));
      await install.add(ROTATED.database, { key_versions: [{ ...record, created_at: rotatedAt }] });
      await sleep(NEXT_SECOND);
      await install.dump();
      await send(`${keyPath(TRIMMED)}/rotate`);
      await send(`${keyPath(TRIMMED)}/config`, { min_decryption_version: 2, min_encryption_version: 2 });
      await send(`${keyPath(TRIMMED)}/trim`, { min_available_version: 2 });
      for (const one of [DELETED, RECREATED]) {
        await send(`${keyPath(one)}/config`, { deletion_allowed: true });
        await send(keyPath(one), {}, 'DELETE');
      }
      await send(keyPath(RECREATED));
      // A tolerance of clocks below the age of this test's records, so that seconds can stand for the usual minutes.
      const strict = await install.variant(
        (configuration): ConfigurationInput => ({
          ...configuration,
          policy: { ...configuration.policy, limits: { clockToleranceMinutes: 0.02 } },
        }),
      );
      result = await scannedWith('good', strict);
    });

    it('a rotated key: the snapshot is older than the version that the newest dump needs', () => {
      expect(keysOf(result, ROTATED)).toEqual({ ...GOOD, verdict: 'at-risk', 'KEY-7': 'fail' });
      expect(becauseOf(result.report, 'KEY-7', 'keyring-briar')).toMatch(/^fail: version 2 of the key/);
    });

    it('a trimmed version: nothing tells whether the snapshot is from before the trimming', () => {
      expect(keysOf(result, TRIMMED)).toEqual({
        ...GOOD,
        verdict: 'unknown',
        'KEY-3': 'fail',
        'KEY-4': 'fail',
        'KEY-13': 'unknown',
        'REC-1': 'unknown',
      });
      expect(becauseOf(result.report, 'KEY-3', 'keyring-clover')).toMatch(/^fail: lost: version 1 .*trimmed/);
    });

    it('a deleted key that a snapshot holds: blocked, and it says which snapshot', () => {
      expect(keysOf(result, DELETED)).toEqual({
        ...GOOD,
        verdict: 'at-risk',
        'KEY-2': 'fail',
        'KEY-3': 'fail',
        'KEY-4': 'fail',
        'KEY-13': 'unknown',
      });
      for (const id of ['KEY-2', 'KEY-3', 'KEY-4']) {
        expect(becauseOf(result.report, id, 'keyring-daisy')).toMatch(/^fail: blocked: .*restoring vault\.snap/);
      }
    });

    it('a key made anew under the old name is another key: lost', () => {
      expect(keysOf(result, RECREATED)).toEqual({
        ...GOOD,
        verdict: 'not-recoverable',
        'KEY-13': 'fail',
        'REC-1': 'fail',
      });
      // The snapshot is from before it was made anew.
      for (const control of ['KEY-13', 'REC-1']) {
        const finding = result.report.findings.find(
          ({ controlId, subject, status }) =>
            controlId === control && status === 'fail' && subject.organizationId === RECREATED.id,
        );
        expect(finding?.because, control).toMatch(/another key under the same name; .*recoverable from vault\.snap/);
      }
    });

    it('leaves every other organization as it was', () => {
      expect([UNTOUCHED, NEWCOMER].map((one) => keysOf(result, one))).toEqual([GOOD, GOOD]);
      expect(result.report.denominator.organizations).toEqual({ total: 6, judged: 6, blind: 0, excluded: 0 });
      expect(result.exitCode).toBe(1);
    });
  });
});
