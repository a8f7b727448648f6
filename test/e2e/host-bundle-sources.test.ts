import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostPlan } from '../../src/config/host-plan.ts';
import { HOUR, toInstant, toMillis } from '../../src/model/instant.ts';
import { Secret } from '../../src/model/secret.ts';
import { sealedPlan } from '../../src/pipeline/host/host-plan-file.ts';
import { bundleMac, endLine, macLine } from '../../src/pipeline/host/write-host-bundle.ts';
import { BORG_PASSPHRASE, borgRepository, borgUnavailable } from '../services/borg.ts';
import { RESTIC_PASSWORD, resticRepository, resticUnavailable } from '../services/restic.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';
import { type SoftHsm, softHsm, softHsmUnavailable } from '../services/softhsm.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES } from './install-configuration.ts';
import { INSTALL_KEY, organizationNamed } from './organizations.ts';
import { type ReportDocument, scan } from './read-report.ts';
import { type CliResult, runCli } from './run-cli.ts';
import { said } from './said.ts';

/** Of the host alone: where the audit runs, none of these is known. */
const ON_HOST = {
  E2E_HSM_PIN: 'CANARY-hsm-pin-7741',
  E2E_PEER_PIN: 'CANARY-peer-pin-31',
  E2E_RESTIC: RESTIC_PASSWORD,
  E2E_BORG: BORG_PASSPHRASE,
};
const KEY = { E2E_DIGEST_KEY: 'one key for both hosts' };
const ALL = [organizationNamed('alder'), organizationNamed('briar'), organizationNamed('clover')];
const [, GONE, LATER] = ALL;
const HSM = 'hsm-main';
const VAULT_ROOM = 'vault-room';
const FILE_SETS = ['restic-files', 'archives'] as const;
const PLACES = ['restic', 'borg', 'listing', 'inventory', ...FILE_SETS] as const;

function detailsOf(report: ReportDocument): string {
  return report.blindSpots.map(({ detail }) => detail).join('\n');
}

/** The same answers, given so much earlier, as the host itself would have written them. */
function aged(text: string, millis: number): string {
  const lines = text
    .replaceAll(
      /"(collectedAt|listedAt|startedAt|finishedAt|drawnAt|readAt)":"([^"]+)"/g,
      (_, key: string, at: string) => `"${key}":"${toInstant(toMillis(at) - millis)}"`,
    )
    .split('\n')
    .slice(0, -3)
    .map((line) => `${line}\n`)
    .join('');
  const sealed = `${lines}${macLine(bundleMac(new Secret(KEY.E2E_DIGEST_KEY)).update(lines).digest('hex'))}\n`;
  return `${sealed}${endLine(createHash('sha256').update(sealed).digest('hex'))}\n`;
}

const unavailable = softHsmUnavailable() ?? resticUnavailable() ?? borgUnavailable();

describe.skipIf(unavailable !== null)(
  'an HSM, repositories and listings that one host alone can reach',
  { timeout: 150_000 },
  () => {
    let scratch: ScratchDirectory;
    let hsm: SoftHsm;
    let install: Install;
    let here: string;
    let apart: string;
    let everything: ReportDocument;

    const within = (name: string) => join(install.directories.root, name);
    const audit = () => ({ environment: { ...install.environment, ...KEY } });
    const only = [`providers:${HSM}`, ...PLACES.map((name) => `locations:${name}`)].join(',');

    /** As on the host: neither a configuration nor a database, and other secrets. */
    const answer = async (plan: string, bundle: string, environment: Readonly<Record<string, string>> = ON_HOST) =>
      runCli(['collect', '--plan', within(plan), '--out', within(bundle), '--digest-key', 'env:E2E_DIGEST_KEY'], {
        cwd: scratch.path,
        environment: { ...environment, ...KEY },
      });
    const planned = async (config: string, plan: string, what = only): Promise<CliResult> =>
      runCli(['plan', '--config', config, '--only', what, '--out', within(plan)], audit());

    const withSources =
      (reachableFrom: string | undefined, key = true) =>
      (configuration: ConfigurationInput): ConfigurationInput => {
        const from = reachableFrom === undefined ? {} : { reachableFrom };
        const token = (label: string, pin: string) => ({
          module: hsm.module,
          tokenLabel: label,
          pin: `env:${pin}`,
          environment: { ...hsm.environment },
        });
        const place = { kind: 'directory', failureDomain: { host: 'backup-2' }, ...from } as const;
        return {
          ...configuration,
          ...(key ? { digestKey: 'env:E2E_DIGEST_KEY' } : {}),
          locations: [
            ...(configuration.locations ?? []),
            {
              ...place,
              name: 'restic',
              path: join(scratch.path, 'restic/repository'),
              purposes: ['restic'],
              restic: { password: 'env:E2E_RESTIC' },
            },
            {
              ...place,
              name: 'borg',
              path: join(scratch.path, 'borg/repository'),
              purposes: ['borg'],
              borg: { passphrase: 'env:E2E_BORG' },
            },
            {
              ...place,
              name: 'listing',
              path: join(scratch.path, 'listing'),
              purposes: ['filesystem-snapshots'],
              filesystemSnapshots: {
                listing: 'zfs.txt',
                format: 'zfs',
                sources: ['tank/pg'],
                server: 'install',
                holdsEverything: true,
              },
            },
            {
              ...place,
              name: 'inventory',
              path: join(scratch.path, 'inventory'),
              purposes: ['inventory'],
              inventory: { file: 'copies.csv', format: 'csv' },
            },
            {
              ...place,
              name: 'restic-files',
              path: join(scratch.path, 'host-files/repository'),
              purposes: ['restic', 'files'],
              restic: { password: 'env:E2E_RESTIC' },
            },
            {
              ...place,
              name: 'archives',
              path: join(scratch.path, 'archives'),
              purposes: ['files'],
              files: { layout: 'archives' },
            },
          ],
          providers: [
            {
              id: HSM,
              kind: 'pkcs11',
              ...token('keys', 'E2E_HSM_PIN'),
              failureDomain: { host: 'hsm-1' },
              peer: { ...token('keys-2', 'E2E_PEER_PIN'), failureDomain: { host: 'hsm-2' } },
              ...from,
            },
          ],
        };
      };

    beforeAll(async () => {
      scratch = scratchDirectory('e2e-apart');
      hsm = await softHsm(scratch.path);
      await hsm.createToken('keys', ON_HOST.E2E_HSM_PIN);
      await hsm.createToken('keys-2', ON_HOST.E2E_PEER_PIN);
      const keys = [INSTALL_KEY, ...ALL.filter((one) => one !== GONE).map(({ keyRef }) => keyRef)];
      const add = keys.map((label, index) => ({ label, id: `0${index}`, value: `${index}1`.padEnd(64, '5') }));
      await hsm.change('keys', ON_HOST.E2E_HSM_PIN, { add });
      await hsm.change('keys-2', ON_HOST.E2E_PEER_PIN, { add });

      install = await buildInstall({ organizations: ALL, secondDumps: true });
      const keyring = { provider_id: HSM, current_version: null, rotated_at: null, customer_managed: true };
      await install.add(NAMES.installDatabase, {
        key_providers: [
          { provider_id: HSM, organization_id: null, kind: 'pkcs11', settings: {}, configured_at: install.builtAt },
        ],
        keyrings: [
          {
            ...keyring,
            keyring_id: INSTALL_KEY,
            organization_id: null,
            key_ref: INSTALL_KEY,
            rotated_at: install.builtAt,
          },
          ...ALL.map((one) => ({ ...keyring, keyring_id: one.slug, organization_id: one.id, key_ref: one.keyRef })),
        ],
      });
      const source = join(scratch.path, 'source');
      await mkdir(source);
      for (const { database } of ALL) await writeFile(join(source, `${database}.dump`), 'a dump, as its name says');
      await mkdir(join(scratch.path, 'restic'));
      await mkdir(join(scratch.path, 'borg'));
      const at = install.builtAt.slice(0, 19);
      await (await resticRepository(join(scratch.path, 'restic'))).backup(source, at.replace('T', ' '));
      await (await borgRepository(join(scratch.path, 'borg'))).create('nightly', scratch.path, 'source', at);
      await mkdir(join(scratch.path, 'listing'));
      const created = Math.floor(toMillis(install.builtAt) / 1000);
      await writeFile(join(scratch.path, 'listing/zfs.txt'), `tank/pg@daily\t${created}\t100\t7\n`);
      await mkdir(join(scratch.path, 'inventory'));
      await writeFile(
        join(scratch.path, 'inventory/copies.csv'),
        `database,server,moment,method,where,owner,recordedAt\n${ALL[0]?.database ?? ''},,${install.builtAt},tape,safe,Operations,${install.builtAt}\n`,
      );
      const { hostRoot } = install.directories;
      await mkdir(join(scratch.path, 'host-files'));
      await (await resticRepository(join(scratch.path, 'host-files'))).backup(hostRoot, at.replace('T', ' '));
      await mkdir(join(scratch.path, 'archives'));
      const archive = join(scratch.path, 'archives', `${at.replaceAll(':', '-')}Z.tar.gz`);
      execFileSync('tar', ['-czf', archive, '-C', '/', hostRoot.slice(1)]);
      here = await install.variant(withSources(undefined));
      apart = await install.variant(withSources(VAULT_ROOM));
      const { environment } = audit();
      everything = (await scan(here, within('reports/here'), { environment: { ...environment, ...ON_HOST } })).report;
    }, 180_000);
    afterAll(async () => {
      await install?.[Symbol.asyncDispose]();
      scratch?.[Symbol.dispose]();
    });

    it('are blind spots without a bundle, whose secrets the audit does not need', async () => {
      const { report } = await scan(apart, within('reports/alone'), audit());
      const key = report.findings.find((one) => one.controlId === 'KEY-2');
      expect(key).toMatchObject({ status: 'unknown' });
      expect(detailsOf(report)).toContain(`key provider ${HSM} can be reached from host ${VAULT_ROOM} alone`);
      expect(everything.findings.some(({ controlId, status }) => controlId === 'KEY-2' && status === 'pass')).toBe(
        true,
      );
      expect(everything.findings.some(({ controlId, status }) => controlId === 'KEY-2' && status === 'fail')).toBe(
        true,
      );
    });

    it('give the same findings by plan and bundle as with everything at hand', async () => {
      const plan = await planned(apart, 'plan.json');
      expect(plan, plan.stderr).toMatchObject({ exitCode: 0 });
      expect(plan.stderr).toContain('6 locations and 1 key providers');
      const answered = await answer('plan.json', 'host.ndjson');
      expect(answered, answered.stderr).toMatchObject({ exitCode: 0 });
      const { report } = await scan(apart, within('reports/joined'), audit(), ['--with', within('host.ndjson')]);
      expect(said(report)).toEqual(said(everything));
      // This machine, which bears another name.
      expect(report.notices.map(({ text }) => text)).toContainEqual(
        expect.stringMatching(
          new RegExp(`^key provider ${HSM} is said to be reachable from ${VAULT_ROOM} alone, and was answered by `),
        ),
      );
      const copies = report.evidence.filter(({ kind, source }) => kind === 'copy' && /restic|borg/.test(source));
      expect(copies.reduce((sum, { rows }) => sum + (rows ?? 0), 0)).toBeGreaterThanOrEqual(2 * ALL.length);
      for (const name of FILE_SETS) {
        const of = ({ evidence }: ReportDocument) =>
          evidence
            .filter(({ kind, source }) => kind === 'file-copy' && source === `location ${name}`)
            .map(({ rows }) => rows ?? 0);
        expect(of(report)).toEqual(of(everything));
        // The bootstrap file, the state directory, the runbook and the store of each organization.
        expect(of(report).filter((rows) => rows > 0)).toHaveLength(3 + ALL.length);
      }
      const second = report.findings.filter(({ controlId }) => controlId === 'FILE-8');
      expect(second.map(({ status }) => status)).toEqual(ALL.map(() => 'pass'));
      for (const { because } of second)
        expect(because).toMatch(/in restic snapshot .* in restic-files of .* 2 of 2 listed/);
    });

    it('are asked with the secrets of the host, of which none is in the plan or the bundle', async () => {
      for (const file of ['plan.json', 'host.ndjson']) {
        const text = await readFile(within(file), 'utf8');
        for (const secret of Object.values({ ...ON_HOST, ...KEY })) expect(text).not.toContain(secret);
      }
      expect(await readFile(within('plan.json'), 'utf8')).toContain('env:E2E_HSM_PIN');
      const { E2E_PEER_PIN: _, ...without } = ON_HOST;
      const refused = await answer('plan.json', 'refused.ndjson', without);
      expect(refused.exitCode).toBe(3);
      expect(refused.stderr).toContain('E2E_PEER_PIN is not set');
    });

    it('that the host cannot reach either are blind spots of the bundle, and of the report', async () => {
      const answered = await answer('plan.json', 'wrong.ndjson', {
        ...ON_HOST,
        E2E_HSM_PIN: 'wrong',
        E2E_RESTIC: 'wrong',
      });
      expect(answered, answered.stderr).toMatchObject({ exitCode: 2 });
      expect(answered.stderr).toMatch(/not answered: .*CKR_PIN_INCORRECT/);
      expect(answered.stderr).toMatch(/not answered: restic refuses the password/);
      const { report } = await scan(apart, within('reports/wrong'), audit(), ['--with', within('wrong.ndjson')]);
      expect(report.blindSpots.filter(({ source }) => source === `provider ${HSM}`)).toMatchObject([
        { reason: 'unauthorized' },
      ]);
      // What the same host answered before does not count any more, and what it answers after does.
      const with1 = (file: string) => ['--with', within('wrong.ndjson'), '--with', within(file)];
      const { report: before } = await scan(apart, within('reports/before'), audit(), with1('host.ndjson'));
      expect(before.blindSpots.filter(({ source }) => source === `provider ${HSM}`)).toMatchObject([
        { reason: 'unauthorized' },
      ]);
      const again = await answer('plan.json', 'again.ndjson', ON_HOST);
      expect(again, again.stderr).toMatchObject({ exitCode: 0 });
      const { report: united } = await scan(apart, within('reports/united'), audit(), with1('again.ndjson'));
      expect(said(united)).toEqual(said(everything));
    });

    it('say nothing of a database and a key that came after the plan', async () => {
      if (LATER === undefined) throw new Error('three of them');
      const recorded = `organization_id = '${LATER.id}'`;
      const { database } = LATER;
      await install.server.query(
        `UPDATE novantra.keyrings SET key_ref = 'a-new-key' WHERE ${recorded}`,
        NAMES.installDatabase,
      );
      await install.server.query(`ALTER DATABASE "${database}" RENAME TO "${database}_2"`);
      await install.server.query(
        `UPDATE novantra.tenant_databases SET database_name = '${database}_2' WHERE ${recorded}`,
        NAMES.installDatabase,
      );
      try {
        const { report } = await scan(apart, within('reports/later'), audit(), ['--with', within('host.ndjson')]);
        const key = report.findings.find((one) => one.controlId === 'KEY-2' && one.subject.key === LATER.slug);
        expect(key).toMatchObject({ status: 'unknown' });
        expect(detailsOf(report)).toContain('was not asked about this key');
        const spots = report.blindSpots.filter(({ detail }) => detail.includes('were not looked for'));
        expect(new Set(spots.map(({ source }) => source))).toEqual(
          new Set(['location restic', 'location borg', 'location inventory', 'location restic-files']),
        );
      } finally {
        await install.server.query(`ALTER DATABASE "${database}_2" RENAME TO "${database}"`);
        await install.server.query(
          `UPDATE novantra.keyrings SET key_ref = '${LATER.keyRef}' WHERE ${recorded}`,
          NAMES.installDatabase,
        );
        await install.server.query(
          `UPDATE novantra.tenant_databases SET database_name = '${database}' WHERE ${recorded}`,
          NAMES.installDatabase,
        );
      }
    });

    it('answers of another token than is configured now count for nothing', async () => {
      const changed = await install.variant((configuration) => {
        const own = withSources(VAULT_ROOM)(configuration);
        return {
          ...own,
          providers: (own.providers ?? []).map((one) =>
            one.kind === 'pkcs11' ? { ...one, tokenLabel: 'another' } : one,
          ),
        };
      });
      const { report } = await scan(changed, within('reports/changed'), audit(), ['--with', within('host.ndjson')]);
      const key = report.findings.find((one) => one.controlId === 'KEY-2');
      expect(key).toMatchObject({ status: 'unknown' });
      expect(detailsOf(report)).toContain('is configured otherwise by now');
    });

    it('are stale where the bundle is older than evidence counts', async () => {
      await writeFile(within('old.ndjson'), aged(await readFile(within('host.ndjson'), 'utf8'), 30 * HOUR));
      const { report } = await scan(apart, within('reports/old'), audit(), ['--with', within('old.ndjson')]);
      const keys = report.findings.filter(({ controlId }) => controlId === 'KEY-2');
      expect(new Set(keys.map(({ status }) => status))).toEqual(new Set(['unknown']));
      const stale = report.blindSpots.filter(({ reason }) => reason === 'stale').map(({ source }) => source);
      expect(stale).toEqual(expect.arrayContaining([`provider ${HSM}`, 'location restic', 'location borg']));
    });

    it('are asked only where both sides name the key by which it is certain who wrote the plan', async () => {
      const bare = await install.variant(withSources(VAULT_ROOM, false));
      const plan = await planned(bare, 'no.json');
      expect(plan.exitCode).toBe(3);
      expect(plan.stderr).toMatch(/digestKey: is missing, and key provider hsm-main is to be asked on another host/);
      const options = { cwd: scratch.path, environment: { ...ON_HOST, ...KEY } };
      const unnamed = await runCli(['collect', '--plan', within('plan.json'), '--out', within('no.ndjson')], options);
      expect(unnamed.exitCode).toBe(3);
      expect(unnamed.stderr).toContain('it must be certain who wrote it');
      // A plan of somebody else, who names a key that everybody knows.
      const content = JSON.parse(await readFile(within('plan.json'), 'utf8')) as HostPlan;
      const { digest: _, mac: __, ...planned1 } = { ...content, digestKey: 'env:E2E_KNOWN' };
      await writeFile(within('forged.json'), JSON.stringify(sealedPlan(planned1, new Secret('known'))));
      const forged = await answer('forged.json', 'no.ndjson', { ...ON_HOST, E2E_KNOWN: 'known' });
      expect(forged.exitCode).toBe(3);
      expect(forged.stderr).toContain('bears no MAC of the digestKey of this host');
    });

    it('are not planned where the scan asks them itself, nor proven where nothing is planned', async () => {
      const provider = await planned(here, 'no.json', `providers:${HSM}`);
      expect(provider.exitCode).toBe(3);
      expect(provider.stderr).toMatch(/State reachableFrom in its entry/);
      const proofs = await runCli(
        ['plan', '--config', apart, '--only', 'locations:restic', '--prove-keys', '--out', within('no.json')],
        audit(),
      );
      expect(proofs.exitCode).toBe(3);
      expect(proofs.stderr).toContain('no key provider is planned');
    });

    it('are named by doctor as what was not asked here', async () => {
      const { stdout, stderr } = await runCli(['doctor', '--config', apart], audit());
      expect(`${stdout}${stderr}`).toContain(`${HSM}: is asked on host ${VAULT_ROOM}, so that it was not asked here`);
    });

    it('leave the files of an HSM as they were', async () => {
      const before = await hsm.digests();
      await answer('plan.json', 'again.ndjson');
      expect(await hsm.digests()).toEqual(before);
    });
  },
);
