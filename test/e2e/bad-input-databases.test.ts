import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { freePort, waitUntil } from '../services/scratch.ts';
import { buildInstall, type Install } from './install.ts';
import { NAMES } from './install-configuration.ts';
import { type InstallOrganization, organizationNamed } from './organizations.ts';
import { findingsOf, type ReportDocument, readReport, type Scanned, scan } from './read-report.ts';
import { runCli, startCli } from './run-cli.ts';
import { type SilentServer, startSilentServer } from './silent-server.ts';

const HEALTHY = ['healthy1', 'healthy2'].map((slug) => organizationNamed(slug));
const AILING = {
  ungranted: organizationNamed('ungranted'),
  columnless: organizationNamed('columnless'),
  mistyped: organizationNamed('mistyped'),
  gone: organizationNamed('gone'),
  hanging: organizationNamed('hanging'),
  closed: organizationNamed('closed'),
  refusing: organizationNamed('refusing'),
  dropped: organizationNamed('dropped'),
  sharing1: organizationNamed('sharing1'),
  sharing2: organizationNamed('sharing2'),
  timeless: organizationNamed('timeless'),
} as const;
const ALL = [...HEALTHY, ...Object.values(AILING)];

describe.skipIf(embeddedPostgresUnavailable())('databases that cannot be read', () => {
  let install: Install;
  let silent: SilentServer;
  let configFile: string;
  let scanned: Scanned;
  let report: ReportDocument;
  beforeAll(async () => {
    install = await buildInstall({ organizations: ALL });
    silent = await startSilentServer();
    const closedPort = await freePort();
    const { server } = install;
    const inTenant = (organization: InstallOrganization, sql: string) => server.query(sql, organization.database);
    await inTenant(AILING.ungranted, `REVOKE SELECT ON novantra.audit_log FROM ${NAMES.auditor}`);
    await inTenant(AILING.ungranted, `REVOKE SELECT (key_ref) ON novantra.key_versions FROM ${NAMES.auditor}`);
    await inTenant(AILING.columnless, 'ALTER TABLE novantra.key_versions DROP COLUMN version');
    await inTenant(AILING.mistyped, 'ALTER TABLE novantra.key_versions ALTER COLUMN created_at TYPE timestamp');
    await server.query(`DROP DATABASE ${AILING.gone.database}`);
    await server.query(`REVOKE CONNECT ON DATABASE ${AILING.refusing.database} FROM PUBLIC, ${NAMES.auditor}`);
    for (const [organization, port] of [
      [AILING.hanging, silent.port],
      [AILING.closed, closedPort],
    ] as const) {
      await server.query(
        `UPDATE novantra.tenant_databases SET host = '127.0.0.1', port = ${port} WHERE organization_id = '${organization.id}'`,
        NAMES.installDatabase,
      );
    }
    await server.query(
      `UPDATE novantra.tenant_databases SET host = '${server.host}', port = ${server.port},
         database_name = '${AILING.sharing1.database}' WHERE organization_id = '${AILING.sharing2.id}'`,
      NAMES.installDatabase,
    );
    await server.query(
      `UPDATE novantra.organizations SET created_at = 'infinity' WHERE organization_id = '${AILING.timeless.id}'`,
      NAMES.installDatabase,
    );
    configFile = await install.variant((configuration) => ({
      ...configuration,
      collect: { connectTimeoutSeconds: 2 },
      servers: [
        { name: 'hanging', port: silent.port },
        { name: 'closed', port: closedPort },
      ].map((one) => ({ ...one, host: '127.0.0.1', user: NAMES.auditor, tls: 'disable' as const })),
    }));
    scanned = await scanWhileDropping(AILING.dropped);
    ({ report } = scanned);
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await silent?.[Symbol.asyncDispose]();
  });

  /** Drops the database when the audit is inside it, waiting for a table that somebody else has locked. */
  async function scanWhileDropping({ database }: InstallOrganization): Promise<Scanned> {
    const { host, port, user, password } = install.server;
    const locker = new Client({ host, port, user, password, database });
    locker.on('error', () => undefined);
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE novantra.key_versions IN ACCESS EXCLUSIVE MODE');
    const directory = join(install.directories.reports, 'ailing');
    const formats = ['--format', 'json,html,csv'];
    const running = startCli(['scan', '--config', configFile, '--output', directory, ...formats], install);
    await waitUntil('the audit waits for the locked table', async () => {
      const waiting = await install.server.query(
        `SELECT 1 FROM pg_stat_activity WHERE usename = '${NAMES.auditor}' AND datname = '${database}' AND wait_event_type = 'Lock'`,
      );
      return waiting.length > 0 || null;
    });
    await install.server.query(`DROP DATABASE ${database} WITH (FORCE)`);
    await locker.end().catch(() => undefined);
    return { ...(await running.result), report: await readReport(directory) };
  }
  const rowOf = ({ id }: InstallOrganization) => report.organizations.find((one) => one.organizationId === id);
  /** What kept the audit from seeing all of an organization. */
  function blindSpotsOf(organization: InstallOrganization): string {
    const ids = new Set(rowOf(organization)?.blindSpotIds);
    return report.blindSpots
      .filter(({ id }) => ids.has(id))
      .map(({ reason, detail, remedy }) => `${reason}: ${detail}. ${remedy}`)
      .join('\n');
  }
  const status = (controlId: string, { id }: InstallOrganization) =>
    report.findings.find((one) => one.controlId === controlId && one.subject.organizationId === id)?.status;

  it('judges every organization, the healthy ones as if nothing were wrong beside them', () => {
    expect(report.denominator.organizations).toMatchObject({ total: ALL.length, excluded: 0 });
    expect(report.organizations.map(({ organizationId }) => organizationId).sort()).toEqual(
      ALL.map(({ id }) => id).sort(),
    );
    for (const organization of HEALTHY) {
      for (const control of ['INV-4', 'DB-2', 'DB-3', 'FILE-1', 'FILE-3'])
        expect(status(control, organization)).toBe('pass');
    }
    expect(findingsOf(report, 'INV-1')).toEqual([expect.stringMatching(/: pass/)]);
    expect(scanned.stdout).toBe('');
    expect(scanned.exitCode).toBe(1);
  });

  it('a row that cannot be read leaves its organization blind, and takes nothing from the others', () => {
    expect(rowOf(AILING.timeless)).toMatchObject({ blind: true, verdict: 'unknown', recoveryPoint: null });
    expect(rowOf(AILING.timeless)?.weakestLink?.sentence).not.toMatch(/^It would come back/);
    for (const organization of HEALTHY) expect(status('INV-4', organization)).toBe('pass');
  });

  it('a role without SELECT: names the table and the GRANT', () => {
    const said = blindSpotsOf(AILING.ungranted);
    expect(said).toContain('novantra.key_versions');
    expect(said).toMatch(new RegExp(`GRANT SELECT .*novantra.key_versions TO "?${NAMES.auditor}"?`));
  });

  it('a column that is missing or of the wrong type: names the dataset and the column', () => {
    expect(blindSpotsOf(AILING.columnless)).toMatch(/key_versions.*version/s);
    expect(blindSpotsOf(AILING.mistyped)).toMatch(/key_versions.*created_at.*timestamp/s);
  });

  it('a database that is not there is a gap; one that cannot be asked is not', () => {
    expect(status('INV-4', AILING.gone)).toBe('fail');
    for (const organization of [AILING.hanging, AILING.closed]) {
      expect(status('INV-4', organization)).toBe('unknown');
      expect(rowOf(organization)?.verdict).not.toBe('recoverable');
    }
    expect(blindSpotsOf(AILING.hanging)).toMatch(/timeout/);
    expect(blindSpotsOf(AILING.closed)).toMatch(/unreachable/);
    expect(blindSpotsOf(AILING.refusing)).toMatch(
      new RegExp(`unauthorized.*GRANT CONNECT ON DATABASE "?${AILING.refusing.database}`, 's'),
    );
  });

  it('a database that two organizations are recorded with is a gap for both, and neither hears of the other', () => {
    for (const organization of [AILING.sharing1, AILING.sharing2]) {
      const finding = report.findings.find(
        (one) => one.controlId === 'INV-4' && one.subject.organizationId === organization.id,
      );
      expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining('another organization') });
      expect(rowOf(organization)?.verdict).not.toBe('recoverable');
    }
  });

  it('a database dropped while the audit is in it: a blind spot, not a crash', () => {
    expect(blindSpotsOf(AILING.dropped)).not.toBe('');
    expect(blindSpotsOf(AILING.dropped)).not.toMatch(/defect/);
    expect(rowOf(AILING.dropped)?.verdict).not.toBe('recoverable');
  });

  it('no server that hangs costs more than its timeout', () => {
    expect(scanned.millis).toBeLessThan(30_000);
  });

  it('no secret is in any output', async () => {
    const bundle = join(install.directories.root, 'secrets.ndjson');
    const collected = await runCli(['collect', '--config', configFile, '--bundle', bundle], install);

    const texts = await Promise.all(
      [bundle, ...['report.json', 'report.html'].map((name) => join(install.directories.reports, 'ailing', name))].map(
        (file) => readFile(file, 'utf8'),
      ),
    );
    for (const secret of Object.values(install.environment)) {
      for (const text of [...texts, collected.stderr, scanned.stderr]) expect(text).not.toContain(secret);
    }
  });

  it('ids that differ only in case: both are blind, and the inventory fails', async () => {
    const [healthy] = HEALTHY;
    const twin = organizationNamed('twin', { id: (healthy?.id ?? '').toUpperCase() });
    await install.add(NAMES.installDatabase, {
      organizations: [
        { organization_id: twin.id, slug: 'twin', name: 'Twin', state: 'active', created_at: install.builtAt },
      ],
    });
    const twins = (await scan(configFile, join(install.directories.reports, 'twins'), install)).report;
    const both = twins.organizations.filter((one) => one.organizationId.toLowerCase() === healthy?.id);
    expect(both.map(({ organizationId }) => organizationId).sort()).toEqual([twin.id, healthy?.id].sort());
    for (const one of both) expect(one).toMatchObject({ blind: true, verdict: 'unknown', recoveryPoint: null });
    expect(findingsOf(twins, 'INV-1')).toEqual([expect.stringMatching(/: fail/)]);
    expect(twins.denominator.organizations).toMatchObject({ total: ALL.length + 1 });
    const { judged, blind, excluded } = twins.denominator.organizations;
    expect(judged + blind + excluded).toBe(ALL.length + 1);
  });
});
