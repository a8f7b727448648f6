import { quoteIdentifier } from '../postgres/statement.ts';
import type { DatasetMapping, DatasetSource } from './dataset-source.ts';
import { connectCommand, scriptCanName } from './psql-connect.ts';

export interface GrantsQuestion {
  readonly role: string;
  readonly mapping: DatasetMapping;
  readonly installDatabase: string;
  /** Tenant databases to write grants for; where there is none, one section is written as a comment, with a placeholder. */
  readonly tenantDatabases: readonly string[];
  /** Whether it is for reading wrapped samples, too. Default: no. */
  readonly prove?: boolean;
}

/**
 * A psql script that makes a role with exactly the rights that the mapping needs: LOGIN, CONNECT, USAGE on schemas and
 * SELECT on the tables (or columns) that the mapping names. Setting the role read-only is a second bolt, which the role
 * could open itself; the missing rights are the first. Dataset statements without `tables` are named in a comment.
 * @throws RangeError where the name of the role or of a database is none that a script can hold, see {@link scriptCanName}
 */
export function postgresGrants({
  role,
  mapping,
  installDatabase,
  tenantDatabases,
  prove = false,
}: GrantsQuestion): string {
  const install = prove ? { ...mapping.install, wrapped_samples: mapping.samples.install } : mapping.install;
  const tenant = prove ? { ...mapping.tenant, wrapped_samples: mapping.samples.tenant } : mapping.tenant;
  if (!scriptCanName(role)) throw new RangeError('not a role that a psql script can name');
  const name = quoteIdentifier(role);
  const lines = [
    `-- Rights of the auditing role for the mapping ${JSON.stringify(mapping.name)}. Run with psql as a superuser.`,
    `CREATE ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;`,
    `ALTER ROLE ${name} SET default_transaction_read_only = on;`,
    `-- Set its password without it being logged: \\password ${name}`,
    ...inDatabase(installDatabase, name, install),
    ...(tenantDatabases.length === 0
      ? asComment('Repeat for every tenant database:', inDatabase('TENANT_DATABASE', name, tenant))
      : tenantDatabases.flatMap((database) => inDatabase(database, name, tenant))),
  ];
  return `${lines.join('\n')}\n`;
}

/** Psql stops at a database that does not exist, and what is before it shall be granted all the same. */
function asComment(title: string, lines: readonly string[]): readonly string[] {
  // A quoted name of the mapping may go over lines, and each of them is to stay in the comment.
  const all = lines.flatMap((line) => line.split(/[\r\n]+/)).filter((line) => line !== '');
  return ['', `-- ${title}`, ...all.map((line) => `-- ${line.replace(/^-- /, '')}`)];
}

function inDatabase(
  database: string,
  role: string,
  sources: Readonly<Record<string, DatasetSource>>,
): readonly string[] {
  const quoted = quoteIdentifier(database);
  const statements = Object.entries(sources).flatMap(([dataset, source]) =>
    source.kind === 'sql' ? [{ dataset, tables: source.tables }] : [],
  );
  const tables = [...new Set(statements.flatMap((statement) => statement.tables))].sort();
  const schemas = [...new Set(tables.map(schemaOf))];
  return [
    '',
    connectCommand(database),
    `GRANT CONNECT ON DATABASE ${quoted} TO ${role};`,
    ...schemas.map((schema) => `GRANT USAGE ON SCHEMA ${schema} TO ${role};`),
    ...tables.map((table) => grantOn(table, role)),
    ...statements
      .filter((statement) => statement.tables.length === 0)
      .map(({ dataset }) => `-- ${dataset}: the mapping does not say which tables it reads; grant SELECT on them.`),
  ];
}

function schemaOf(table: string): string {
  return /^(?:"(?:[^"]|"")+"|[^."]+)/.exec(table)?.[0] ?? table;
}

function grantOn(table: string, role: string): string {
  const [, name = table, columns] = /^(.*?) ?(\([^()]*\))?$/.exec(table) ?? [];
  return `GRANT SELECT${columns === undefined ? '' : ` ${columns}`} ON ${name} TO ${role};`;
}
