import type { QueryArrayResult } from 'pg';
import { assertAdmitted, quoteIdentifier, type ReadOnlyStatement } from './statement.ts';

/** Rows as PostgreSQL writes them in text format; null is SQL NULL. `typeOid`: pg_type.oid. */
export interface RowSet {
  readonly columns: readonly { readonly name: string; readonly typeOid: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface LookupOptions {
  /** Schema in which unqualified names of the statements are looked up, after pg_catalog. */
  readonly schema?: string | null | undefined;
}

/** A REPEATABLE READ, READ ONLY transaction: everything in it is as of one moment. */
export interface ReadOnlyTransaction {
  readonly read: (statement: ReadOnlyStatement) => Promise<RowSet>;
  /** The rows through a cursor, `pageRows` at a time, so that memory stays bounded. At most one at a time. */
  readonly pages: (statement: ReadOnlyStatement, pageRows?: number) => AsyncGenerator<RowSet>;
  /** Runs `work` behind a savepoint: a statement that fails in it leaves the transaction usable. Not to be nested. */
  readonly attempt: <T>(work: () => Promise<T>) => Promise<T>;
}

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
const DEFAULT_PAGE_ROWS = 1000;

/** One round trip to the server, and whether it can still be reached. */
export interface Session {
  readonly send: (sql: string, statement?: ReadOnlyStatement) => Promise<readonly QueryArrayResult[]>;
  readonly isUsable: () => boolean;
}

/** Several statements in one message, as of one moment. */
export async function readTogether(
  session: Session,
  statements: readonly ReadOnlyStatement[],
  options: LookupOptions = {},
): Promise<readonly RowSet[]> {
  statements.forEach(assertAdmitted);
  const schema = options.schema ?? null;
  const prologue =
    schema === null ? [BEGIN] : [BEGIN, `SET LOCAL search_path = pg_catalog, ${quoteIdentifier(schema)}`];
  const sql = [...prologue, ...statements.map((statement) => statement.sql), 'COMMIT'].join(';\n');
  try {
    const results = await session.send(sql, statements.length === 1 ? statements[0] : undefined);
    return results.slice(prologue.length, prologue.length + statements.length).map(toRowSet);
  } catch (error) {
    if (session.isUsable()) await session.send('ROLLBACK');
    throw error;
  }
}

/** Runs `work` in one transaction, committed at its end and rolled back when it throws. */
export async function inTransaction<T>(
  session: Session,
  work: (transaction: ReadOnlyTransaction) => Promise<T>,
  options: LookupOptions = {},
): Promise<T> {
  await session.send(prologueOf(options).join(';\n'));
  try {
    const result = await work({
      async read(statement) {
        assertAdmitted(statement);
        const results = await session.send(statement.sql, statement);
        return lastRowSet(results);
      },
      pages: (statement, pageRows = DEFAULT_PAGE_ROWS) => readPages(session, statement, pageRows),
      attempt: (inner) => behindSavepoint(session, inner),
    });
    await session.send('COMMIT');
    return result;
  } catch (error) {
    if (session.isUsable()) await session.send('ROLLBACK');
    throw error;
  }
}

function prologueOf({ schema = null }: LookupOptions): readonly string[] {
  return schema === null ? [BEGIN] : [BEGIN, `SET LOCAL search_path = pg_catalog, ${quoteIdentifier(schema)}`];
}

async function behindSavepoint<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.send('SAVEPOINT attempt');
  try {
    const result = await work();
    await session.send('RELEASE SAVEPOINT attempt');
    return result;
  } catch (error) {
    if (session.isUsable()) await session.send('ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt');
    throw error;
  }
}

async function* readPages(session: Session, statement: ReadOnlyStatement, pageRows: number): AsyncGenerator<RowSet> {
  assertAdmitted(statement);
  const fetch = `FETCH FORWARD ${Math.trunc(pageRows)} FROM dataset_rows`;
  let page = lastRowSet(
    await session.send(`DECLARE dataset_rows NO SCROLL CURSOR FOR ${statement.sql};\n${fetch}`, statement),
  );
  let failed = false;
  try {
    while (true) {
      yield page;
      if (page.rows.length < pageRows) return;
      page = lastRowSet(await session.send(fetch, statement));
    }
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    // A failed statement aborts the transaction, and its rollback closes the cursor.
    if (!failed && session.isUsable()) await session.send('CLOSE dataset_rows');
  }
}

function toRowSet(result: QueryArrayResult): RowSet {
  return { columns: result.fields.map(({ name, dataTypeID }) => ({ name, typeOid: dataTypeID })), rows: result.rows };
}

function lastRowSet(results: readonly QueryArrayResult[]): RowSet {
  const last = results.at(-1);
  return last === undefined ? { columns: [], rows: [] } : toRowSet(last);
}
