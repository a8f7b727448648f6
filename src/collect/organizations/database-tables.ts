import { z } from 'zod';
import type { ReadOnlyConnection } from '../postgres/read-only-connection.ts';
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

/** Without temporary tables and those of extensions, which a dump does not hold either. */
export const TABLES = catalogueStatement(
  'tables',
  `SELECT c.oid AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind
   FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
     AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
     AND NOT EXISTS (
       SELECT 1 FROM pg_catalog.pg_depend AS d
       WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
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

/** The tables of the database that the connection is in. @throws SourceError when the catalogue cannot be read */
export async function readTables(connection: ReadOnlyConnection): Promise<readonly CatalogueTable[]> {
  const [rows] = await connection.readTogether([TABLES]);
  return rows === undefined ? [] : tableRows(rows);
}
