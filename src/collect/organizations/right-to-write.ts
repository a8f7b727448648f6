import { z } from 'zod';
import type { Answer } from '../postgres/read-each.ts';
import { catalogueStatement } from '../postgres/statement.ts';
import * as is from './column-values.ts';
import { FIRST_NORMAL_OID } from './database-tables.ts';
import type { RoleRights } from './role-rights.ts';
import { onlyRow } from './server-facts.ts';

/**
 * Whether a role that {@link standsAlone} has any right to write in the current database. Several times cheaper than the
 * full question in a new session, which has to read every catalogue that it touches: no view, and privileges are looked
 * up only where something was granted or is owned. A relation or column without an ACL gives rights to its owner alone
 * (PostgreSQL documentation, "Privileges"). True may also stand for a right in a system schema, which does not count: it
 * says that the full question has to be asked. Relations of initdb are left out by their object id, so that the columns
 * of the catalogues, which are most of pg_attribute, are not read at all.
 */
export const RIGHT_TO_WRITE = catalogueStatement(
  'right to write',
  `SELECT pg_catalog.pg_has_role('pg_database_owner', 'MEMBER')
       OR pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
       OR EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE pg_catalog.has_schema_privilege(n.oid, 'CREATE'))
       OR EXISTS (
         SELECT FROM pg_catalog.pg_class AS c
         WHERE c.oid >= ${FIRST_NORMAL_OID} AND c.relkind IN ('r', 'p', 'v', 'f', 'S')
           AND (c.relacl IS NOT NULL OR pg_catalog.pg_has_role(c.relowner, 'MEMBER'))
           AND CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'USAGE, UPDATE')
                    ELSE pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') END)
       OR EXISTS (
         SELECT FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid >= ${FIRST_NORMAL_OID} AND a.attacl IS NOT NULL AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'INSERT, UPDATE'))
       AS may_write`,
);

/**
 * True for a role whose rights in a database are those granted to itself, to PUBLIC or to it as an owner: it is a member
 * of no other role and has no attribute that gives a right to write. Attributes and memberships are the server's, the
 * same in every database.
 */
export function standsAlone(rights: RoleRights): boolean {
  const { superuser, createRole, createDatabase, replication, memberships } = rights;
  return !superuser && !createRole && !createDatabase && !replication && memberships === 0;
}

const rightRow = z.object({ may_write: is.boolean.schema });

/** False only where the server said that there is no right to write. */
export function mayWrite(answer: Answer): boolean {
  return !answer.ok || onlyRow(answer.rows, rightRow, 'the rights of the role').may_write;
}
