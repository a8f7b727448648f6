import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianPostgresUnavailable, startDebianPostgres } from '../services/postgres-debian.ts';
import { startEmbeddedPostgres } from '../services/postgres-embedded.ts';
import type { PostgresServer } from '../services/postgres-server.ts';

export const ROLE = 'recoverage_ro';
const INSTALL_DATABASE = 'novantra';
const TEMPLATE = 'tenant_template';
const SCHEMA = fileURLToPath(new URL('../../config/mappings/reference-schema.sql', import.meta.url));
const PARTS = /^-- part: (?:install|tenant)$/m;

/** An install with real tenant databases on a server of its own; disposal stops the server and removes everything. */
export interface TenantInstall extends AsyncDisposable {
  readonly server: PostgresServer;
  /** Names of the tenant databases. */
  readonly databases: readonly string[];
  /** A configuration that asks the databases and nothing else: no locations, no providers. */
  readonly configFile: string;
  readonly serverText: string;
}

/**
 * Makes the databases by copying a template's files, which takes some 7.5 MB of disk each. What is committed need not
 * outlive the machine: fsync is off.
 */
export async function createTenantInstall(
  organizations: number,
  directory: string,
  tell: (done: number) => void,
): Promise<TenantInstall> {
  await using cleanup = new AsyncDisposableStack();
  const settings = {
    log_statement: 'none',
    autovacuum: 'off',
    full_page_writes: 'off',
    max_wal_size: '8GB',
    checkpoint_timeout: '1h',
    shared_buffers: '256MB',
  };
  const start = debianPostgresUnavailable() === null ? startDebianPostgres : startEmbeddedPostgres;
  const server = cleanup.use(await start({ settings }));
  const [, installSchema = '', tenantSchema = ''] = (await readFile(SCHEMA, 'utf8')).split(PARTS);
  await server.query(`CREATE ROLE ${ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE`);
  await server.query(`CREATE DATABASE ${TEMPLATE}`);
  await server.query(`${tenantSchema}; ${TENANT_ROWS}; ${grantsOn('novantra')}`, TEMPLATE);
  await server.query(`CREATE DATABASE ${INSTALL_DATABASE}`);
  await server.query(`${installSchema}; ${installRows(organizations)}; ${grantsOn('novantra')}`, INSTALL_DATABASE);
  const databases = Array.from({ length: organizations }, (_, index) => `tenant_${index + 1}`);
  for (const [index, database] of databases.entries()) {
    await server.query(`CREATE DATABASE ${database} TEMPLATE ${TEMPLATE} STRATEGY FILE_COPY`);
    tell(index + 1);
  }
  // Hint bits and caches of the first readers are not what is measured.
  await server.query('CHECKPOINT');
  const configFile = join(directory, 'recoverage.yaml');
  await writeFile(configFile, configuration(server));
  const [row] = await server.query('SHOW server_version');
  const owned = cleanup.move();
  return {
    server,
    databases,
    configFile,
    serverText: `PostgreSQL ${String(row?.['server_version'])}`,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function grantsOn(schema: string): string {
  return `GRANT USAGE ON SCHEMA ${schema} TO ${ROLE}; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${ROLE}`;
}

const TENANT_ROWS = `
  INSERT INTO novantra.key_versions
    SELECT 'tenant', version, CASE version WHEN 3 THEN 'active' ELSE 'retired' END,
           now() - (4 - version) * interval '90 days', CASE version WHEN 3 THEN NULL ELSE now() - (3 - version) * interval '90 days' END
    FROM generate_series(1, 3) AS version;
  INSERT INTO novantra.audit_log SELECT position, '\\x00', now() FROM generate_series(1, 200) AS position;
  INSERT INTO novantra.artifacts SELECT 'object-' || number, number, NULL, now() - number * interval '1 hour'
    FROM generate_series(1, 200) AS number;
  INSERT INTO novantra.members SELECT 'member-' || number, NULL, now() FROM generate_series(1, 20) AS number;
  ANALYZE`;

function installRows(organizations: number): string {
  return `
    INSERT INTO novantra.install VALUES
      ('install-bench', '4.2.1', 'stable', 'standard', NULL, 'sovereign', now() - interval '1 year', NULL, NULL);
    INSERT INTO novantra.organizations
      SELECT 'org_' || lpad(number::text, 26, '0'), 'tenant-' || number, 'Tenant ' || number, 'active',
             now() - interval '100 days', NULL, NULL, NULL
      FROM generate_series(1, ${organizations}) AS number;
    INSERT INTO novantra.tenant_databases
      SELECT organization_id, NULL, NULL, replace(slug, '-', '_'), 'novantra', created_at FROM novantra.organizations;
    INSERT INTO novantra.backup_plans VALUES
      ('plan-1', 'all', NULL, 'pg_dump', true, '0 2 * * *', 'UTC', 30, NULL, now() - interval '1 year');
    INSERT INTO novantra.keyrings
      SELECT 'keyring-' || organization_id, organization_id, 'vault-1', 'tenant', 3, NULL, false
      FROM novantra.organizations;
    ANALYZE`;
}

function configuration(server: PostgresServer): string {
  return `version: 1
install:
  host: bench
  database:
    name: ${INSTALL_DATABASE}
    host: ${server.host}
    port: ${server.port}
    user: ${ROLE}
    tls: disable
`;
}
