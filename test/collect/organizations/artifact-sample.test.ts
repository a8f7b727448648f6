import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  drawArtifacts,
  estimatedRows,
  sampleDraws,
  stillListed,
} from '../../../src/collect/organizations/artifact-sample.ts';
import type { DatasetMapping } from '../../../src/collect/organizations/dataset-source.ts';
import { readTenantDatabase } from '../../../src/collect/organizations/tenant-database.ts';
import { openReadOnly, type ReadOnlyConnection } from '../../../src/collect/postgres/read-only-connection.ts';
import type { ReadOnlyStatement } from '../../../src/collect/postgres/statement.ts';
import { parseMapping } from '../../../src/config/mapping.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { debianPostgresUnavailable, startDebianPostgres } from '../../services/postgres-debian.ts';
import { embeddedPostgresUnavailable, startEmbeddedPostgres } from '../../services/postgres-embedded.ts';
import type { PostgresServer } from '../../services/postgres-server.ts';
import { AUDITOR, auditorSettings, makeReferenceDatabases, referenceMapping } from './reference-databases.ts';

const SMALL = 'tenant_small';
const LARGE = 'tenant_large';
const ROWS = 250_000;
const never = new AbortController().signal;
const BEFORE = '2026-11-20T00:00:00.000Z';

const servers = [
  { title: 'PostgreSQL 15', reason: debianPostgresUnavailable(), start: startDebianPostgres },
  { title: 'PostgreSQL 18', reason: embeddedPostgresUnavailable(), start: startEmbeddedPostgres },
] as const;

for (const { title, reason, start } of servers) {
  describe.skipIf(reason)(`artifact rows drawn on ${title}`, () => {
    let server: PostgresServer;
    let mapping: DatasetMapping;

    beforeAll(async () => {
      server = await start();
      await makeReferenceDatabases(server, [SMALL, LARGE]);
      mapping = await referenceMapping();
      const rows = (count: number) =>
        `INSERT INTO novantra.artifacts SELECT 'k/' || s, s, NULL, timestamptz '2026-11-01Z' + s * interval '1 second' FROM generate_series(1, ${count}) AS s`;
      await server.query(rows(200), SMALL);
      await server.query(
        `INSERT INTO novantra.artifacts VALUES ('young', 1, NULL, '2026-11-21Z'), ('tmp/one', 1, NULL, '2026-11-01Z')`,
        SMALL,
      );
      await server.query(rows(ROWS), LARGE);
      await server.query(
        `CREATE VIEW novantra.listed AS SELECT * FROM novantra.artifacts; GRANT SELECT ON novantra.listed TO ${AUDITOR}`,
        LARGE,
      );
    });

    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
    });

    async function draw(database: string, seed: number, used = mapping, rows = 59) {
      const connection = await openReadOnly(auditorSettings(server, database), never);
      try {
        const reading = await readTenantDatabase(connection, used, {
          schemaName: 'novantra',
          instants: [],
          prefixes: [{ prefix: 'acme/tmp/', beginnings: ['acme/tmp/', 'tmp/'] }],
          sample: { rows, seed, before: BEFORE },
          withObjects: false,
          withSize: false,
          catalogue: null,
        });
        const sample = reading.artifactSample;
        if (sample?.status !== 'read') throw new Error(`the sample is ${sample?.status}`);
        const [drawn] = sample.rows;
        if (drawn === undefined) throw new Error('there is no sample');
        return { ...drawn, keys: drawn.rows.map(({ objectKey }) => objectKey), counts: reading.artifactCounts };
      } finally {
        await connection.close();
      }
    }

    it('are the same for the same seed, others for another, and none of the young', async () => {
      const one = await draw(SMALL, 7);
      expect(one.keys).toHaveLength(59);
      expect(new Set(one.keys).size).toBe(59);
      expect((await draw(SMALL, 7)).keys).toEqual(one.keys);
      expect((await draw(SMALL, 8)).keys).not.toEqual(one.keys);
      expect(one.method).toBe('drawn from all rows by a hash');
      const all = await draw(SMALL, 7, mapping, 1000);
      expect(all.keys).toHaveLength(201);
      expect(all.keys).not.toContain('young');
    });

    it('are counted below prefixes in the round trip that counts all', async () => {
      const before = (await server.statements(AUDITOR)).length;
      const { counts } = await draw(SMALL, 7);
      expect((await server.statements(AUDITOR)).length - before).toBe(2);
      expect(counts).toMatchObject({ rows: [{ total: 202, below: [{ prefix: 'acme/tmp/', count: 1 }] }] });
    });

    it('are asked for again by their keys, whatever characters those have', async () => {
      const connection = await openReadOnly(auditorSettings(server, SMALL), never);
      const keys = ["it's", 'k/1', 'a\\b', 'k/999', 'line\nfeed'];
      await server.query(
        `INSERT INTO novantra.artifacts VALUES ('a\\b', 1, NULL, '2026-11-21Z') ON CONFLICT DO NOTHING`,
        SMALL,
      );
      const listed = await stillListed(connection, mapping, keys, 'novantra').finally(() => connection.close());
      expect([...listed].toSorted()).toEqual(['a\\b', 'k/1', 'line\nfeed']);
      await server.query(`DELETE FROM novantra.artifacts WHERE object_key = 'a\\b'`, SMALL);
    });

    it('of a large table lie in some of its blocks', async () => {
      const one = await draw(LARGE, 7);
      expect(one.method).toBe("drawn by a hash from 40 % of the table's blocks");
      expect(one.keys).toHaveLength(59);
      expect((await draw(LARGE, 7)).keys).toEqual(one.keys);
      expect((await draw(LARGE, 9)).keys).not.toEqual(one.keys);
      // From everywhere in the table, not from its beginning.
      const numbers = one.keys.map((key) => Number(key.slice(2)));
      expect(Math.min(...numbers)).toBeLessThan(ROWS / 4);
      expect(Math.max(...numbers)).toBeGreaterThan((ROWS * 3) / 4);
      const sent = JSON.stringify(await server.statements(AUDITOR));
      expect(sent).toContain('TABLESAMPLE SYSTEM (40.000000) REPEATABLE (9)');
    });

    it('of a table whose rows take too long to count are drawn by the statistics of the server', async () => {
      await server.query('ANALYZE novantra.artifacts', LARGE);
      const settings = auditorSettings(server, LARGE);
      const connection = await openReadOnly(settings, never);
      expect(await estimatedRows(connection, mapping, 'novantra')).toBe(ROWS);
      expect(await estimatedRows(connection, mapping, null)).toBe(ROWS);
      const none = { ...mapping, tenant: { ...mapping.tenant, artifacts: { kind: 'absent' as const } } };
      expect(await estimatedRows(connection, none, 'novantra')).toBeNull();
      const question = { rows: 59, seed: 7, before: BEFORE };
      const drawn = await drawArtifacts(connection, sampleDraws(mapping, question, ROWS), question, 'novantra', ROWS);
      expect(drawn).toMatchObject({ estimate: ROWS, method: expect.stringContaining("% of the table's blocks") });
      expect(drawn.rows).toHaveLength(59);
      await connection.close();
      // What takes too long to count is not said to be empty.
      const endless = `SELECT object_key, created_at FROM artifacts WHERE (SELECT sum(length(md5(s::text))) FROM generate_series(1, 1000000000) AS s) > 0`;
      const artifacts = { kind: 'sql' as const, sql: endless, tables: ['novantra.artifacts'] };
      const impatient = await openReadOnly({ ...settings, statementTimeoutMillis: 1500 }, never);
      const reading = await readTenantDatabase(
        impatient,
        { ...mapping, tenant: { ...mapping.tenant, artifacts } },
        {
          schemaName: 'novantra',
          instants: [],
          sample: question,
          withObjects: false,
          withSize: false,
          catalogue: null,
        },
      ).finally(() => impatient.close());
      expect(reading.artifactCounts).toMatchObject({ status: 'blind', error: { reason: 'timeout' } });
      expect(reading.artifactSample).toMatchObject({ status: 'blind', error: { reason: 'timeout' } });
    });

    it('of a hundred million rows that take too long to count come out of few blocks, and no other draw is sent', async () => {
      const connection = await openReadOnly(auditorSettings(server, LARGE), never);
      const sent: string[] = [];
      const reading = await readTenantDatabase(ofHundredMillion(connection, sent), mapping, {
        schemaName: 'novantra',
        instants: [],
        // 0.1 % of the blocks of this table, which is 400 times smaller: some seeds would draw none of them.
        sample: { rows: 59, seed: 4, before: BEFORE },
        withObjects: false,
        withSize: false,
        catalogue: null,
      }).finally(() => connection.close());
      expect(reading.artifactCounts).toMatchObject({ status: 'blind', error: { reason: 'timeout' } });
      const { artifactSample } = reading;
      if (artifactSample?.status !== 'read') throw new Error(`the sample is ${artifactSample?.status}`);
      const [drawn] = artifactSample.rows;
      expect(drawn).toMatchObject({
        estimate: 100_000_000,
        method: "drawn by a hash from 0.10 % of the table's blocks",
      });
      expect(drawn?.rows).toHaveLength(59);
      const draws = sent.filter((sql) => sql.includes('hashtextextended'));
      expect(draws).toHaveLength(1);
      expect(draws[0]).toContain('TABLESAMPLE SYSTEM (0.100000) REPEATABLE (4)');
      expect(draws[0]).toMatch(/LIMIT 59\b/);
    });

    it('of a view, which has no blocks, are drawn from all rows', async () => {
      const yaml = JSON.stringify({
        version: 1,
        name: 'views',
        install: Object.fromEntries(Object.keys(mapping.install).map((name) => [name, { sql: 'SELECT 1' }])),
        tenant: {
          ...Object.fromEntries(Object.keys(mapping.tenant).map((name) => [name, { absent: true }])),
          artifacts: { sql: 'SELECT object_key, created_at FROM listed' },
        },
      });
      const one = await draw(LARGE, 7, parseMapping('views.yaml', yaml));
      expect(one.method).toBe('drawn from all rows by a hash');
      expect(one.rows[0]).toMatchObject({ bytes: null, sha256: null });
      expect(one.keys).toHaveLength(59);
    });
  });
}

/** A server whose table has a hundred million rows by its statistics, and which gives up counting them. */
function ofHundredMillion(connection: ReadOnlyConnection, sent: string[]): ReadOnlyConnection {
  const refuseToCount = ({ id, sql }: ReadOnlyStatement): void => {
    sent.push(sql);
    if (id !== 'artifacts') return;
    throw new SourceError('timeout', 'the statement took too long', 'Give it more time.');
  };
  return {
    ...connection,
    async readTogether(statements, options) {
      statements.forEach(refuseToCount);
      const answers = await connection.readTogether(statements, options);
      return answers.map((answer, index) =>
        statements[index]?.id === 'artifacts, estimated' ? { ...answer, rows: [['100000000']] } : answer,
      );
    },
    transaction: (work, options) =>
      connection.transaction(
        (transaction) =>
          work({
            ...transaction,
            async read(statement) {
              refuseToCount(statement);
              return await transaction.read(statement);
            },
          }),
        options,
      ),
  };
}
