import { SourceError } from '../../model/source-error.ts';
import { MissingTableError } from './postgres-errors.ts';
import { unusableSchema } from './postgres-object-errors.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import type { ReadOnlyTransaction } from './read-only-transaction.ts';
import { catalogueStatement } from './statement.ts';

/** More tables than this in schemas that are closed to the role are not looked through. */
const MAX_TABLES = 10_000;

const CLOSED = catalogueStatement(
  'closed schemas',
  `SELECT n.nspname AS schema, c.relname AS name
   FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
     AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
   ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
   LIMIT ${MAX_TABLES}`,
);

/**
 * Tells a table that is not there from one that the role cannot see: a schema without USAGE is left out of the search
 * path without a word, and an unqualified name in it "does not exist" (PostgreSQL documentation, "Schemas", section
 * "The Schema Search Path"). Any other error comes back as it is.
 *
 * @param schema the schema in which unqualified names were looked up; null: the role's own search path
 */
export async function explainMissingTable(
  transaction: ReadOnlyTransaction,
  settings: PostgresSettings,
  error: SourceError,
  schema: string | null,
): Promise<SourceError> {
  if (!(error instanceof MissingTableError)) return error;
  const { table, tables } = error;
  const named = tables
    .find(
      (one) =>
        one
          .replace(/ ?\(.*$/, '')
          .split('.')
          .at(-1) === table,
    )
    ?.split('.')[0];
  const expected = schema ?? (named === table ? undefined : named);
  const holding = (await closedTables(transaction))
    .filter(([, name]) => name === table)
    .map(([holder]) => holder)
    .filter((holder) => expected === undefined || holder === expected);
  const [holder] = holding;
  if (holder === undefined || holding.length > 1) return error;
  const { reason, what, remedy } = unusableSchema(holder, settings);
  return new SourceError(reason, `${error.where}: ${what}, which holds table ${table}`, remedy);
}

async function closedTables(transaction: ReadOnlyTransaction): Promise<readonly (readonly [string, string])[]> {
  try {
    const { rows } = await transaction.attempt(() => transaction.read(CLOSED));
    return rows.map(([schema, name]) => [schema ?? '', name ?? ''] as const);
  } catch (error) {
    // What the first error says stands; a session that is gone shows at the next statement.
    if (error instanceof SourceError) return [];
    throw error;
  }
}
