import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES } from './install-configuration.ts';
import { DOCUMENT } from './install-rows.ts';
import { type ReportDocument, scan } from './read-report.ts';
import { type CliResult, runCli } from './run-cli.ts';

const DIGEST_KEY = 'E2E_DIGEST_KEY';

/** What a report says of everything, but for how old it is by now. */
function said(report: ReportDocument): readonly string[] {
  return report.findings
    .map(
      ({ controlId, subject, status, grade, because }) =>
        `${controlId} ${subject.kind}:${subject.key} ${status} ${grade} ${because.replaceAll(/\d+/g, '#')}`,
    )
    .sort();
}

let install: Install;
let options: { readonly environment: Readonly<Record<string, string>> };
let everything: ReportDocument;
let remote: string;

const recoverage = async (...args: readonly string[]): Promise<CliResult> => runCli(args, options);
const within = (name: string) => join(install.directories.root, name);

beforeAll(async () => {
  install = await buildInstall();
  options = { environment: { ...install.environment, [DIGEST_KEY]: 'one key for both hosts' } };
  const keyed = (configuration: ConfigurationInput): ConfigurationInput => ({
    ...configuration,
    digestKey: `env:${DIGEST_KEY}`,
  });
  const here = await install.variant(keyed);
  everything = (await scan(here, within('reports/here'), options)).report;
  remote = await install.variant((configuration) => {
    const own = keyed(configuration);
    return { ...own, install: { ...own.install, collectorRunsHere: false } };
  });
}, 120_000);

afterAll(async () => {
  await install?.[Symbol.asyncDispose]();
});

describe('an install host that the audit cannot reach', () => {
  it('is a blind spot without its bundle', async () => {
    const { report } = await scan(remote, within('reports/alone'), options);
    expect(said(report)).not.toEqual(said(everything));
    expect(report.findings.find(({ controlId }) => controlId === 'HOST-1')?.status).toBe('unknown');
  });

  it('gives the same findings with its bundle as with everything at hand', async () => {
    const plan = await recoverage(
      'plan',
      '--config',
      remote,
      '--only',
      'hosts',
      '--out',
      within('plan.json'),
      '--json',
    );
    expect(plan, plan.stderr).toMatchObject({ exitCode: 0 });
    // On the other host there is neither a configuration nor a database.
    const answered = await runCli(['collect', '--plan', within('plan.json'), '--out', within('host.ndjson')], {
      cwd: install.directories.hostRoot,
      environment: { [DIGEST_KEY]: 'one key for both hosts' },
    });
    expect(answered, answered.stderr).toMatchObject({ exitCode: 0 });
    const { report } = await scan(remote, within('reports/joined'), options, ['--with', within('host.ndjson')]);
    expect(said(report)).toEqual(said(everything));
    const samples = report.findings.filter(({ controlId }) => controlId === 'FILE-8');
    expect(new Set(samples.map(({ status }) => status))).toEqual(new Set(['pass']));
    expect(report.notices.map(({ text }) => text).join('\n')).toMatch(
      /answered in a bundle of its own of .* its MAC was checked/,
    );
  });

  it('gives them with every location read elsewhere, too, in bundles of their own', async () => {
    const elsewhere = await install.variant((configuration) => ({
      ...configuration,
      digestKey: `env:${DIGEST_KEY}`,
      install: { ...configuration.install, collectorRunsHere: false },
      locations: (configuration.locations ?? []).map((location) =>
        location.kind === 'directory' ? { ...location, reachableFrom: NAMES.backupHost } : location,
      ),
    }));
    const alone = await scan(elsewhere, within('reports/elsewhere-alone'), options);
    expect(alone.report.findings.find(({ controlId }) => controlId === 'DB-2')?.status).toBe('unknown');
    const planned = await recoverage(
      'plan',
      '--config',
      elsewhere,
      '--out',
      within('places.json'),
      '--depth',
      'full',
      '--only',
      `locations:${NAMES.dumps},locations:${NAMES.files},locations:${NAMES.installers}`,
    );
    expect(planned, planned.stderr).toMatchObject({ exitCode: 0 });
    const hosts = await recoverage('plan', '--config', elsewhere, '--out', within('hosts.json'));
    expect(hosts, hosts.stderr).toMatchObject({ exitCode: 0 });
    const bundles: string[] = [];
    for (const name of ['places', 'hosts']) {
      const bundle = within(`${name}.ndjson`);
      const result = await recoverage('collect', '--plan', within(`${name}.json`), '--out', bundle);
      expect(result, result.stderr).toMatchObject({ exitCode: 0 });
      bundles.push('--with', bundle);
    }
    const { report } = await scan(elsewhere, within('reports/elsewhere'), options, bundles);
    expect(said(report)).toEqual(said(everything));
  });

  it('finds files that are lost, and no fault in one that was deleted or written again with its row meanwhile', async () => {
    const [lost, deleted, rewritten] = install.organizations;
    if (lost === undefined || deleted === undefined || rewritten === undefined) throw new Error('three of them');
    const plan = await recoverage('plan', '--config', remote, '--out', within('files.json'));
    expect(plan, plan.stderr).toMatchObject({ exitCode: 0 });
    expect(plan.stderr).toContain('It names 6 files of organizations');
    expect(await readFile(within('files.json'), 'utf8')).toContain('documents/1.txt');
    const fileOf = ({ id }: typeof lost) =>
      join(install.directories.hostRoot, 'srv/novantra/storage', id, 'documents/1.txt');
    const kept = new Map<string, Buffer>();
    for (const one of [lost, deleted, rewritten]) kept.set(fileOf(one), await readFile(fileOf(one)));
    try {
      await rm(fileOf(lost));
      await rm(fileOf(deleted));
      await writeFile(fileOf(rewritten), 'a longer document than it was\n');
      const bundle = within('files.ndjson');
      const answered = await recoverage('collect', '--plan', within('files.json'), '--out', bundle);
      expect(answered, answered.stderr).toMatchObject({ exitCode: 0 });
      await install.server.query(
        "DELETE FROM novantra.artifacts WHERE object_key = 'documents/1.txt'",
        deleted.database,
      );
      await install.server.query(
        "UPDATE novantra.artifacts SET bytes = 30, sha256 = NULL WHERE object_key = 'documents/1.txt'",
        rewritten.database,
      );
      const { report } = await scan(remote, within('reports/files'), options, ['--with', bundle]);
      const sampled = (organizationId: string) =>
        report.findings.find((one) => one.controlId === 'FILE-8' && one.subject.organizationId === organizationId);
      expect(sampled(lost.id)).toMatchObject({ status: 'fail' });
      expect(sampled(deleted.id)).toMatchObject({ status: 'pass' });
      expect(sampled(rewritten.id)).toMatchObject({ status: 'pass' });
    } finally {
      for (const [file, contents] of kept) await writeFile(file, contents);
      await install.server.query(
        `UPDATE novantra.artifacts SET bytes = ${DOCUMENT.length} WHERE object_key = 'documents/1.txt'`,
        rewritten.database,
      );
    }
  });

  it('looks for no file whose name its plan leaves out, and says so; nor by a draw of another size or seed', async () => {
    const plan = await recoverage('plan', '--config', remote, '--out', within('bare.json'), '--no-file-names');
    expect(plan, plan.stderr).toMatchObject({ exitCode: 0 });
    expect(await readFile(within('bare.json'), 'utf8')).not.toContain('documents/');
    const bare = within('bare.ndjson');
    await recoverage('collect', '--plan', within('bare.json'), '--out', bare);
    const samples = async (config: string, bundle: string) => {
      const { report } = await scan(config, within('reports/bare'), options, ['--with', bundle]);
      const findings = report.findings.filter(({ controlId }) => controlId === 'FILE-8');
      const statuses = [...new Set(findings.map(({ status }) => status))];
      return `${statuses.join()}: ${report.blindSpots.map(({ detail }) => detail).join('\n')}`;
    };
    expect(await samples(remote, bare)).toMatch(/^unknown: [\s\S]*its plan names none/);
    const seeded = await install.variant((configuration) => ({
      ...configuration,
      digestKey: `env:${DIGEST_KEY}`,
      install: { ...configuration.install, collectorRunsHere: false },
      collect: { fileSample: { seed: 7 } },
    }));
    expect(await samples(seeded, within('files.ndjson'))).toMatch(/^unknown: [\s\S]*drawn with another number or seed/);
  });

  it('is refused with exit code 3, for a scan and for a gate, where its bundle is damaged or of another install', async () => {
    const foreign = within('foreign.ndjson');
    await writeFile(foreign, (await readFile(within('host.ndjson'), 'utf8')).replace('"exists":true', '"exists":null'));
    const damaged = await recoverage('scan', '--config', remote, '--output', within('reports/no'), '--with', foreign);
    expect(damaged.exitCode).toBe(3);
    expect(damaged.stderr).toContain('was altered or damaged on its way');
    const gate = await recoverage('gate', '--config', remote, '--with', foreign);
    expect(gate.exitCode).toBe(3);
    await install.server.query("UPDATE novantra.install SET install_id = 'inst_other'", NAMES.installDatabase);
    const other = await recoverage(
      'scan',
      '--config',
      remote,
      '--output',
      within('reports/no'),
      '--with',
      within('host.ndjson'),
    );
    expect(other.exitCode).toBe(3);
    expect(other.stderr).toMatch(/is of install inst_01e2e, and the install database is that of inst_other/);
    expect(existsSync(within('reports/no'))).toBe(false);
  });

  it('is asked nothing that cannot be asked, with exit code 3', async () => {
    const plan = (only: string) => recoverage('plan', '--config', remote, '--out', within('no.json'), '--only', only);
    for (const only of ['providers:nobody', 'locations:nowhere', 'everything']) {
      const refused = await plan(only);
      expect(refused.exitCode, only).toBe(3);
      expect(refused.stderr).toContain(`--only ${only}`);
    }
    expect(existsSync(within('no.json'))).toBe(false);
  });
});
