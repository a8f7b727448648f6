import { z } from 'zod';
import type { Instant } from '../../model/instant.ts';
import { systemClock } from '../ask.ts';
import { readEach } from '../postgres/read-each.ts';
import type { ReadOnlyConnection } from '../postgres/read-only-connection.ts';
import { catalogueStatement } from '../postgres/statement.ts';
import { ARCHIVER, type ArchiverReading, CHECKPOINT, readArchiver } from './archiver.ts';
import * as is from './column-values.ts';
import { rowRecords } from './dataset-rows.ts';
import { ROLE_RIGHTS, type RoleRights, readRoleRights } from './role-rights.ts';
import { IDENTITY, readServerFacts, type ServerFacts, SYSTEM_IDENTIFIER } from './server-facts.ts';

/** One row of pg_database; templates are left out. */
export interface DatabaseEntry {
  readonly name: string;
  readonly oid: number;
  /** False where the server refuses every connection to it. */
  readonly allowConnections: boolean;
}

/** One server: who it is, which databases it has, and what the auditing role may do there. */
export interface ServerCatalogue {
  readonly server: ServerFacts;
  readonly databases: readonly DatabaseEntry[];
  readonly rights: RoleRights;
  readonly archiver: ArchiverReading;
  /** Before that was asked, by the clock of this host: what the server writes cannot be older. */
  readonly archiverAskedFrom: Instant;
}

const DATABASES = catalogueStatement(
  'databases',
  `SELECT d.datname AS name,
          d.oid AS oid,
          d.datallowconn AS allow_connections
   FROM pg_catalog.pg_database AS d
   WHERE NOT d.datistemplate
   ORDER BY d.datname COLLATE "C"`,
);

const databaseRow = z
  .object({
    name: z.string(),
    oid: is.count.schema,
    allow_connections: is.boolean.schema,
  })
  .transform(
    (row): DatabaseEntry => ({
      name: row.name,
      oid: row.oid,
      allowConnections: row.allow_connections,
    }),
  );

/**
 * Reads a server's catalogue over a connection to any of its databases, in two round trips; a bare LOGIN role suffices.
 * @throws SourceError when the server does not answer
 */
export async function readServerCatalogue(connection: ReadOnlyConnection): Promise<ServerCatalogue> {
  const [identity, systemIdentifier, databases, rights] = await readEach(connection, [
    IDENTITY,
    SYSTEM_IDENTIFIER,
    DATABASES,
    ROLE_RIGHTS,
  ]);
  if (identity === undefined || systemIdentifier === undefined || databases === undefined || rights === undefined) {
    throw new TypeError('four statements have four answers');
  }
  // Apart: a server that withholds these tells the others in one round trip.
  const archiverAskedFrom = systemClock();
  const [archiver, checkpoint] = await readEach(connection, [ARCHIVER, CHECKPOINT]);
  if (archiver === undefined || checkpoint === undefined) throw new TypeError('two statements have two answers');
  if (!databases.ok) throw databases.error;
  return {
    server: readServerFacts(identity, systemIdentifier).server,
    databases: z.array(databaseRow).parse(rowRecords(databases.rows)),
    rights: readRoleRights(rights),
    archiver: readArchiver(archiver, checkpoint),
    archiverAskedFrom,
  };
}
