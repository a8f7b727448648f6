import { z } from 'zod';
import { toMillis } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { Answer } from '../postgres/read-each.ts';
import { catalogueStatement } from '../postgres/statement.ts';
import * as is from './column-values.ts';
import { rowRecords } from './dataset-rows.ts';

/** What a PostgreSQL server says of itself. */
export interface ServerFacts {
  /** Decimal digits, above 2^53; null where the server withholds it. Clones and standbys share it with their origin. */
  readonly systemIdentifier: string | null;
  /** As the server writes it, e.g. `15.13 (Debian 15.13-0+deb12u1)`. */
  readonly serverVersion: string;
  /** E.g. 150013. */
  readonly serverVersionNumber: number;
  readonly majorVersion: number;
  /** True on a standby, whose answers can be behind its primary. */
  readonly inRecovery: boolean;
  /** The server's clock less this machine's, and half the round trip, in milliseconds. */
  readonly clock: { readonly offsetMillis: number; readonly uncertaintyMillis: number };
}

/** The database that the connection is in. */
export interface CurrentDatabase {
  readonly oid: number;
  readonly name: string;
}

/** pg_database.oid and version need no grant beyond CONNECT, which a session in the database has. */
export const IDENTITY = catalogueStatement(
  'server identity',
  `SELECT pg_catalog.clock_timestamp() AS server_clock,
          d.oid AS database_oid,
          d.datname AS database_name,
          pg_catalog.current_setting('server_version') AS server_version,
          pg_catalog.current_setting('server_version_num') AS server_version_number,
          pg_catalog.pg_is_in_recovery() AS in_recovery
   FROM pg_catalog.pg_database AS d
   WHERE d.datname = pg_catalog.current_database()`,
);

/** Has the server look at every file of the database, so it is asked only where something is compared with it. */
export const DATABASE_SIZE = catalogueStatement(
  'database size',
  'SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS database_size',
);

/** pg_control_system() is open to every role unless a managed service withholds it; hence a statement of its own. */
export const SYSTEM_IDENTIFIER = catalogueStatement(
  'system identifier',
  'SELECT system_identifier FROM pg_catalog.pg_control_system()',
);

const identityRow = z.object({
  server_clock: is.instant.schema,
  database_oid: is.count.schema,
  database_name: z.string(),
  server_version: z.string(),
  server_version_number: is.count.schema,
  in_recovery: is.boolean.schema,
});
const sizeRow = z.object({ database_size: is.count.schema });
const systemIdentifierRow = z.object({ system_identifier: z.string().regex(/^\d{1,20}$/) });

/** @throws SourceError when the server did not say who it is */
export function readServerFacts(
  identity: Answer,
  systemIdentifier: Answer,
): { readonly server: ServerFacts; readonly database: CurrentDatabase } {
  if (!identity.ok) throw identity.error;
  const row = onlyRow(identity.rows, identityRow, 'its identity');
  const middle = (identity.askedAt + identity.answeredAt) / 2;
  return {
    server: {
      systemIdentifier: systemIdentifier.ok
        ? onlyRow(systemIdentifier.rows, systemIdentifierRow, 'its system identifier').system_identifier
        : null,
      serverVersion: row.server_version,
      serverVersionNumber: row.server_version_number,
      majorVersion: Math.floor(row.server_version_number / 10_000),
      inRecovery: row.in_recovery,
      clock: {
        offsetMillis: Math.round(toMillis(row.server_clock) - middle),
        uncertaintyMillis: Math.ceil((identity.answeredAt - identity.askedAt) / 2),
      },
    },
    database: { oid: row.database_oid, name: row.database_name },
  };
}

/** Bytes; null where the server did not tell. */
export function readDatabaseSize(answer: Answer): number | null {
  return answer.ok ? onlyRow(answer.rows, sizeRow, 'the size of the database').database_size : null;
}

/** @throws SourceError when a catalogue does not answer as PostgreSQL 15 and later do */
export function onlyRow<T>(set: Parameters<typeof rowRecords>[0], schema: z.ZodType<T>, what: string): T {
  const parsed = schema.safeParse(rowRecords(set)[0]);
  if (parsed.success) return parsed.data;
  const remedy = 'Check that this is PostgreSQL 15 or later and not a server that only speaks its protocol.';
  throw new SourceError('malformed', `the server does not tell ${what} as PostgreSQL does`, remedy);
}
