import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readInstallDatabase } from '../../../src/collect/organizations/install-database.ts';
import { mergeByOrganization } from '../../../src/collect/organizations/merge-by-organization.ts';
import { openReadOnly } from '../../../src/collect/postgres/read-only-connection.ts';
import { embeddedPostgresUnavailable, startEmbeddedPostgres } from '../../services/postgres-embedded.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { auditorSettings, INSTALL_DATABASE, makeReferenceDatabases, referenceMapping } from './reference-databases.ts';

const ORGANIZATIONS = 100_000;
/** Two bytes each in memory: the names alone would be 120 MB, the rows as objects more than 200 MB. */
const NAME_CHARACTERS = 600;
const LIMIT_BYTES = 40 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What stays in use at the worst of the moments looked at; garbage is collected first, so that only live data counts. */
async function peakOfLiveBytes(work: () => Promise<void>): Promise<number> {
  const used = () => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, used());
  }, 500);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peak - before;
}

describe.skipIf(embeddedPostgresUnavailable())('an install with 100,000 organizations', () => {
  it('is read and merged to the last one in bounded memory', async () => {
    await using server = await startEmbeddedPostgres({ settings: { log_statement: 'none', autovacuum: 'off' } });
    await makeReferenceDatabases(server, ['tenant']);
    await server.query(
      `INSERT INTO novantra.organizations (organization_id, slug, name, state, created_at)
         SELECT CASE s % 2 WHEN 0 THEN 'org_' ELSE 'ORG_' END || md5(s::text), 's' || s, repeat('界', ${NAME_CHARACTERS}), 'active', now()
         FROM generate_series(1, ${ORGANIZATIONS}) AS s;
       INSERT INTO novantra.tenant_databases (organization_id, database_name) SELECT organization_id, 'd_' || slug FROM novantra.organizations`,
      INSTALL_DATABASE,
    );
    using scratch = scratchDirectory('large');
    const signal = new AbortController().signal;
    let walked = 0;
    let paired = 0;
    const mapping = await referenceMapping();
    const growth = await peakOfLiveBytes(async () => {
      const connection = await openReadOnly(auditorSettings(server, INSTALL_DATABASE), signal);
      const { datasets, organizationCount } = await readInstallDatabase(connection, mapping, scratch.path, signal);
      await connection.close();
      const { organizations, tenant_databases: databases } = datasets;
      if (organizations.status !== 'read' || databases.status !== 'read') throw new Error('not read');
      expect([organizationCount, organizations.rows, databases.rows]).toEqual([
        ORGANIZATIONS,
        ORGANIZATIONS,
        ORGANIZATIONS,
      ]);
      const outside = () => {
        throw new Error('no row lies outside the organizations');
      };
      for await (const entry of mergeByOrganization(
        { organizations: organizations.file, owned: { tenant_databases: databases.file } },
        { unowned: outside, orphan: outside },
      )) {
        walked += 1;
        if (entry.rows.tenant_databases[0]?.databaseName === `d_${entry.organization?.slug}`) paired += 1;
      }
    });
    expect([walked, paired]).toEqual([ORGANIZATIONS, ORGANIZATIONS]);
    expect(growth).toBeLessThan(LIMIT_BYTES);
  }, 180_000);
});
