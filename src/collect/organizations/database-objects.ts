import { z } from 'zod';
import { type LiveObjects, OBJECT_KINDS } from '../../model/database-object.ts';
import type { RowSet } from '../postgres/read-only-transaction.ts';
import { catalogueStatement } from '../postgres/statement.ts';
import * as is from './column-values.ts';
import { rowRecords } from './dataset-rows.ts';

/** Object ids below are those of what every new database holds (PostgreSQL source, access/transam.h). */
const FIRST_NORMAL_OID = 16_384;

/** Not a member of an extension, which a dump brings back as a whole. */
const ofNoExtension = (catalogue: string, oid: string) => `NOT EXISTS (
       SELECT 1 FROM pg_catalog.pg_depend AS d
       WHERE d.classid = 'pg_catalog.${catalogue}'::pg_catalog.regclass AND d.objid = ${oid} AND d.deptype = 'e')`;
const OWN_SCHEMA = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

/**
 * What pg_dump would dump besides tables, counted (PostgreSQL source, pg_dump.c, `getFuncs`, `getTypes`, `getPolicies`,
 * `getIndexes`, `getConstraints`, `getTriggers`, `getRules`, `selectDumpableType`). Left out like there: members of
 * extensions and what belongs to tables of such, types and functions that come with another object, what partitions have
 * from their parents as one with them (foreign keys, triggers), and indexes that are not valid. The parent of a trigger has
 * a column from PostgreSQL 13 on. Of large objects only whether there are any, as there may be millions.
 */
export const OBJECTS = catalogueStatement(
  'objects',
  `SELECT o.schema AS schema, o.kind AS kind, count(*) AS count,
     min(o.oid::pg_catalog.int8) AS lowest, max(o.oid::pg_catalog.int8) AS highest
   FROM (
     SELECT n.nspname AS schema, c.oid AS oid, CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view'
       WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END AS kind
     FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.oid >= ${FIRST_NORMAL_OID} AND c.relkind IN ('S', 'v', 'm', 'f') AND c.relpersistence <> 't' AND ${OWN_SCHEMA}
       AND ${ofNoExtension('pg_class', 'c.oid')}
       AND NOT EXISTS (
         SELECT 1 FROM pg_catalog.pg_depend AS o JOIN pg_catalog.pg_depend AS d ON d.objid = o.refobjid
         WHERE c.relkind = 'S' AND o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.objid = c.oid
           AND o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.deptype IN ('a', 'i')
           AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'e')
     UNION ALL
     SELECT n.nspname, p.oid, 'function'
     FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
     WHERE p.oid >= ${FIRST_NORMAL_OID} AND ${OWN_SCHEMA} AND ${ofNoExtension('pg_proc', 'p.oid')}
       AND NOT EXISTS (
         SELECT 1 FROM pg_catalog.pg_depend AS d
         WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'i')
     UNION ALL
     SELECT n.nspname, t.oid, 'type'
     FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
       LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
     WHERE t.oid >= ${FIRST_NORMAL_OID} AND (t.typtype IN ('d', 'e', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))
       AND ${OWN_SCHEMA} AND ${ofNoExtension('pg_type', 't.oid')}
     UNION ALL
     SELECT n.nspname, p.oid, 'policy'
     FROM pg_catalog.pg_policy AS p JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE ${OWN_SCHEMA} AND ${ofNoExtension('pg_class', 'c.oid')}
     UNION ALL
     SELECT n.nspname, x.oid, x.kind
     FROM (
       SELECT t.conrelid AS table_oid, t.oid AS oid, CASE t.contype WHEN 'f' THEN 'foreign key' ELSE 'constraint' END AS kind
       FROM pg_catalog.pg_constraint AS t
       WHERE t.contype IN ('p', 'u', 'x') OR (t.contype = 'f' AND t.conparentid = 0)
       UNION ALL
       SELECT i.indrelid, i.indexrelid, 'index'
       FROM pg_catalog.pg_index AS i
       WHERE i.indisready AND (i.indisvalid OR EXISTS (
           SELECT 1 FROM pg_catalog.pg_class AS c WHERE c.oid = i.indrelid AND c.relkind = 'p'))
         AND NOT EXISTS (
           SELECT 1 FROM pg_catalog.pg_constraint AS t WHERE t.conindid = i.indexrelid AND t.contype IN ('p', 'u', 'x'))
       UNION ALL
       SELECT t.tgrelid, t.oid, 'trigger'
       FROM pg_catalog.pg_trigger AS t
       WHERE NOT t.tgisinternal AND COALESCE(pg_catalog.to_jsonb(t) ->> 'tgparentid', '0') = '0'
       UNION ALL
       SELECT r.ev_class, r.oid, 'rule' FROM pg_catalog.pg_rewrite AS r WHERE r.rulename <> '_RETURN'
     ) AS x JOIN pg_catalog.pg_class AS c ON c.oid = x.table_oid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.oid >= ${FIRST_NORMAL_OID} AND c.relpersistence <> 't' AND ${OWN_SCHEMA}
       AND ${ofNoExtension('pg_class', 'c.oid')}
     UNION ALL
     SELECT '', e.oid, 'extension' FROM pg_catalog.pg_extension AS e WHERE e.oid >= ${FIRST_NORMAL_OID}
     UNION ALL
     (SELECT '', l.oid, 'large object' FROM pg_catalog.pg_largeobject_metadata AS l ORDER BY l.oid LIMIT 1)
   ) AS o
   GROUP BY o.schema, o.kind
   ORDER BY o.schema COLLATE "C", o.kind COLLATE "C"`,
);

const objectsRow = z.object({
  schema: z.string(),
  kind: z.enum(OBJECT_KINDS),
  count: is.count.schema,
  lowest: is.count.schema,
  highest: is.count.schema,
});

export function objectRows(rows: RowSet): readonly LiveObjects[] {
  return z
    .array(objectsRow)
    .parse(rowRecords(rows))
    .map(({ lowest, highest, ...counted }) => ({ ...counted, lowestOid: lowest, highestOid: highest }));
}
