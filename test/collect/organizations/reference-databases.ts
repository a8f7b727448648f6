import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetMapping } from '../../../src/collect/organizations/dataset-source.ts';
import { postgresGrants } from '../../../src/collect/organizations/postgres-grants.ts';
import type { PostgresSettings } from '../../../src/collect/postgres/postgres-settings.ts';
import { loadMapping } from '../../../src/config/mapping.ts';
import type { PostgresServer } from '../../services/postgres-server.ts';

const MAPPINGS = join(import.meta.dirname, '../../../config/mappings');
export const AUDITOR = 'recoverage_ro';
export const INSTALL_DATABASE = 'novantra';

export function referenceMapping(): Promise<DatasetMapping> {
  return loadMapping(join(MAPPINGS, 'reference.yaml'));
}

async function schemaPart(part: 'install' | 'tenant'): Promise<string> {
  const sql = await readFile(join(MAPPINGS, 'reference-schema.sql'), 'utf8');
  const found = sql.split(/^-- part: (\w+)$/m);
  return found[found.indexOf(part) + 1] ?? '';
}

/** Makes the install database and these tenant databases, empty, and the auditing role by the tool's own grants. */
export async function makeReferenceDatabases(
  server: PostgresServer,
  tenantDatabases: readonly string[],
): Promise<void> {
  for (const database of [INSTALL_DATABASE, ...tenantDatabases]) {
    await server.query(`CREATE DATABASE "${database}"`);
    await server.query(await schemaPart(database === INSTALL_DATABASE ? 'install' : 'tenant'), database);
  }
  const mapping = await referenceMapping();
  const script = postgresGrants({ role: AUDITOR, mapping, installDatabase: INSTALL_DATABASE, tenantDatabases });
  let database = 'postgres';
  for (const line of script.split('\n')) {
    const connect = /^\\connect "(.*)"$/.exec(line)?.[1];
    if (connect !== undefined) database = connect;
    else if (line !== '' && !line.startsWith('--')) await server.query(line, database);
  }
}

/** How the auditor reaches a database of the server, which must trust it. */
export function auditorSettings(server: PostgresServer, database: string): PostgresSettings {
  return { host: server.host, port: server.port, database, user: AUDITOR, tls: 'disable' };
}
