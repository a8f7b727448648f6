import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toInstant, toMillis } from '../../src/model/instant.ts';
import { waitUntil } from '../services/scratch.ts';
import { CLEARLY_LATER_MS, startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES } from './install-configuration.ts';
import { prepareVault } from './install-vault.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { type InstallOrganization, organizationNamed } from './organizations.ts';
import { type Scanned, scan } from './read-report.ts';
import { differencesFrom, type Statuses } from './status-differences.ts';

const UNTOUCHED = organizationNamed('alder');
const ROTATED = organizationNamed('briar');
const TRIMMED = organizationNamed('clover');
const DELETED = organizationNamed('daisy');
const RECREATED = organizationNamed('elder');
/** Its key is younger than the first snapshot, which so holds the keys of others only. */
const NEWCOMER = organizationNamed('fennel');
/** Comes to use a key that signs, as old as its own. */
const SIGNING = organizationNamed('gorse');
const SIGNING_KEY = 'signing';
const BLOCKED = organizationNamed('heather');
const ALL = [UNTOUCHED, ROTATED, TRIMMED, DELETED, RECREATED, NEWCOMER, SIGNING, BLOCKED];
const CONTROLS = ['KEY-2', 'KEY-3', 'KEY-4', 'KEY-5', 'KEY-6', 'KEY-7', 'KEY-13', 'REC-1'] as const;
/** What an organization whose key is lost differs in, besides the controls that say how. */
const LOST = { verdict: 'not-recoverable', 'REC-1': 'fail', 'REC-2': 'fail', 'REC-3': 'fail' } as const;
const GOOD = {
  verdict: 'recoverable',
  ...Object.fromEntries(CONTROLS.map((id) => [id, 'pass'])),
} as const;
/** The same of one of which nobody can tell. */
const UNTOLD = { verdict: 'unknown', 'REC-1': 'unknown', 'REC-2': 'unknown', 'REC-3': 'unknown' } as const;
/** Vault keeps a key's creation to the second. */

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
  let well: Scanned;
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
    await send(`transit/keys/${SIGNING_KEY}`, { type: 'ed25519' });
    await vault.snapshot(snapshotFile('before-newcomer'));
    await sleep(CLEARLY_LATER_MS);
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
    well = result;
    expect(ALL.map((one) => keysOf(result, one))).toEqual(ALL.map(() => GOOD));
    expect(result.exitCode).toBe(0);
  });

  it('a snapshot from before an organization’s key serves the others and not it', async () => {
    const result = await scannedWith('before-newcomer', onLostHost);
    expect(differencesFrom(well.report, result.report, ALL)).toEqual({ [NEWCOMER.slug]: { ...LOST, 'KEY-7': 'fail' } });
    expect(result.report.install.verdict).toBe('not-recoverable');
    expect(result.report.install.weakestLink?.sentence).toContain(NEWCOMER.name);
    expect(result.exitCode).toBe(1);
  });

  const toEverybody = (statuses: Statuses) => Object.fromEntries(ALL.map(({ slug }) => [slug, statuses]));
  const useless = toEverybody({ ...LOST, 'KEY-5': 'fail', 'KEY-6': 'fail', 'KEY-7': 'fail' });

  it('a snapshot cut short brings nobody back', async () => {
    const whole = await readFile(snapshotFile('good'));
    await writeFile(snapshotFile('cut'), whole.subarray(0, whole.length - 400));
    const result = await scannedWith('cut', onLostHost);
    expect(differencesFrom(well.report, result.report, ALL)).toEqual(useless);
    expect(becauseOf(result.report, 'KEY-6', NAMES.provider)).toMatch(/^fail: .*vault\.snap.*(stop|cut|missing)/);
    expect(result.exitCode).toBe(1);
  });

  it('a snapshot of another Vault brings nobody back, however whole it is', async () => {
    await using other = await startVault();
    await prepareVault(other, ALL);
    await other.snapshot(snapshotFile('other'));
    const result = await scannedWith('other', onLostHost);
    expect(differencesFrom(well.report, result.report, ALL)).toEqual(useless);
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
    const open = ['verdict', 'KEY-5', 'KEY-6', 'KEY-7', 'REC-1', 'REC-2', 'REC-3'].map((id) => [id, 'unknown']);
    expect(differencesFrom(well.report, result.report, ALL)).toEqual(toEverybody(Object.fromEntries(open)));
    expect(becauseOf(result.report, 'KEY-6', NAMES.provider)).toMatch(
      /^unknown: .*may be of a clone of it, not of itself: its raft servers have other addresses/,
    );
    expect(result.exitCode).toBe(2);
  });

  describe('after keys were changed', () => {
    let before: Scanned;
    let result: Scanned;
    let strict = '';
    // Clocks agree to about this tolerance, so that RUN-2 is one thing in one run and another in the next.
    const differences = ({ report }: Scanned) => differencesFrom(before.report, report, ALL, ['RUN-2']);

    beforeAll(async () => {
      // A tolerance of clocks below the age of this test's records, so that seconds can stand for the usual minutes.
      strict = await install.variant(
        (configuration): ConfigurationInput => ({
          ...configuration,
          policy: { ...configuration.policy, limits: { clockToleranceMinutes: 0.02 } },
        }),
      );
      before = await scannedWith('good', strict);
      await sleep(CLEARLY_LATER_MS);
      await send(`${keyPath(ROTATED)}/rotate`);
      const record = { key_ref: ROTATED.keyRef, version: 2, state: 'active', retired_at: null };
      const rotatedAt = toInstant(toMillis(new Date().toISOString()));
      await install.add(ROTATED.database, { key_versions: [{ ...record, created_at: rotatedAt }] });
      await sleep(CLEARLY_LATER_MS);
      await install.dump();
      await send(`${keyPath(TRIMMED)}/rotate`);
      await send(`${keyPath(TRIMMED)}/config`, { min_decryption_version: 2, min_encryption_version: 2 });
      await send(`${keyPath(TRIMMED)}/trim`, { min_available_version: 2 });
      for (const one of [DELETED, RECREATED]) {
        await send(`${keyPath(one)}/config`, { deletion_allowed: true });
        await send(keyPath(one), {}, 'DELETE');
      }
      await send(keyPath(RECREATED));
      await send(`${keyPath(BLOCKED)}/rotate`);
      await send(`${keyPath(BLOCKED)}/config`, { min_decryption_version: 2, min_encryption_version: 2 });
      const { server } = install;
      const renamed = `SET key_ref = '${SIGNING_KEY}' WHERE key_ref = '${SIGNING.keyRef}'`;
      await server.query(`UPDATE novantra.keyrings ${renamed}`, NAMES.installDatabase);
      await server.query(`UPDATE novantra.key_versions ${renamed}`, SIGNING.database);
      result = await scannedWith('good', strict);
    });

    it('a rotated key: the snapshot is older than the version that the newest dump needs', () => {
      expect(differences(result)[ROTATED.slug]).toEqual({ verdict: 'at-risk', 'KEY-7': 'fail' });
      expect(becauseOf(result.report, 'KEY-7', 'keyring-briar')).toMatch(/^fail: version 2 of the key/);
    });

    it('a trimmed version: nothing tells whether the snapshot is from before the trimming', () => {
      expect(differences(result)[TRIMMED.slug]).toEqual({
        ...UNTOLD,
        'KEY-3': 'fail',
        'KEY-4': 'fail',
        'KEY-13': 'unknown',
      });
      expect(becauseOf(result.report, 'KEY-3', 'keyring-clover')).toMatch(/^fail: lost: version 1 .*trimmed/);
      expect(becauseOf(result.report, 'KEY-4', 'keyring-clover')).toMatch(
        /; needed by 4 copies, from \d{4}-\d\d-\d\d \d\d:\d\d UTC to \d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
      );
    });

    it('a version below min_decryption_version that was not trimmed: blocked, and how it comes back', () => {
      expect(differences(result)[BLOCKED.slug]).toEqual({
        verdict: 'at-risk',
        'KEY-3': 'fail',
        'KEY-4': 'fail',
        'KEY-13': 'unknown',
      });
      for (const id of ['KEY-3', 'KEY-4']) {
        expect(becauseOf(result.report, id, 'keyring-heather')).toMatch(
          /^fail: blocked: version 1 .*min_decryption_version is 2; lowering it to 1 brings it back/,
        );
      }
    });

    it('a key that signs and cannot decrypt: lost, and no snapshot holds another', () => {
      expect(differences(result)[SIGNING.slug]).toEqual({ ...LOST, 'KEY-2': 'fail', 'KEY-3': 'fail', 'KEY-4': 'fail' });
      expect(becauseOf(result.report, 'KEY-2', 'keyring-gorse')).toBe(
        'fail: lost: the key is of type ed25519, which cannot decrypt, so another key wrapped what is recorded as wrapped by it',
      );
    });

    const deleted = {
      'KEY-2': 'fail',
      'KEY-3': 'fail',
      'KEY-4': 'fail',
      'KEY-9': 'not-applicable',
      'KEY-13': 'unknown',
    };

    it('a deleted key that a snapshot holds: blocked, and it says which snapshot', () => {
      expect(differences(result)[DELETED.slug]).toEqual({ ...deleted, verdict: 'at-risk' });
      for (const id of ['KEY-2', 'KEY-3', 'KEY-4']) {
        expect(becauseOf(result.report, id, 'keyring-daisy')).toMatch(/^fail: blocked: .*restoring vault\.snap/);
      }
    });

    it('a key made anew under the old name is another key: lost', () => {
      expect(differences(result)[RECREATED.slug]).toEqual({ ...LOST, 'KEY-13': 'fail' });
      expect(becauseOf(result.report, 'KEY-13', 'keyring-elder')).toMatch(/^fail: .*another key under the same name/);
      // The snapshot is from before it was made anew.
      for (const control of ['KEY-13', 'REC-1']) {
        const finding = result.report.findings.find(
          ({ controlId, subject, status }) =>
            controlId === control && status === 'fail' && subject.organizationId === RECREATED.id,
        );
        expect(finding?.because, control).toMatch(/another key under the same name; .*recoverable from vault\.snap/);
      }
    });

    it('leaves every other organization as it was, in whatever is judged', () => {
      const changed = [ROTATED, TRIMMED, BLOCKED, SIGNING, DELETED, RECREATED].map(({ slug }) => slug);
      expect(Object.keys(differences(result)).sort()).toEqual(changed.sort());
      expect(result.report.denominator.organizations).toEqual({ total: 8, judged: 8, blind: 0, excluded: 0 });
      expect(result.exitCode).toBe(1);
    });

    it('a deleted key that no snapshot holds: lost', async () => {
      await vault.snapshot(snapshotFile('after'));
      const after = await scannedWith('after', strict);
      // The younger snapshot holds the rotated key’s new version, and the deleted key no longer.
      const { [ROTATED.slug]: _, ...others } = differences(result);
      // Of the key that was made anew it holds the new one alone.
      const anew = { ...others[RECREATED.slug], 'KEY-7': 'fail' };
      // It is from after the trimming, of which nobody records the time.
      const trimmed = { ...others[TRIMMED.slug], 'KEY-7': 'unknown' };
      expect(differences(after)).toEqual({
        ...others,
        [RECREATED.slug]: anew,
        [TRIMMED.slug]: trimmed,
        [DELETED.slug]: { ...deleted, ...LOST, 'KEY-7': 'fail' },
      });
      expect(becauseOf(after.report, 'KEY-2', 'keyring-daisy')).toBe(
        'fail: lost: the key does not exist in the provider',
      );
    });
  });
});
