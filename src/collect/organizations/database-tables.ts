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

/**
 * Without temporary tables and those of extensions, which a dump does not hold either. The namespace 11 is pg_catalog.
 * Extensions are looked up table by table, by the index: a join would read all of pg_depend for a handful of tables.
 */
export const TABLES = catalogueStatement(
  'tables',
  `SELECT c.oid AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind
   FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.relnamespace <> 11
     AND n.nspname <> 'information_schema' AND pg_catalog.left(n.nspname::text, 3) <> 'pg_'
     AND (SELECT true FROM pg_catalog.pg_depend AS d
          WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
          LIMIT 1) IS NULL
   ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`,
);

const tableRow = z.object({
  oid: is.count.schema,
  schema: z.string(),
  name: z.string(),
  kind: z.enum(['r', 'p']),
});

export function tableRows(rows: RowSet): readonly CatalogueTable[] {
  return z.array(tableRow).parse(rowRecords(rows));
}
