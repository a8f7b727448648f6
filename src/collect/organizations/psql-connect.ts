import { quoteIdentifier } from '../postgres/statement.ts';

/**
 * Whether a name of a role or database can stand in a psql script: \connect ends with its line, quoted or not, and no
 * name holds a NUL.
 */
export function scriptCanName(name: string): boolean {
  return name !== '' && !/[\0\r\n]/.test(name);
}

/**
 * The command of psql that goes to another database with the same host, port and user.
 *
 * A name alone is taken for a connection string where it has a `=` or begins as a URI does, and so would reach another
 * server. In a connection string of ours it is a value: in apostrophes, with backslashes before apostrophes and
 * backslashes; the whole is one quoted argument of psql, in which quotation marks are doubled and nothing else is special.
 * Sources: PostgreSQL 15, "psql", \connect and "Meta-Commands"; "Connection Strings"; pg_dump writes the same
 * (appendPsqlMetaConnect).
 * @throws RangeError for a name that {@link scriptCanName} does not admit
 */
export function connectCommand(database: string): string {
  if (!scriptCanName(database)) throw new RangeError('not a database that a psql script can connect to');
  if (/^[A-Za-z0-9_]+$/.test(database)) return `\\connect ${quoteIdentifier(database)}`;
  const value = database.replaceAll(/[\\']/g, '\\$&');
  return `\\connect -reuse-previous=on ${quoteIdentifier(`dbname='${value}'`)}`;
}
