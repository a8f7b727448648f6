import type { BlindReason } from '../../model/source-error.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import { quoteIdentifier } from './statement.ts';

/** What was asked when a statement failed; names the dataset in messages and the tables in the GRANT. */
export interface FailedStatement {
  readonly id: string;
  readonly tables: readonly string[];
}

/** Why a question failed and what to change. */
export interface Diagnosis {
  readonly reason: BlindReason;
  readonly what: string;
  readonly remedy: string;
  /** The table that the server says does not exist, as the statement names it. */
  readonly missingTable?: string | undefined;
}

/** PostgreSQL quotes names in its messages, with other marks in other languages; nothing else of a message is used. */
const QUOTED_NAME = /["„«“»]\s?([^"“”«»]{1,200}?)\s?["“”«»]/;
const DENIED_OBJECT =
  /permission denied for (table|view|materialized view|relation|schema|database|function|foreign table) (.{1,200})$/;

/**
 * Failures about a table, column, schema or function: names it, and the exact GRANT where one is missing.
 * @returns null for every other code
 */
export function diagnoseObject(
  code: string,
  message: string,
  settings: PostgresSettings,
  failed: FailedStatement | undefined,
): Diagnosis | null {
  const mapping = failed === undefined ? 'the statement' : `the mapping of dataset ${failed.id}`;
  const named = QUOTED_NAME.exec(message)?.[1];
  if (code === '42P01') {
    const what = named === undefined ? 'a table does not exist' : `table ${named} does not exist`;
    return {
      reason: 'malformed',
      what,
      remedy: `Correct the table name in ${mapping}, or declare the dataset absent.`,
      missingTable: named,
    };
  }
  if (code === '42703') {
    const what = named === undefined ? 'a column does not exist' : `column ${named} does not exist`;
    return { reason: 'malformed', what, remedy: `Correct the column name in ${mapping}.` };
  }
  if (code !== '42501') return null;
  if (/row-level security|row_security/.test(message)) {
    const table = tableOf(named, failed);
    const what = `row-level security would hide rows of ${table ?? 'a table'}`;
    return { reason: 'unauthorized', what, remedy: `Run: ALTER ROLE ${roleName(settings)} BYPASSRLS;` };
  }
  const [, kind, object] = DENIED_OBJECT.exec(message) ?? [];
  const name = object?.replaceAll('"', '');
  if (kind === 'schema' && name !== undefined) return unusableSchema(name, settings);
  if (kind === 'database') {
    return {
      reason: 'unauthorized',
      what: `permission denied for database ${name}`,
      remedy: `Run: GRANT CONNECT ON DATABASE ${quoteIdentifier(name ?? settings.database)} TO ${roleName(settings)};`,
    };
  }
  if (kind === 'function') {
    return {
      reason: 'unauthorized',
      what: `permission denied for function ${name}`,
      remedy: `Grant EXECUTE on it to ${roleName(settings)}, or remove it from ${mapping}.`,
    };
  }
  const table = tableOf(name, failed);
  if (table === undefined) {
    const remedy = `Grant ${roleName(settings)} SELECT on every table that ${mapping} reads.`;
    return { reason: 'unauthorized', what: 'permission denied', remedy };
  }
  return {
    reason: 'unauthorized',
    what: `permission denied for table ${table}`,
    remedy: `Run: GRANT SELECT ON ${table} TO ${roleName(settings)};`,
  };
}

/** A schema in which the role may not look names up. */
export function unusableSchema(schema: string, settings: PostgresSettings): Diagnosis {
  return {
    reason: 'unauthorized',
    what: `permission denied for schema ${schema}`,
    remedy: `Run: GRANT USAGE ON SCHEMA ${plainOrQuoted(schema)} TO ${roleName(settings)};`,
  };
}

/** The message names a table without its schema; the mapping's list of tables supplies it. */
function tableOf(name: string | undefined, failed: FailedStatement | undefined): string | undefined {
  const tables = (failed?.tables ?? []).map((table) => table.replace(/ ?\(.*$/, ''));
  if (name === undefined) return tables.length === 1 ? tables[0] : undefined;
  return tables.find((table) => table.split('.').at(-1) === name) ?? name;
}

function roleName(settings: PostgresSettings): string {
  return plainOrQuoted(settings.user);
}

/** Quoted where PostgreSQL would otherwise fold or misread it. */
function plainOrQuoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : quoteIdentifier(name);
}
