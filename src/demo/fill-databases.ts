import type { Client } from 'pg';
import { postgresGrants } from '../collect/organizations/postgres-grants.ts';
import { loadMapping } from '../config/mapping.ts';
import type { DemoPostgres } from './demo-postgres.ts';
import { NAMES, ORGANIZATIONS } from './organizations.ts';
import { REFERENCE_MAPPING } from './reference-schema.ts';
import { SCHEMA, type TableRows } from './table-rows.ts';

/** A database to make: its name, the statements of its schema and its rows. */
export interface DatabaseContents {
  readonly name: string;
  readonly definitions: string;
  readonly rows: TableRows;
}

/** Makes the databases with their rows, and the audit's role with exactly the rights that `recoverage permissions` prints. */
export async function fillDatabases(
  server: DemoPostgres,
  databases: readonly DatabaseContents[],
  auditorPassword: string,
  signal: AbortSignal,
): Promise<void> {
  await server.inDatabase('postgres', async (client) => {
    for (const { name } of databases) {
      signal.throwIfAborted();
      await client.query(`CREATE DATABASE ${name}`);
    }
  });
  const grants = await grantsByDatabase();
  await server.inDatabase('postgres', async (client) => {
    for (const statement of grants.get('postgres') ?? []) await client.query(statement);
    await client.query(`ALTER ROLE ${NAMES.auditor} PASSWORD ${client.escapeLiteral(auditorPassword)}`);
  });
  for (const { name, definitions, rows } of databases) {
    await server.inDatabase(name, async (client) => {
      await client.query('BEGIN');
      await client.query(definitions);
      await insert(client, rows);
      for (const statement of grants.get(name) ?? []) await client.query(statement);
      await client.query('COMMIT');
    });
  }
}

/** Statements of the grants script by the database it connects to; `postgres` before the first. */
async function grantsByDatabase(): Promise<ReadonlyMap<string, readonly string[]>> {
  const script = postgresGrants({
    role: NAMES.auditor,
    mapping: await loadMapping(REFERENCE_MAPPING),
    installDatabase: NAMES.installDatabase,
    tenantDatabases: ORGANIZATIONS.map((one) => one.database),
  });
  const statements = new Map<string, string[]>();
  let database = 'postgres';
  for (const line of script.split('\n')) {
    const connect = /^\\connect "(.*)"$/.exec(line)?.[1];
    if (connect !== undefined) database = connect;
    else if (line !== '' && !line.startsWith('--'))
      statements.set(database, [...(statements.get(database) ?? []), line]);
  }
  return statements;
}

/** json_populate_recordset reads each column by its own type, arrays and bytes included. */
export async function insert(client: Client, rows: TableRows): Promise<void> {
  for (const [table, content] of Object.entries(rows)) {
    if (content.length === 0) continue;
    const name = `${SCHEMA}.${table}`;
    await client.query(`INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, $1)`, [
      JSON.stringify(content),
    ]);
  }
}
