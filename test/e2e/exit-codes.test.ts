import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { reportHeadSchema } from '../../src/model/report.ts';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { freePort } from '../services/scratch.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { buildInstall, type Install } from './install.ts';
import type { ConfigurationInput } from './install-configuration.ts';
import { prepareVault } from './install-vault.ts';
import { organizationsOf } from './organizations.ts';
import { findingsOf, scan, troubles, verdictsOf } from './read-report.ts';
import { runCli } from './run-cli.ts';
import { startSilentServer } from './silent-server.ts';

const COMMANDS = ['scan', 'collect', 'judge', 'render', 'gate', 'doctor', 'permissions', 'controls', 'init', 'demo'];
const noVault = vaultUnavailable();

describe.skipIf(embeddedPostgresUnavailable())('exit codes', () => {
  let vault: VaultServer | null = null;
  let install: Install;
  beforeAll(async () => {
    const organizations = organizationsOf(3);
    vault = noVault === null ? await startVault() : null;
    const prepared = vault === null ? {} : { vault: await prepareVault(vault, organizations) };
    install = await buildInstall({ organizations, secondDumps: true, ...prepared });
    await vault?.snapshot(join(install.directories.snapshots, 'vault.snap'));
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await vault?.[Symbol.asyncDispose]();
  });
  const to = (name: string) => join(install.directories.reports, name);
  const scanWith = (change: (configuration: ConfigurationInput) => ConfigurationInput, name: string) =>
    install.variant(change).then((file) => scan(file, to(name), install));
  const elsewhere = (configuration: ConfigurationInput, database: object): ConfigurationInput => ({
    ...configuration,
    install: { ...configuration.install, database: { ...configuration.install.database, ...database } },
  });

  it.skipIf(noVault)('0: an install that is run well is recoverable, with nothing failing or unknown', async () => {
    const { report, exitCode, stdout, stderr } = await scan(install.configFile, to('well-run'), install);
    // It has one night of dumps, which the two medium controls on what lies further back tell of each database.
    expect(troubles(report).filter((one) => !/^DB-(9|10) database/.test(one))).toEqual([]);
    expect(troubles(report)).toHaveLength(8);
    expect(verdictsOf(report)).toEqual(Object.fromEntries(install.organizations.map(({ id }) => [id, 'recoverable'])));
    expect(report.install.verdict).toBe('recoverable');
    expect(report.blindSpots).toEqual([]);
    expect(report.denominator.organizations).toEqual({ total: 3, judged: 3, blind: 0, excluded: 0 });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toContain(to('well-run'));
  });

  it.skipIf(noVault)('0 for monitors and for gates: one line, or the answer as JSON', async () => {
    const bundle = join(install.directories.root, 'well-run.ndjson');
    const collected = await runCli(['collect', '--config', install.configFile, '--bundle', bundle, '--json'], install);
    expect(JSON.parse(collected.stdout)).toEqual({ bundle, organizations: 3 });
    const judge = ['judge', '--bundle', bundle, '--output', to('nagios'), '--exit-style', 'nagios'];
    const nagios = await runCli(judge, install);
    expect(nagios.stdout).toMatch(/^RECOVERAGE OK - 3 of 3 organizations judged, 8 gaps, 0 unknown \| gaps=8\S* .*\n$/);
    const gate = await runCli(['gate', '--bundle', bundle, '--profile', 'pre-upgrade', '--json'], install);
    expect(JSON.parse(gate.stdout)).toMatchObject({ open: true, exitCode: 0, reasons: [] });
    expect([collected.exitCode, nagios.exitCode, gate.exitCode]).toEqual([0, 0, 0]);
  });

  it('1: a gap, and both counts where something is unknown as well; 2 for Nagios', async () => {
    const withoutFiles = await install.variant((configuration) => ({
      ...configuration,
      stores: { default: 'none' },
      providers: [],
    }));
    const { report, exitCode, stderr } = await scan(withoutFiles, to('gap'), install);
    expect(findingsOf(report, 'FILE-1')).toHaveLength(3);
    expect(findingsOf(report, 'FILE-1')[0]).toContain('fail');
    expect(exitCode).toBe(1);
    expect(report.exit.reasons).toContainEqual(expect.stringMatching(/^\d+ findings at or above high fail$/));
    expect(report.exit.reasons).toContainEqual(expect.stringMatching(/^\d+ findings .* could not be judged$/));
    for (const reason of report.exit.reasons) expect(stderr).toContain(reason);
    const args = ['scan', '--config', withoutFiles, '--output', to('gap'), '--format', 'json'];
    const nagios = await runCli([...args, '--exit-style', 'nagios'], install);
    expect(nagios.exitCode).toBe(2);
    expect(nagios.stdout).toMatch(/^RECOVERAGE CRITICAL - /);
  });

  it('2: a location that cannot be read is no gap, and no pass', async () => {
    const { report, exitCode } = await scanWith((configuration) => {
      const locations = (configuration.locations ?? []).map((location) =>
        location.kind === 'directory' ? { ...location, path: `${location.path}-gone` } : location,
      );
      return { ...configuration, locations };
    }, 'unreadable');
    expect(
      report.findings.filter(({ status, severity }) => status === 'fail' && /high|critical/.test(severity)),
    ).toEqual([]);
    expect(exitCode).toBe(2);
    expect(new Set(Object.values(verdictsOf(report)))).toEqual(new Set(['unknown']));
    expect(report.blindSpots.map(({ detail }) => detail).join('\n')).toContain('dumps-gone');
  });

  it('0: a location stated elsewhere that lies on a disk of the install host is a notice that nobody can miss', async () => {
    const { report, exitCode, stderr } = await scanWith((configuration) => {
      const locations = (configuration.locations ?? []).map((location) =>
        location.kind === 'directory'
          ? { ...location, failureDomain: { ...location.failureDomain, attachedAs: undefined } }
          : location,
      );
      return { ...configuration, locations };
    }, 'not-mounted');
    const said = report.notices.map(({ text }) => text).join('\n');
    expect(said).toMatch(/dumps is stated to stand on host backup-host, and \S+dumps lies on a disk of install-host/);
    expect(stderr).toContain('is stated to stand on host');
    expect(exitCode).toBe(0);
  });

  const refused = [
    {
      title: 'nobody listens at the install database',
      change: async () => ({ port: await freePort() }),
      says: /refused|not listening|no server/i,
    },
    { title: 'its password is wrong', change: async () => ({ password: 'env:WRONG' }), says: /password/i },
    { title: 'it has no such database', change: async () => ({ name: 'novantra_typo' }), says: /novantra_typo/ },
  ];
  for (const { title, change, says } of refused) {
    it(`2: ${title}; the report is written all the same, its total null`, async () => {
      const difference = await change();
      const file = await install.variant((configuration) => elsewhere(configuration, difference));
      const wrong = 'not-the-password-at-all';
      const options = { environment: { ...install.environment, WRONG: wrong } };
      const { report, exitCode, stderr, stdout } = await scan(file, to('refused'), options, [
        '--format',
        'json,html,csv',
      ]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(report.denominator.organizations).toEqual({ total: null, judged: 0, blind: 0, excluded: 0 });
      expect(report.install.verdict).toBe('unknown');
      expect(report.findings.filter(({ status }) => status === 'pass').map(({ controlId }) => controlId)).toEqual([
        'DB-17',
        'HOST-5',
        // Planted gaps need no install.
        'RUN-3',
      ]);
      expect(report.blindSpots.map(({ detail, remedy }) => `${detail}. ${remedy}`).join('\n')).toMatch(says);
      expect(stderr).toMatch(says);
      for (const name of ['report.json', 'report.html']) {
        const text = await readFile(join(to('refused'), name), 'utf8');
        for (const secret of [...Object.values(install.environment), wrong]) expect(text).not.toContain(secret);
      }
    });
  }

  it('2: a server that accepts and never answers costs the connect timeout, not more', async () => {
    await using silent = await startSilentServer();
    const { report, exitCode, millis } = await scanWith(
      (configuration) => ({
        ...elsewhere(configuration, { port: silent.port }),
        collect: { connectTimeoutSeconds: 1 },
      }),
      'silent',
    );
    expect(exitCode).toBe(2);
    expect(report.denominator.organizations.total).toBeNull();
    expect(report.blindSpots.map(({ reason }) => reason)).toContain('timeout');
    expect(millis).toBeLessThan(20_000);
  });

  it('3: every mistake of the configuration at once, each with its path and a hint; nothing is written', async () => {
    const file = await install.variant(
      (configuration) =>
        ({
          ...configuration,
          instal: {},
          plans: [{ id: 'p', covers: 'everything', method: 'pg_dump' }],
        }) as unknown as ConfigurationInput,
    );
    const { exitCode, stdout, stderr } = await runCli(['scan', '--config', file, '--output', to('mistakes')], install);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain('instal');
    expect(stderr).toContain('plans[0].covers');
    expect(stderr).not.toContain('at file:');
    expect(existsSync(to('mistakes'))).toBe(false);
  });

  it('3: the same directory under two names is no second place for copies', async () => {
    const file = await install.variant((configuration) => {
      const [first, ...others] = configuration.locations ?? [];
      if (first?.kind !== 'directory') throw new Error('the first location is a directory');
      const again = { ...first, name: 'again', failureDomain: { host: 'third-host' } };
      return { ...configuration, locations: [first, ...others, again] };
    });
    const { exitCode, stdout, stderr } = await runCli(['scan', '--config', file, '--output', to('again')], install);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(/locations\[\d\]\.path.*location again is the same place as location dumps/);
    expect(existsSync(to('again'))).toBe(false);
  });

  const usage: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown option', ['scan', '--everything'], /unknown option '--everything'/],
    ['an unknown command', ['scna'], /unknown command 'scna'/],
    ['no such configuration', ['scan', '--config', '/nowhere/recoverage.yaml'], /\/nowhere\/recoverage\.yaml/],
    ['no such severity', ['scan', '--fail-on', 'terrible'], /terrible/],
    ['no such format', ['scan', '--format', 'docx'], /docx is no format/],
    ['an instant without offset', ['gate', '--as-of', '2026-11-22T18:00:00'], /offset/],
    ['no such profile', ['gate', '--profile', 'lenient'], /lenient/],
    ['no such bundle', ['judge', '--bundle', '/nowhere/bundle.ndjson'], /\/nowhere\/bundle\.ndjson/],
    ['no bundle named', ['judge'], /--bundle/],
  ];
  it.each(usage)('3: %s', async (_title, args, says) => {
    const { exitCode, stdout, stderr } = await runCli(args, { cwd: install.directories.root });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('3: a secret that is not there, by its reference; an organization that is not there, by its id', async () => {
    const args = ['scan', '--config', install.configFile, '--output', to('nobody')];
    const secretless = await runCli(args, {});
    expect(secretless).toMatchObject({ exitCode: 3, stdout: '' });
    expect(secretless.stderr).toContain('E2E_DATABASE_PASSWORD');
    const nobody = await runCli([...args, '--organization', 'org_nobody'], install);
    expect(nobody).toMatchObject({ exitCode: 3, stdout: '' });
    expect(nobody.stderr).toContain('org_nobody');
    expect(existsSync(to('nobody'))).toBe(false);
  });

  it('4: a report that cannot be written', async () => {
    const args = ['scan', '--config', install.configFile, '--output', join(install.configFile, 'below-a-file')];
    const { exitCode, stdout, stderr } = await runCli(args, install);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(stderr).toContain('below-a-file');
    expect(stderr).not.toContain('defect');
  });

  it('prints the head of the report as JSON on stdout where that is asked for, and nothing else there', async () => {
    const args = ['scan', '--config', install.configFile, '--output', to('head'), '--format', 'json', '--json'];
    const { stdout } = await runCli(args, install);
    expect(reportHeadSchema.parse(JSON.parse(stdout)).denominator.organizations.total).toBe(3);
  });

  it('shows usage with examples of every command on stdout, and exits 0', async () => {
    const asProcess = await runCli(['scan', '--help']);
    expect(asProcess).toMatchObject({ exitCode: 0, stderr: '' });
    expect(asProcess.stdout).toContain('Examples:');
    for (const command of COMMANDS) {
      const written: string[] = [];
      const io: CommandIo = {
        stdout: { write: (text) => void written.push(text) },
        stderr: { isTerminal: false, write: (text) => void written.push(`stderr: ${text}`) },
        environment: {},
        workingDirectory: '/',
        signal: new AbortController().signal,
        isInteractive: false,
        ask: () => Promise.reject(new Error('nobody is asked')),
      };
      expect(await main([command, '--help'], io)).toBe(0);
      const text = written.join('');
      expect(text).toMatch(new RegExp(`^Usage: recoverage ${command}`));
      expect(text).toMatch(new RegExp(`\\nExamples:\\n[^]*recoverage ${command}`));
      expect(text).not.toContain('stderr:');
    }
    expect((await runCli(['--help'])).stdout.match(/^ {2}(\w+) /gm)?.map((line) => line.trim())).toEqual(
      expect.arrayContaining([...COMMANDS]),
    );
  });

  it('2: an install without organizations is nothing to vouch for', async () => {
    const { id } = install.organizations[0] ?? { id: '' };
    await install.server.query('ALTER TABLE novantra.organizations RENAME TO kept', 'novantra');
    await install.server.query('CREATE TABLE novantra.organizations (LIKE novantra.kept)', 'novantra');
    await install.server.query('GRANT SELECT ON novantra.organizations TO recoverage_audit', 'novantra');
    try {
      const { report, exitCode } = await scan(install.configFile, to('nothing'), install);
      expect(report.denominator.organizations).toEqual({ total: 0, judged: 0, blind: 0, excluded: 0 });
      expect(report.exit.reasons).toContain('there was nothing to audit');
      expect(exitCode).toBeGreaterThan(0);
      expect(['unknown', null]).toContain(report.install.verdict);
      expect(JSON.stringify(report.organizations)).not.toContain(id);
    } finally {
      await install.server.query('DROP TABLE novantra.organizations', 'novantra');
      await install.server.query('ALTER TABLE novantra.kept RENAME TO organizations', 'novantra');
    }
  });
});
