import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES } from './install-configuration.ts';
import { type ReportDocument, scan } from './read-report.ts';
import { type CliResult, runCli } from './run-cli.ts';

const DIGEST_KEY = 'E2E_DIGEST_KEY';

/** Files are looked for by names out of a database, which a host that answers a plan does not have. */
const WANTS_BOTH = 'FILE-8';

/** What a report says of everything, but for how old it is by now. */
function said(report: ReportDocument): readonly string[] {
  return report.findings
    .filter(({ controlId }) => controlId !== WANTS_BOTH)
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
    const samples = report.findings.filter(({ controlId }) => controlId === WANTS_BOTH);
    expect(new Set(samples.map(({ status }) => status))).toEqual(new Set(['unknown']));
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
    for (const only of ['providers:vault', 'locations:nowhere', 'everything']) {
      const refused = await plan(only);
      expect(refused.exitCode, only).toBe(3);
      expect(refused.stderr).toContain(`--only ${only}`);
    }
    expect(existsSync(within('no.json'))).toBe(false);
  });
});
