import { z } from 'zod';
import type { Answer } from '../postgres/read-each.ts';
import { catalogueStatement } from '../postgres/statement.ts';
import * as is from './column-values.ts';
import { onlyRow } from './server-facts.ts';

/** What the auditing role may do in the current database, by itself or by SET ROLE. */
export interface RoleRights {
  readonly role: string;
  readonly canWrite: boolean;
  /** The first right to write that was found, or that there is none; in lower case, without a final period. */
  readonly because: string;
  readonly superuser: boolean;
  readonly createDatabase: boolean;
  readonly createRole: boolean;
  readonly replication: boolean;
  /** Reads past row-level security; no right to write. */
  readonly bypassRowSecurity: boolean;
  /** Other roles of which it is a member, directly or not, pg_database_owner among them where it owns the database. */
  readonly memberships: number;
  /** Predefined roles that change data or act on the server, of which the role is a member. */
  readonly actingRoles: readonly string[];
  /** Tables, views and sequences it may write, and the first of them by name. */
  readonly writableRelations: number;
  readonly writableExample: string | null;
  /** Schemas it may create objects in. */
  readonly createInSchemas: readonly string[];
  readonly createInDatabase: boolean;
}

/** Predefined roles: PostgreSQL documentation, "Predefined Roles". Membership counts even without INHERIT, because of SET ROLE. */
export const ROLE_RIGHTS = catalogueStatement(
  'role rights',
  `WITH usable AS (
     SELECT r.oid, r.rolname
     FROM pg_catalog.pg_roles AS r
     WHERE pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER')
   ), own AS (
     SELECT oid, nspname FROM pg_catalog.pg_namespace
     WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
   ), writable AS (
     SELECT own.nspname || '.' || c.relname AS relation
     FROM pg_catalog.pg_class AS c JOIN own ON own.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'f', 'S')
       AND EXISTS (
         SELECT 1 FROM usable AS u
         WHERE CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(u.oid, c.oid, 'USAGE, UPDATE')
                    ELSE pg_catalog.has_table_privilege(u.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                      OR pg_catalog.has_any_column_privilege(u.oid, c.oid, 'INSERT, UPDATE') END)
   )
   SELECT me.rolname AS role,
          me.rolsuper AS superuser,
          me.rolcreatedb AS create_database,
          me.rolcreaterole AS create_role,
          me.rolreplication AS replication,
          me.rolbypassrls AS bypass_row_security,
          (SELECT count(*) FROM usable AS u WHERE u.rolname <> current_user) AS memberships,
          ARRAY(SELECT u.rolname::text FROM usable AS u
                WHERE u.rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program',
                                    'pg_signal_backend', 'pg_maintain', 'pg_create_subscription', 'pg_checkpoint')
                ORDER BY 1) AS acting_roles,
          (SELECT count(*) FROM writable) AS writable_relations,
          (SELECT min(relation COLLATE "C") FROM writable) AS writable_example,
          ARRAY(SELECT own.nspname::text FROM own
                WHERE EXISTS (SELECT 1 FROM usable AS u WHERE pg_catalog.has_schema_privilege(u.oid, own.oid, 'CREATE'))
                ORDER BY 1) AS create_in_schemas,
          EXISTS (SELECT 1 FROM usable AS u
                  WHERE pg_catalog.has_database_privilege(u.oid, pg_catalog.current_database(), 'CREATE')) AS create_in_database
   FROM pg_catalog.pg_roles AS me
   WHERE me.rolname = current_user`,
);

const rightsRow = z.object({
  role: z.string(),
  superuser: is.boolean.schema,
  create_database: is.boolean.schema,
  create_role: is.boolean.schema,
  replication: is.boolean.schema,
  bypass_row_security: is.boolean.schema,
  memberships: is.count.schema,
  acting_roles: is.list.schema,
  writable_relations: is.count.schema,
  writable_example: z.string().nullable(),
  create_in_schemas: is.list.schema,
  create_in_database: is.boolean.schema,
});
type RightsRow = z.output<typeof rightsRow>;

/** @throws SourceError when the server did not tell */
export function readRoleRights(answer: Answer): RoleRights {
  if (!answer.ok) throw answer.error;
  const row = onlyRow(answer.rows, rightsRow, 'the rights of the role');
  const found = rightToWrite(row);
  return {
    role: row.role,
    canWrite: found !== null,
    because: becauseOf(row.role, found),
    superuser: row.superuser,
    createDatabase: row.create_database,
    createRole: row.create_role,
    replication: row.replication,
    bypassRowSecurity: row.bypass_row_security,
    memberships: row.memberships,
    actingRoles: row.acting_roles,
    writableRelations: row.writable_relations,
    writableExample: row.writable_example,
    createInSchemas: row.create_in_schemas,
    createInDatabase: row.create_in_database,
  };
}

/** The rights, in a database where nothing may be written, of a role that has none on the server either. */
export function withoutRightToWrite(onServer: RoleRights): RoleRights {
  return {
    ...onServer,
    canWrite: false,
    because: becauseOf(onServer.role, null),
    writableRelations: 0,
    writableExample: null,
    createInSchemas: [],
    createInDatabase: false,
  };
}

function becauseOf(role: string, right: string | null): string {
  return `role ${role} ${right ?? 'may write no table, sequence, schema or database here'}`;
}

function rightToWrite(row: RightsRow): string | null {
  const [actingRole] = row.acting_roles;
  const [schema] = row.create_in_schemas;
  if (row.superuser) return 'is a superuser';
  if (row.create_role) return 'may create roles';
  if (row.create_database) return 'may create databases';
  if (row.replication) return 'may replicate, which includes creating replication slots';
  if (actingRole !== undefined) return `is a member of ${actingRole}`;
  if (row.writable_example !== null) {
    return `may write ${row.writable_example}, and ${row.writable_relations} tables, views and sequences in all`;
  }
  if (schema !== undefined) return `may create objects in schema ${schema}`;
  return row.create_in_database ? 'may create schemas in this database' : null;
}
