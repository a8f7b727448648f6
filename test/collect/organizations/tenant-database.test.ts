import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetMapping } from '../../../src/collect/organizations/dataset-source.ts';
import { checkInstallMapping, checkTenantMapping } from '../../../src/collect/organizations/mapping-check.ts';
import { readServerCatalogue, type ServerCatalogue } from '../../../src/collect/organizations/server-catalogue.ts';
import { readTenantDatabase, type TenantDatabaseReading } from '../../../src/collect/organizations/tenant-database.ts';
import { openReadOnly, type ReadOnlyConnection } from '../../../src/collect/postgres/read-only-connection.ts';
import { debianPostgresUnavailable, startDebianPostgres } from '../../services/postgres-debian.ts';
import { embeddedPostgresUnavailable, startEmbeddedPostgres } from '../../services/postgres-embedded.ts';
import type { PostgresServer } from '../../services/postgres-server.ts';
import {
  AUDITOR,
  auditorSettings,
  INSTALL_DATABASE,
  makeReferenceDatabases,
  referenceMapping,
} from './reference-databases.ts';

const TENANT = 'tenant_acme';
const never = new AbortController().signal;

const servers = [
  { title: 'PostgreSQL 15', reason: debianPostgresUnavailable(), start: startDebianPostgres },
  { title: 'PostgreSQL 18', reason: embeddedPostgresUnavailable(), start: startEmbeddedPostgres },
] as const;

for (const { title, reason, start } of servers) {
  describe.skipIf(reason)(`a tenant database on ${title}`, () => {
    let server: PostgresServer;
    let mapping: DatasetMapping;

    beforeAll(async () => {
      server = await start();
      await makeReferenceDatabases(server, [TENANT, 'tenant_dropped']);
      mapping = await referenceMapping();
      await server.query(
        `INSERT INTO novantra.key_versions VALUES
           ('org-acme', 1, 'retired', '2026-01-01Z', '2026-06-01Z', '\\x01'), ('org-acme', 2, 'in-use', '2026-06-01Z', NULL, '\\x02'),
           ('kms', NULL, NULL, '2026-06-02Z', NULL, NULL);
         INSERT INTO novantra.audit_log VALUES (7, '\\xff', '2026-11-01Z'), (8, '\\xfe', '2026-11-02Z');
         INSERT INTO novantra.artifacts SELECT 'k' || s, s, NULL, timestamptz '2026-11-01Z' + s * interval '1 hour' FROM generate_series(1, 48) AS s;
         INSERT INTO novantra.members VALUES ('m1', 'jane@example.com', '2026-11-20Z'), ('m2', 'john@example.com', NULL);
         CREATE TEMPORARY TABLE scratch (id int);
         CREATE TABLE public.of_extension (id int);
         ALTER EXTENSION plpgsql ADD TABLE public.of_extension;
         CREATE TABLE public.parted (id int) PARTITION BY LIST (id);
         CREATE TABLE public.parted_1 PARTITION OF public.parted FOR VALUES IN (1);`,
        TENANT,
      );
    });

    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
    });

    async function session<T>(work: (connection: ReadOnlyConnection) => Promise<T>, database = TENANT): Promise<T> {
      const connection = await openReadOnly(auditorSettings(server, database), never);
      try {
        return await work(connection);
      } finally {
        await connection.close();
      }
    }

    function read(
      used = mapping,
      instants: readonly string[] = [],
      catalogue: ServerCatalogue | null = null,
    ): Promise<TenantDatabaseReading> {
      return session((connection) =>
        readTenantDatabase(connection, used, {
          schemaName: 'novantra',
          instants,
          withObjects: true,
          withSize: true,
          catalogue,
        }),
      );
    }

    /** As a scan asks: of the server first, then of the database. */
    async function readKnowingServer(): Promise<TenantDatabaseReading> {
      return read(mapping, [], await session(readServerCatalogue, INSTALL_DATABASE));
    }

    it('answers every question in one round trip', async () => {
      const before = (await server.statements(AUDITOR)).length;
      const instants = ['2026-11-02T00:00:00.000Z', '2026-11-01T12:00:00.000Z', '2026-11-02T00:00:00.000Z'];
      const reading = await read(mapping, instants);
      const sent = (await server.statements(AUDITOR)).slice(before);
      expect(sent).toHaveLength(1);
      const [identity] = await server.query(
        `SELECT oid::int AS oid, system_identifier::text AS system FROM pg_database, pg_control_system() WHERE datname = '${TENANT}'`,
      );
      expect(reading.database).toMatchObject({ name: TENANT, oid: identity?.['oid'] });
      expect(reading.sizeBytes).toBeGreaterThan(5_000_000);
      expect(reading.server.systemIdentifier).toBe(identity?.['system']);
      expect(reading.keyVersions).toMatchObject({
        status: 'read',
        problems: [],
        rows: [
          {
            keyRef: 'org-acme',
            version: 1,
            state: 'retired',
            retiredAt: '2026-06-01T00:00:00.000Z',
          },
          { keyRef: 'org-acme', version: 2, state: 'active' },
          { keyRef: 'kms', version: null, state: null },
        ],
      });
      expect(reading.auditHead).toMatchObject({ rows: [{ position: '8', hash: 'fe' }] });
      expect(reading.members).toMatchObject({ rows: [{ memberCount: 2, newestSignInAt: '2026-11-20T00:00:00.000Z' }] });
      expect(reading.artifactCounts).toEqual({
        status: 'read',
        problems: [],
        rows: [
          {
            total: 48,
            newestCreatedAt: '2026-11-03T00:00:00.000Z',
            after: [
              { after: '2026-11-01T12:00:00.000Z', count: 36 },
              { after: '2026-11-02T00:00:00.000Z', count: 24 },
            ],
            below: [],
          },
        ],
      });
      expect(reading.tables.map(({ schema, name, kind }) => `${schema}.${name} ${kind}`)).toEqual([
        'novantra.artifacts r',
        'novantra.audit_log r',
        'novantra.key_versions r',
        'novantra.members r',
        'public.parted p',
        'public.parted_1 r',
      ]);
      expect(reading.rights).toMatchObject({ role: AUDITOR, canWrite: false, writableRelations: 0 });
    });

    it('asks less of a database whose server has told its part, with the same answer', async () => {
      const catalogue = await session(readServerCatalogue, INSTALL_DATABASE);
      const full = await read();
      const before = (await server.statements(AUDITOR)).length;
      const reading = await read(mapping, [], catalogue);
      const sent = (await server.statements(AUDITOR)).slice(before);
      expect(sent).toHaveLength(1);
      expect(sent[0]?.statement).not.toMatch(/pg_roles/);
      expect(reading).toEqual({ ...full, server: expect.anything() });
      expect(full.server).toMatchObject({ systemIdentifier: catalogue.server.systemIdentifier });
    });

    it.each([
      { title: 'another server', systemIdentifier: '7300000000000000000' },
      { title: 'a server that does not say which it is', systemIdentifier: null },
    ])('takes no attributes of the role from $title', async ({ systemIdentifier }) => {
      const catalogue = await session(readServerCatalogue, INSTALL_DATABASE);
      await server.query(`ALTER ROLE ${AUDITOR} CREATEDB`);
      const other = { ...catalogue, server: { ...catalogue.server, systemIdentifier } };
      const { rights } = await read(mapping, [], other);
      await server.query(`ALTER ROLE ${AUDITOR} NOCREATEDB`);
      expect(rights).toMatchObject({ canWrite: true, because: `role ${AUDITOR} may create databases` });
    });

    it('reads no personal data, because the grants do not reach it', async () => {
      const curious: DatasetMapping = {
        ...mapping,
        tenant: {
          ...mapping.tenant,
          members: {
            kind: 'sql',
            sql: 'SELECT count(email) AS member_count FROM members',
            tables: ['novantra.members'],
          },
        },
      };
      expect((await read(curious)).members).toMatchObject({ status: 'blind', error: { reason: 'unauthorized' } });
    });

    it('loses only the dataset that fails', async () => {
      await server.query(
        `REVOKE ALL (key_ref, version, state, created_at, retired_at) ON novantra.key_versions FROM ${AUDITOR}`,
        TENANT,
      );
      const wrong: DatasetMapping = {
        ...mapping,
        tenant: {
          ...mapping.tenant,
          artifacts: {
            kind: 'sql',
            sql: 'SELECT object_key, created_at::timestamp AS created_at FROM artifacts',
            tables: [],
          },
          members: { kind: 'absent' },
        },
      };
      const reading = await read(wrong);
      await server.query(
        `GRANT SELECT (key_ref, version, state, created_at, retired_at) ON novantra.key_versions TO ${AUDITOR}`,
        TENANT,
      );
      expect(reading.keyVersions).toMatchObject({
        status: 'blind',
        error: { reason: 'unauthorized', remedy: `Run: GRANT SELECT ON novantra.key_versions TO ${AUDITOR};` },
      });
      expect(reading.artifactCounts).toMatchObject({
        status: 'blind',
        error: { reason: 'malformed', remedy: expect.stringContaining('AT TIME ZONE') },
      });
      expect(reading.members).toEqual({ status: 'absent' });
      expect(reading.auditHead).toMatchObject({ status: 'read' });
      expect(reading.tables).toHaveLength(6);
    });

    it('names the schema that the role may not use, where PostgreSQL says that the table does not exist', async () => {
      await server.query(`REVOKE USAGE ON SCHEMA novantra FROM ${AUDITOR}`, TENANT);
      const missing: DatasetMapping = {
        ...mapping,
        tenant: { ...mapping.tenant, members: { kind: 'sql', sql: 'SELECT * FROM nowhere', tables: [] } },
      };
      const reading = await read(missing);
      const checked = await session((connection) => checkTenantMapping(connection, mapping, 'novantra'));
      await server.query(`GRANT USAGE ON SCHEMA novantra TO ${AUDITOR}`, TENANT);
      const closed = { reason: 'unauthorized', remedy: `Run: GRANT USAGE ON SCHEMA novantra TO ${AUDITOR};` };
      for (const dataset of [reading.keyVersions, reading.auditHead, reading.artifactCounts]) {
        expect(dataset).toMatchObject({ status: 'blind', error: closed });
      }
      expect(reading.keyVersions).toMatchObject({
        error: { message: expect.stringContaining('schema novantra, which holds table key_versions') },
      });
      expect(reading.members).toMatchObject({
        error: { reason: 'malformed', remedy: expect.stringContaining('table name') },
      });
      expect(checked.map(({ result }) => result)).toEqual(
        Array(4).fill(expect.objectContaining({ status: 'blind', error: expect.objectContaining(closed) })),
      );
    });

    it.each([
      [
        'INSERT ON novantra.artifacts',
        'GRANT INSERT ON novantra.artifacts TO',
        'REVOKE INSERT ON novantra.artifacts FROM',
        /novantra\.artifacts/,
      ],
      [
        'UPDATE of one column',
        'GRANT UPDATE (bytes) ON novantra.artifacts TO',
        'REVOKE UPDATE (bytes) ON novantra.artifacts FROM',
        /novantra\.artifacts/,
      ],
      [
        'CREATE in a schema',
        'GRANT CREATE ON SCHEMA novantra TO',
        'REVOKE CREATE ON SCHEMA novantra FROM',
        /schema novantra/,
      ],
      [
        'membership in pg_write_all_data',
        'GRANT pg_write_all_data TO',
        'REVOKE pg_write_all_data FROM',
        /pg_write_all_data/,
      ],
      [
        'membership in an owner, not inherited',
        `CREATE ROLE owner_role; ALTER TABLE novantra.members OWNER TO owner_role; GRANT owner_role TO`,
        'REVOKE owner_role FROM',
        /novantra\.members/,
      ],
      [
        'UPDATE of one column of a table without other grants',
        'CREATE TABLE public.bare (id int); GRANT UPDATE (id) ON public.bare TO',
        'DROP TABLE public.bare; REVOKE CREATE ON SCHEMA public FROM',
        /public\.bare/,
      ],
      [
        'USAGE on a sequence',
        'CREATE SEQUENCE public.counter; GRANT USAGE ON SEQUENCE public.counter TO',
        'DROP SEQUENCE public.counter; REVOKE CREATE ON SCHEMA public FROM',
        /public\.counter/,
      ],
      [
        'a view of its own, without any grant',
        'CREATE VIEW public.seen AS SELECT 1 AS one; ALTER VIEW public.seen OWNER TO',
        'DROP VIEW public.seen; REVOKE CREATE ON SCHEMA public FROM',
        /public\.seen/,
      ],
      [
        'DELETE for everybody',
        'GRANT DELETE ON novantra.members TO PUBLIC; GRANT USAGE ON SCHEMA novantra TO',
        'REVOKE DELETE ON novantra.members FROM PUBLIC; REVOKE CREATE ON SCHEMA public FROM',
        /novantra\.members/,
      ],
      [
        'CREATE in the database',
        `GRANT CREATE ON DATABASE ${TENANT} TO`,
        `REVOKE CREATE ON DATABASE ${TENANT} FROM`,
        /may create schemas in this database/,
      ],
      [
        'ownership of the database',
        `CREATE TABLE public.owned (id int); GRANT INSERT ON public.owned TO pg_database_owner; ALTER DATABASE ${TENANT} OWNER TO`,
        `ALTER DATABASE ${TENANT} OWNER TO postgres; DROP TABLE public.owned; GRANT CONNECT ON DATABASE ${TENANT} TO`,
        /public\.owned/,
      ],
    ])('sees that the role may write: %s', async (_, grant, revoke, because) => {
      await server.query(`${grant} ${AUDITOR}`, TENANT);
      const { rights } = await read();
      const known = await readKnowingServer();
      await server.query(`${revoke} ${AUDITOR}`, TENANT);
      expect(rights).toMatchObject({ canWrite: true, because: expect.stringMatching(because) });
      expect(known.rights).toEqual(rights);
      expect((await read()).rights).toMatchObject({ canWrite: false });
      expect((await readKnowingServer()).rights).toMatchObject({ canWrite: false });
    });

    it('counts what else than tables is there, and how large it is, only where it is asked to', async () => {
      const before = (await server.statements(AUDITOR)).length;
      const bare = await session((connection) =>
        readTenantDatabase(connection, mapping, {
          schemaName: 'novantra',
          instants: [],
          withObjects: false,
          withSize: false,
          catalogue: null,
        }),
      );
      const [sent] = (await server.statements(AUDITOR)).slice(before);
      expect(bare).toMatchObject({ objects: null, sizeBytes: null });
      expect(bare.tables.length).toBeGreaterThan(0);
      expect(sent?.statement).not.toMatch(/pg_largeobject_metadata|pg_database_size/);
      expect((await read()).objects).not.toBeNull();
    });

    it('tells a database that was dropped, before and while it is read', async () => {
      const open = await openReadOnly(auditorSettings(server, 'tenant_dropped'), never);
      await server.query('DROP DATABASE tenant_dropped WITH (FORCE)');
      await expect(
        readTenantDatabase(open, mapping, {
          schemaName: 'novantra',
          instants: [],
          withObjects: true,
          withSize: true,
          catalogue: null,
        }),
      ).rejects.toMatchObject({
        reason: 'unreachable',
      });
      await open.close();
      await expect(openReadOnly(auditorSettings(server, 'tenant_dropped'), never)).rejects.toMatchObject({
        reason: 'unreachable',
        message: expect.stringContaining('does not exist'),
      });
    });

    it('refuses to take a whole table for key versions', async () => {
      const wrong: DatasetMapping = {
        ...mapping,
        tenant: {
          ...mapping.tenant,
          key_versions: {
            kind: 'sql',
            sql: "SELECT 'k' AS key_ref, s AS version, now() AS created_at FROM generate_series(1, 20000) AS s",
            tables: [],
          },
        },
      };
      expect((await read(wrong)).keyVersions).toMatchObject({ status: 'blind', error: { reason: 'unsupported' } });
    });

    it('checks a mapping without reading rows', async () => {
      const install = await session((connection) => checkInstallMapping(connection, mapping), INSTALL_DATABASE);
      expect(install.map(({ result }) => result)).toEqual(Array(11).fill({ status: 'fits', unusedColumns: [] }));
      const wrong: DatasetMapping = {
        ...mapping,
        tenant: {
          key_versions: {
            kind: 'sql',
            sql: 'SELECT key_ref AS keyref, version::text, created_at::date FROM key_versions',
            tables: [],
          },
          audit_head: { kind: 'absent' },
          artifacts: { kind: 'sql', sql: 'SELECT * FROM artefacts', tables: [] },
          members: { kind: 'sql', sql: 'SELECT 1 AS member_count, 2 AS extra', tables: [] },
        },
      };
      const tenant = await session((connection) => checkTenantMapping(connection, wrong, 'novantra'));
      expect(tenant).toMatchObject([
        {
          dataset: 'key_versions',
          result: {
            status: 'does-not-fit',
            problems: [
              { column: 'key_ref', problem: 'is missing' },
              { column: 'created_at', problem: 'has type date', hint: 'cast it to timestamp with time zone' },
            ],
          },
        },
        { dataset: 'audit_head', result: { status: 'absent' } },
        { dataset: 'artifacts', result: { status: 'blind', error: { reason: 'malformed' } } },
        { dataset: 'members', result: { status: 'fits', unusedColumns: ['extra'] } },
      ]);
    });
  });
}
