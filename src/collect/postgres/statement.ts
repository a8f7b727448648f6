import type { Instant } from '../../model/instant.ts';
import { toInstant, toMillis } from '../../model/instant.ts';
import { checkSingleSelect } from './single-select.ts';

/** A query that may be sent to an audited server. Only the functions of this file make one. */
export interface ReadOnlyStatement {
  /** Names the statement in errors, e.g. `organizations` or `server identity`. */
  readonly id: string;
  readonly sql: string;
  /** Tables a mapping says the statement reads, `schema.table`; empty for our own catalogue questions. */
  readonly tables: readonly string[];
}

const admitted = new WeakSet<ReadOnlyStatement>();

function admit(id: string, sql: string, tables: readonly string[]): ReadOnlyStatement {
  const check = checkSingleSelect(sql);
  if (!check.ok) throw new TypeError(`statement ${JSON.stringify(id)} is refused: ${check.problem}`);
  const statement = Object.freeze({ id, sql: check.sql, tables });
  admitted.add(statement);
  return statement;
}

/** A fixed question of ours to the server's own catalogues. @throws TypeError when it is not a single SELECT. */
export function catalogueStatement(id: string, sql: string): ReadOnlyStatement {
  return admit(id, sql, []);
}

/** How the rows of a mapping statement are wanted. Every part is SQL of ours over `dataset`, the mapping statement. */
export interface DatasetShape {
  /** Select list; default all columns. */
  readonly select?: string;
  readonly where?: string;
  readonly orderBy?: string;
  readonly limit?: number;
}

/**
 * A mapping's statement, put into a sub-select of ours.
 * @throws TypeError when the mapping statement is not a single SELECT (a mapping file that parses holds no such one).
 */
export function datasetStatement(
  id: string,
  mappingSql: string,
  tables: readonly string[],
  shape: DatasetShape = {},
): ReadOnlyStatement {
  const inner = checkSingleSelect(mappingSql);
  if (!inner.ok) throw new TypeError(`the statement of dataset ${id} is refused: ${inner.problem}`);
  const where = shape.where === undefined ? '' : ` WHERE ${shape.where}`;
  const orderBy = shape.orderBy === undefined ? '' : ` ORDER BY ${shape.orderBy}`;
  const limit = shape.limit === undefined ? '' : ` LIMIT ${Math.trunc(shape.limit)}`;
  // The line break ends a line comment that the mapping statement may end with.
  return admit(id, `SELECT ${shape.select ?? '*'} FROM (${inner.sql}\n) AS dataset${where}${orderBy}${limit}`, tables);
}

/** @throws TypeError for a statement that was not made by this file. */
export function assertAdmitted(statement: ReadOnlyStatement): void {
  if (!admitted.has(statement)) throw new TypeError('a statement that did not pass the read-only guard was refused');
}

/** A double-quoted identifier. @throws RangeError for a name that PostgreSQL cannot hold. */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) throw new RangeError('not a PostgreSQL identifier');
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A string literal, for sessions with `standard_conforming_strings = on`, as all of ours are.
 * @throws RangeError for a text that PostgreSQL cannot hold.
 */
export function textLiteral(text: string): string {
  if (text.includes('\0')) throw new RangeError('not a text of PostgreSQL');
  return `'${text.replaceAll("'", "''")}'`;
}

/** A timestamptz literal of an instant. @throws RangeError when it is none. */
export function instantLiteral(instant: Instant): string {
  return `TIMESTAMPTZ '${toInstant(toMillis(instant))}'`;
}
