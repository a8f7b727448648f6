import { z } from 'zod';
import type { RowSet } from '../postgres/read-only-transaction.ts';
import { catalogueStatement } from '../postgres/statement.ts';
import * as is from './column-values.ts';
import { rowRecords } from './dataset-rows.ts';

/** A user table. Kind as in pg_class.relkind: r ordinary, p partitioned. */
export interface CatalogueTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'r' | 'p';
}

/** Objects below it were made by initdb (PostgreSQL source, access/transam.h, FirstNormalObjectId). */
export const FIRST_NORMAL_OID = 16_384;

/**
 * Without temporary tables and those of extensions, which a dump does not hold either. Schemas and extensions are looked
 * up table by table, by their index: a join is dearer to plan, and would read all of pg_depend for a handful of tables.
 */
export const TABLES = catalogueStatement(
  'tables',
  `SELECT c.oid AS oid,
          (SELECT n.nspname FROM pg_catalog.pg_namespace AS n WHERE n.oid = c.relnamespace) AS schema,
          c.relname AS name,
          c.relkind AS kind
   FROM pg_catalog.pg_class AS c
   WHERE c.oid >= ${FIRST_NORMAL_OID} AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
     AND (SELECT true FROM pg_catalog.pg_depend AS d
          WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
          LIMIT 1) IS NULL`,
);

const tableRow = z.object({
  oid: is.count.schema,
  schema: z.string(),
  name: z.string(),
  kind: z.enum(['r', 'p']),
});

/** The tables in the order of their schemas and names. System schemas can hold own ones where allow_system_table_mods is on. */
export function tableRows(rows: RowSet): readonly CatalogueTable[] {
  const tables = z.array(tableRow).parse(rowRecords(rows));
  return tables
    .filter(({ schema }) => schema !== 'information_schema' && !schema.startsWith('pg_'))
    .sort((a, b) => compareText(a.schema, b.schema) || compareText(a.name, b.name));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
