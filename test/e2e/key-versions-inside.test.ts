import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECOND } from '../../src/model/instant.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { pgDump } from './dump-run.ts';
import { buildInstall, type Install } from './install.ts';
import { prepareVault } from './install-vault.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { type InstallOrganization, organizationNamed } from './organizations.ts';
import { type Scanned, scan } from './read-report.ts';

const CONTROLS = ['KEY-4', 'REC-1'] as const;
/** In a column of the very table that is read, and in none that is asked for. */
const CANARY = 'a sample that is nobody’s business';

const UNTOUCHED = organizationNamed('alder');
/** Rotated after its dump; the old version was trimmed in Vault and its row removed. */
const FORGOTTEN = organizationNamed('briar');
/** Its newest dump holds INSERT statements. */
const INSERTED = organizationNamed('clover');
/** Its database held another organization's rows when it was dumped. */
const CONFUSED = organizationNamed('daisy');
const ALL = [UNTOUCHED, FORGOTTEN, INSERTED, CONFUSED];

describe.skipIf(vaultUnavailable())('key versions read inside real dumps', () => {
  let vault: VaultServer;
  let install: Install;
  let byDates: Scanned;
  let inside: Scanned;

  async function send(path: string, body: object = {}): Promise<void> {
    const { status } = await vault.request('POST', path, body);
    if (status > 299) throw new Error(`Vault answered ${status} to ${path}`);
  }
  const scanned = (name: string, args: readonly string[]): Promise<Scanned> =>
    scan(install.configFile, join(install.directories.reports, name), install, [
      '--bundle',
      join(install.directories.reports, `${name}.ndjson`),
      ...args,
    ]);
  const judged = ({ report }: Scanned, { slug }: InstallOrganization): string =>
    becauseOf(report, 'KEY-4', `keyring-${slug}`);

  beforeAll(async () => {
    vault = await startVault();
    const access = await prepareVault(vault, ALL);
    install = await buildInstall({ organizations: ALL, secondDumps: true, vault: access });
    await mkdir(install.directories.reports);
    const { server, directories } = install;
    for (const { database } of ALL) {
      await server.query(`UPDATE novantra.key_versions SET wrapped_sample = convert_to('${CANARY}', 'UTF8')`, database);
    }
    const setKey = (keyRef: string) =>
      server.query(`UPDATE novantra.key_versions SET key_ref = '${keyRef}'`, CONFUSED.database);
    await setKey(UNTOUCHED.keyRef);
    for (const place of [directories.dumps, directories.secondDumps ?? directories.dumps]) {
      await rm(join(place, CONFUSED.database), { recursive: true, force: true });
      await mkdir(join(place, CONFUSED.database));
    }
    await install.dump();
    await setKey(CONFUSED.keyRef);
    const inserts = join(directories.dumps, INSERTED.database, 'inserts.dump');
    await pgDump(server, INSERTED.database, ['--format=custom', '--inserts', `--file=${inserts}`]);
    await send(`transit/keys/${FORGOTTEN.keyRef}/rotate`);
    const settings = { min_decryption_version: 2, min_encryption_version: 2 };
    await send(`transit/keys/${FORGOTTEN.keyRef}/config`, settings);
    await send(`transit/keys/${FORGOTTEN.keyRef}/trim`, { min_available_version: 2 });
    // A dump tells its moment to the second.
    await sleep(2 * SECOND);
    await server.query('UPDATE novantra.key_versions SET version = 2, created_at = now()', FORGOTTEN.database);
    // No snapshot of Vault: one might hold the trimmed version, for all that anybody can tell.
    byDates = await scanned('dates', []);
    inside = await scanned('inside', ['--read-key-versions']);
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await vault?.[Symbol.asyncDispose]();
  });

  it('tell of a version that the live database forgot and Vault has lost', () => {
    expect(statusesOf(byDates.report, FORGOTTEN, CONTROLS)['KEY-4']).toBe('unknown');
    expect(judged(inside, FORGOTTEN)).toMatch(/^fail: lost: version 1 of the key was trimmed/);
    expect(statusesOf(inside.report, FORGOTTEN, CONTROLS)).toMatchObject({
      verdict: 'not-recoverable',
      'KEY-4': 'fail',
      'REC-1': 'fail',
    });
  });

  it('leave a well-run organization as it is, and the finding says what told the needs', () => {
    expect(statusesOf(inside.report, UNTOUCHED, CONTROLS)).toEqual(statusesOf(byDates.report, UNTOUCHED, CONTROLS));
    expect(judged(inside, UNTOUCHED)).toMatch(/^pass: .*needs read inside \d+ copies$/);
    expect(judged(byDates, UNTOUCHED)).not.toContain('needs');
  });

  it('of INSERT statements are not read: that copy goes by creation dates', () => {
    expect(judged(inside, INSERTED)).toMatch(/^pass: .*by creation dates for 1 copy \(.*INSERT statements/);
  });

  it('tell of a copy that holds the rows of another organization, whose name is not told', () => {
    expect(statusesOf(byDates.report, CONFUSED, ['DB-7'])).toMatchObject({ 'DB-7': 'pass' });
    expect(statusesOf(inside.report, CONFUSED, ['DB-2', 'DB-7', 'REC-1'])).toMatchObject({
      'DB-2': 'fail',
      'DB-7': 'fail',
      'REC-1': 'fail',
    });
    const told = inside.report.findings.find(
      ({ controlId, subject }) => controlId === 'DB-7' && subject.name === CONFUSED.database,
    );
    expect(told?.because).toContain('its key-version rows name keys of another organization of this install');
    expect(told?.because).not.toContain(UNTOUCHED.slug);
  });

  it('are all that is kept of the table', async () => {
    const { reports } = install.directories;
    const entries = await readdir(reports, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const written = (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
    expect(written).toContain('keyVersionsInside');
    for (const form of [CANARY.slice(0, 20), Buffer.from(CANARY).toString('hex')]) expect(written).not.toContain(form);
  });
});
