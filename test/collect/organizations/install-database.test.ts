import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetMapping } from '../../../src/collect/organizations/dataset-source.ts';
import type { InstallDataset, InstallReading } from '../../../src/collect/organizations/install-database.ts';
import { readInstallDatabase } from '../../../src/collect/organizations/install-database.ts';
import {
  mergeByOrganization,
  type OrganizationEntry,
  OWNED_DATASETS,
  type OwnedRecord,
} from '../../../src/collect/organizations/merge-by-organization.ts';
import { readServerCatalogue } from '../../../src/collect/organizations/server-catalogue.ts';
import { readWholeSpool } from '../../../src/collect/organizations/spool.ts';
import { openReadOnly } from '../../../src/collect/postgres/read-only-connection.ts';
import { debianPostgresUnavailable, startDebianPostgres } from '../../services/postgres-debian.ts';
import { embeddedPostgresUnavailable, startEmbeddedPostgres } from '../../services/postgres-embedded.ts';
import type { PostgresServer } from '../../services/postgres-server.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import {
  AUDITOR,
  auditorSettings,
  INSTALL_DATABASE,
  makeReferenceDatabases,
  referenceMapping,
} from './reference-databases.ts';

const HOSTILE_NAMES = [
  '\u202Eevil\u202C',
  '🏢👩‍👩‍👧‍👦',
  'line one\nline two\r\u2028three',
  '<script>alert(1)</script>',
  "=cmd|' /C calc'!A0",
  'x'.repeat(10_000),
  '\u0001\u001b[31mred',
  "Robert'); DROP TABLE organizations;--",
];

const servers = [
  { title: 'PostgreSQL 15', reason: debianPostgresUnavailable(), start: startDebianPostgres },
  { title: 'PostgreSQL 18', reason: embeddedPostgresUnavailable(), start: startEmbeddedPostgres },
] as const;

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

for (const { title, reason, start } of servers) {
  describe.skipIf(reason)(`install database on ${title}`, () => {
    let server: PostgresServer;
    let mapping: DatasetMapping;

    beforeAll(async () => {
      server = await start();
      await makeReferenceDatabases(server, ['tenant_000']);
      mapping = await referenceMapping();
      const organizations = HOSTILE_NAMES.map(
        (name, index) =>
          `('org_${String(index).padStart(3, '0')}', 's${index}', ${literal(name)}, 'active', '2026-01-01T00:00:00.123456Z')`,
      );
      await server.query(
        `INSERT INTO novantra.organizations (organization_id, slug, name, state, created_at) VALUES ${organizations.join(', ')},
           ('ORG_001', 'twin', 'Twin', 'suspended', '2026-02-01'), ('org_bad', 'b', 'Bad', 'active', 'infinity');
         INSERT INTO novantra.install (install_id, product_version, installed_at) VALUES ('ins_1', '2.4.1', '2026-01-01 02:00+02');
         INSERT INTO novantra.tenant_databases (organization_id, database_name, created_at) VALUES
           ('org_000', 'tenant_000', '2026-01-01'), ('org_001', 'tenant_001', '2026-01-01'), ('ORG_001', 'tenant_twin', '2026-01-01'),
           ('oRg_001', 'tenant_neither', '2026-01-01'), ('org_gone', 'tenant_gone', '2026-01-01');
         INSERT INTO novantra.backup_runs (run_id, organization_id, database_name, status, started_at, artifact_bytes, artifact_uri, error) VALUES
           ('r1', NULL, NULL, 'succeeded', '2026-11-01', 9007199254740991, 's3://AK:SECRET@bucket/key?X-Amz-Signature=abc', NULL),
           ('r2', 'org_000', 'tenant_000', 'exploded', '2026-11-01', NULL, NULL, NULL),
           ('r3', 'org_000', 'tenant_000', 'failed', '2026-11-01', NULL, NULL, 'could not connect: postgresql://u:hunter2@h/db password=hunter2'),
           ('r4', 'org_002', 'tenant_002', 'succeeded', '2026-11-01', 9007199254740993, NULL, NULL);
         INSERT INTO novantra.key_providers (provider_id, kind, settings) VALUES
           ('p1', 'pkcs11', '{"slot": 3, "pin": "1234", "address": "https://u:p@vault:8200"}');
         INSERT INTO novantra.license VALUES ('c', 'ins_1', 'valid', now(), '2027-01-01Z', 50, ARRAY['org_000', 'a"b\\c,{}', '']);
         INSERT INTO novantra.audit_log VALUES (9223372036854775807, '\\xDEADBEEF', '2026-11-01Z'), (1, '\\x00', '2026-10-01Z');`,
        INSTALL_DATABASE,
      );
    });

    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
    });

    async function read(
      directory: string,
      used = mapping,
      signal = new AbortController().signal,
    ): Promise<InstallReading> {
      const connection = await openReadOnly(auditorSettings(server, INSTALL_DATABASE), signal);
      try {
        return await readInstallDatabase(connection, used, directory, signal);
      } finally {
        await connection.close();
      }
    }

    function rowsOf(dataset: InstallDataset): Promise<{ rows: readonly unknown[]; problems: readonly unknown[] }> {
      if (dataset.status !== 'read') throw new Error(`not read: ${JSON.stringify(dataset)}`);
      return readWholeSpool(dataset.file);
    }

    async function merged(reading: InstallReading) {
      const organizations = reading.datasets.organizations;
      if (organizations.status !== 'read') throw new Error('organizations were not read');
      const owned = Object.fromEntries(
        OWNED_DATASETS.flatMap((name) => {
          const dataset = reading.datasets[name];
          return dataset.status === 'read' ? [[name, dataset.file]] : [];
        }),
      );
      const unowned: string[] = [];
      const orphans: OwnedRecord[] = [];
      const entries: OrganizationEntry[] = [];
      const spools = { organizations: organizations.file, owned };
      for await (const entry of mergeByOrganization(spools, {
        unowned: ({ dataset }) => unowned.push(dataset),
        orphan: (record) => orphans.push(record),
      })) {
        entries.push(entry);
      }
      return { entries, unowned, orphans };
    }

    it('streams every organization, hostile names as they are, and counts them in the same transaction', async () => {
      using scratch = scratchDirectory('install');
      const reading = await read(scratch.path);
      expect(reading.organizationCount).toBe(HOSTILE_NAMES.length + 2);
      expect(reading.datasets.organizations).toMatchObject({
        status: 'read',
        rows: HOSTILE_NAMES.length + 2,
        problemCount: 1,
      });
      const { entries, unowned, orphans } = await merged(reading);
      expect(entries.map(({ organizationId }) => organizationId)).toEqual([
        'org_000',
        'ORG_001',
        'org_001',
        'org_002',
        'org_003',
        'org_004',
        'org_005',
        'org_006',
        'org_007',
        'org_bad',
      ]);
      const names = entries
        .filter(({ organizationId }) => /^org_\d/.test(organizationId))
        .map(({ organization }) => organization?.name);
      expect(names).toEqual(HOSTILE_NAMES);
      expect(unowned.sort()).toEqual(['backup_runs', 'key_providers']);
      expect(orphans).toMatchObject([{ dataset: 'tenant_databases', record: { organizationId: 'org_gone' } }]);
    });

    it('keeps ids that differ in case apart, and a bad row an organization of its own', async () => {
      using scratch = scratchDirectory('install');
      const { entries } = await merged(await read(scratch.path));
      const databases = (id: string) =>
        entries
          .find(({ organizationId }) => organizationId === id)
          ?.rows.tenant_databases.map(({ databaseName }) => databaseName);
      expect(databases('ORG_001')).toEqual(['tenant_twin', 'tenant_neither']);
      expect(databases('org_001')).toEqual(['tenant_neither', 'tenant_001']);
      expect(entries.map(({ entriesWithKey }) => entriesWithKey)).toEqual([1, 2, 2, 1, 1, 1, 1, 1, 1, 1]);
      expect(entries.at(-1)).toMatchObject({
        organization: null,
        problems: [{ dataset: 'organizations', organizationId: 'org_bad', column: 'created_at' }],
      });
      expect(entries[0]).toMatchObject({
        rows: { backup_runs: [{ runId: 'r3', status: 'failed' }] },
        problems: [{ dataset: 'backup_runs', organizationId: 'org_000', column: 'status' }],
      });
      expect(entries.find(({ key }) => key === 'org_002')?.problems).toMatchObject([{ column: 'artifact_bytes' }]);
    });

    it('gives typed values, keeps large numbers exact and takes credentials out', async () => {
      using scratch = scratchDirectory('install');
      const { datasets } = await read(scratch.path);
      expect((await rowsOf(datasets.install)).rows).toMatchObject([
        { installId: 'ins_1', installedAt: '2026-01-01T00:00:00.000Z', channel: null },
      ]);
      expect((await rowsOf(datasets.audit_head)).rows).toEqual([
        { position: '9223372036854775807', hash: 'deadbeef', recordedAt: '2026-11-01T00:00:00.000Z' },
      ]);
      expect((await rowsOf(datasets.license)).rows).toMatchObject([
        { validUntil: '2027-01-01T00:00:00.000Z', organizationIds: ['org_000', 'a"b\\c,{}', ''] },
      ]);
      expect((await rowsOf(datasets.key_providers)).rows).toMatchObject([
        { settings: { slot: '3', address: 'https://vault:8200' } },
      ]);
      const spooled = await readFile(join(scratch.path, 'backup_runs.ndjson'), 'utf8');
      expect(spooled).toContain('9007199254740991');
      expect(spooled).not.toMatch(/hunter2|SECRET|=abc|9007199254740992/);
      expect(await readFile(join(scratch.path, 'key_providers.ndjson'), 'utf8')).not.toContain('1234');
    });

    it('tells who the server is to a role without a single grant', async () => {
      await server.query('CREATE ROLE bare LOGIN');
      const connection = await openReadOnly(
        { ...auditorSettings(server, 'postgres'), user: 'bare' },
        new AbortController().signal,
      );
      const catalogue = await readServerCatalogue(connection);
      await connection.close();
      const [control] = await server.query('SELECT system_identifier::text AS id FROM pg_control_system()');
      expect(catalogue.server.systemIdentifier).toBe(control?.['id']);
      expect(catalogue.server.majorVersion).toBe(title.endsWith('15') ? 15 : 18);
      expect(Math.abs(catalogue.server.clock.offsetMillis)).toBeLessThan(
        1000 + catalogue.server.clock.uncertaintyMillis,
      );
      expect(catalogue.databases.map(({ name }) => name)).toEqual([INSTALL_DATABASE, 'postgres', 'tenant_000']);
      expect(catalogue.databases.every(({ oid }) => oid > 0)).toBe(true);
      expect(catalogue.rights).toMatchObject({ role: 'bare', canWrite: false });
    });

    it('is blind to one dataset without a grant, names table and GRANT, and reads the others', async () => {
      using scratch = scratchDirectory('install');
      await server.query(`REVOKE SELECT ON novantra.keyrings FROM ${AUDITOR}`, INSTALL_DATABASE);
      try {
        const { datasets } = await read(scratch.path);
        expect(datasets.keyrings).toMatchObject({
          status: 'blind',
          error: { reason: 'unauthorized', remedy: `Run: GRANT SELECT ON novantra.keyrings TO ${AUDITOR};` },
        });
        expect(Object.values(datasets).filter(({ status }) => status === 'read')).toHaveLength(10);
      } finally {
        await server.query(`GRANT SELECT ON novantra.keyrings TO ${AUDITOR}`, INSTALL_DATABASE);
      }
    });

    it('names the GRANT USAGE where the schema is closed to the role, however the statement names the table', async () => {
      using scratch = scratchDirectory('install');
      const organizations = mapping.install.organizations;
      if (organizations.kind !== 'sql') throw new TypeError('the reference mapping reads organizations by SQL');
      const unqualified = { ...organizations, sql: organizations.sql.replace('novantra.', '') };
      await server.query(`REVOKE USAGE ON SCHEMA novantra FROM ${AUDITOR}`, INSTALL_DATABASE);
      try {
        const { datasets } = await read(scratch.path, {
          ...mapping,
          install: { ...mapping.install, organizations: unqualified },
        });
        const closed = {
          status: 'blind',
          error: { reason: 'unauthorized', remedy: `Run: GRANT USAGE ON SCHEMA novantra TO ${AUDITOR};` },
        };
        expect(Object.values(datasets)).toMatchObject(Array(11).fill(closed));
      } finally {
        await server.query(`GRANT USAGE ON SCHEMA novantra TO ${AUDITOR}`, INSTALL_DATABASE);
      }
    });

    it('never lets row-level security shorten the list of organizations in silence', async () => {
      using scratch = scratchDirectory('install');
      await server.query(
        `ALTER TABLE novantra.organizations ENABLE ROW LEVEL SECURITY; CREATE POLICY narrow ON novantra.organizations USING (slug = 's1')`,
        INSTALL_DATABASE,
      );
      try {
        const { datasets, organizationCount } = await read(scratch.path);
        expect(datasets.organizations).toMatchObject({
          status: 'blind',
          error: { reason: 'unauthorized', remedy: `Run: ALTER ROLE ${AUDITOR} BYPASSRLS;` },
        });
        expect(organizationCount).toBeNull();
      } finally {
        await server.query(
          'DROP POLICY narrow ON novantra.organizations; ALTER TABLE novantra.organizations DISABLE ROW LEVEL SECURITY',
          INSTALL_DATABASE,
        );
      }
    });

    it('names a missing column, a wrong type, a missing table and a statement that fails, each for its dataset only', async () => {
      using scratch = scratchDirectory('install');
      const { install } = mapping;
      const sql = (text: string) => ({ kind: 'sql' as const, sql: text, tables: [] });
      const { datasets } = await read(scratch.path, {
        ...mapping,
        install: {
          ...install,
          backup_plans: sql(
            'SELECT plan_id, covers, enabled, NULL::text AS organization_id FROM novantra.backup_plans',
          ),
          backup_runs: sql(
            'SELECT run_id, status, started_at::timestamp AS started_at, NULL::text AS organization_id FROM novantra.backup_runs',
          ),
          keyrings: sql('SELECT * FROM novantra.key_rings'),
          restore_validations: sql('SELECT validationid FROM novantra.restore_validations'),
          key_providers: sql(
            "SELECT name::int AS provider_id, 'x' AS kind, organization_id FROM novantra.organizations",
          ),
          storage_bindings: sql("SELECT 'b' AS binding_id, 's3' AS kind, 'active' AS state"),
          license: { kind: 'absent' },
        },
      });
      expect(datasets.backup_plans).toMatchObject({
        status: 'blind',
        error: { reason: 'malformed', message: expect.stringContaining('column method is missing') },
      });
      expect(datasets.backup_runs).toMatchObject({
        status: 'blind',
        error: {
          message: expect.stringContaining('timestamp without time zone'),
          remedy: expect.stringContaining("AT TIME ZONE 'UTC'"),
        },
      });
      expect(datasets.keyrings).toMatchObject({
        error: { reason: 'malformed', message: expect.stringContaining('key_rings') },
      });
      expect(datasets.restore_validations).toMatchObject({
        error: { message: expect.stringContaining('validationid') },
      });
      expect(datasets.key_providers).toMatchObject({
        status: 'blind',
        error: { message: expect.stringContaining('SQLSTATE 22P02') },
      });
      expect(datasets.key_providers).not.toMatchObject({ error: { message: expect.stringMatching(/evil|script|🏢/) } });
      // Without the column every row would be the install's own.
      expect(datasets.storage_bindings).toMatchObject({
        error: { message: expect.stringContaining('column organization_id is missing') },
      });
      expect(datasets.license).toEqual({ status: 'absent' });
      expect(datasets.organizations.status).toBe('read');
    });

    it('takes a dataset from a CSV or JSON export', async () => {
      using scratch = scratchDirectory('install');
      await writeFile(
        join(scratch.path, 'orgs.csv'),
        'organization_id,slug,name,state,created_at\r\nb,b,"B, ""the\nsecond""",active,2026-01-01T00:00:00Z\r\nA,a,A,active,2026-01-01 00:00:00+00\r\n',
      );
      await writeFile(
        join(scratch.path, 'plans.json'),
        JSON.stringify([
          { plan_id: 'p', covers: 'all', method: 'pg_dump', enabled: true, organization_id: null, retention_days: 30 },
        ]),
      );
      const written = new Date('2026-01-02T03:04:05Z');
      await utimes(join(scratch.path, 'orgs.csv'), written, written);
      const { datasets, organizationCount } = await read(join(scratch.path, 'spool'), {
        ...mapping,
        directory: scratch.path,
        install: {
          ...mapping.install,
          organizations: { kind: 'file', path: 'orgs.csv', format: 'csv' },
          backup_plans: { kind: 'file', path: 'plans.json', format: 'json' },
          license: { kind: 'file', path: 'nowhere.json', format: 'json' },
        },
      });
      // A count of the rows of the export itself would vouch for a list that was cut short.
      expect(organizationCount).toBeNull();
      expect(datasets.organizations).toMatchObject({ exportedAt: '2026-01-02T03:04:05.000Z' });
      expect((await rowsOf(datasets.organizations)).rows).toMatchObject([
        { organizationId: 'A' },
        { organizationId: 'b', name: 'B, "the\nsecond"' },
      ]);
      expect((await rowsOf(datasets.backup_plans)).rows).toMatchObject([
        { planId: 'p', enabled: true, retentionDays: 30 },
      ]);
      expect(datasets.license).toMatchObject({ status: 'blind', error: { reason: 'unreachable' } });
    });

    it('ends at once when the signal aborts', async () => {
      using scratch = scratchDirectory('install');
      const controller = new AbortController();
      const slow = {
        kind: 'sql' as const,
        sql: "SELECT s::text AS install_id, 'x' AS product_version FROM generate_series(1, 1000000000) AS s ORDER BY 1",
        tables: [],
      };
      setTimeout(() => controller.abort(new Error('stopped')), 300);
      const began = performance.now();
      await expect(
        read(scratch.path, { ...mapping, install: { ...mapping.install, install: slow } }, controller.signal),
      ).rejects.toThrow('stopped');
      expect(performance.now() - began).toBeLessThan(2000);
    });

    it('sends nothing but reads, and changes nothing', async () => {
      const counters = `SELECT sum(tup_inserted + tup_updated + tup_deleted)::text AS changed FROM pg_stat_database WHERE datname = '${INSTALL_DATABASE}'`;
      await server.query('VACUUM; ', INSTALL_DATABASE);
      await server.query('CHECKPOINT; SELECT pg_stat_force_next_flush()');
      const before = await server.query(`SELECT pg_current_wal_insert_lsn()::text AS lsn, (${counters}) AS changed`);
      using scratch = scratchDirectory('install');
      await read(scratch.path);
      await server.query('SELECT pg_stat_force_next_flush()', INSTALL_DATABASE);
      const after = await server.query(`SELECT pg_current_wal_insert_lsn()::text AS lsn, (${counters}) AS changed`);
      expect(after[0]?.['changed']).toEqual(before[0]?.['changed']);
      const allowed =
        /^(?:BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY|COMMIT|ROLLBACK|SAVEPOINT attempt|RELEASE SAVEPOINT attempt|ROLLBACK TO SAVEPOINT attempt|SELECT|WITH|DECLARE dataset_rows NO SCROLL CURSOR FOR SELECT|FETCH FORWARD \d+ FROM dataset_rows|CLOSE dataset_rows|SET LOCAL search_path = pg_catalog, )/;
      const sent = (await server.statements(AUDITOR)).map(({ statement }) => statement.trim());
      expect(sent.length).toBeGreaterThan(20);
      expect(sent.filter((statement) => !allowed.test(statement))).toEqual([]);
    });
  });
}
