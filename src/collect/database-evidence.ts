import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import type { Subject } from '../model/subject.ts';
import { INSTALL_SOURCE } from './dataset-answers.ts';
import type { Collection } from './estate.ts';
import { segmentWritten, timelineWritten } from './organizations/archiver.ts';
import type { DatabaseCatalogue } from './organizations/database-catalogue.ts';
import type { TenantDatabaseReading } from './organizations/tenant-database.ts';
import type { KnownServer } from './servers.ts';

/** What is known of a database beside what its server's catalogue says. `sizeBytes`: null where it was not told. */
export interface DatabaseDetails {
  readonly createdAt: Instant | null;
  readonly sizeBytes: number | null;
}

/** What a server's catalogue says of one of its databases. */
export function databaseState(
  collection: Collection,
  known: KnownServer | undefined,
  database: Subject,
  { createdAt, sizeBytes }: DatabaseDetails,
): AnyEvidence {
  const question = {
    kind: 'database-state' as const,
    subject: database,
    source: known === undefined ? 'database server' : `server ${known.subject.name}`,
    operation: 'pg_database',
    locator: known === undefined ? 'not known' : `${known.server.host}:${known.server.port}`,
  };
  if (known === undefined || known.catalogue === null) {
    return collection.asker.record(question, { items: [], blindSpot: known?.blindSpot ?? UNKNOWN_SERVER });
  }
  const entry = known.catalogue.databases.find((candidate) => candidate.name === database.name);
  return collection.asker.record(question, {
    items: [
      {
        exists: entry !== undefined,
        databaseOid: entry?.oid ?? null,
        sizeBytes,
        createdAt,
        server: liveServer(known),
      },
    ],
  });
}

/**
 * That a tenant database exists: from the server's catalogue; where that did not answer, from inside the database, which
 * exists where it answers.
 */
export function stateEvidence(
  collection: Collection,
  known: KnownServer | undefined,
  subject: Subject,
  reading: TenantDatabaseReading | null,
  createdAt: Instant | null,
): AnyEvidence {
  if (reading === null || (known !== undefined && known.catalogue !== null))
    return databaseState(collection, known, subject, { createdAt, sizeBytes: reading?.sizeBytes ?? null });
  return collection.asker.record(
    { kind: 'database-state', subject, source: 'tenant database', operation: 'pg_database', locator: subject.name },
    { items: [{ exists: true, databaseOid: reading.database.oid, sizeBytes: reading.sizeBytes }] },
  );
}

/** What copies of whole clusters are compared with. */
export function liveServer({
  server,
  catalogue,
  collectedAt,
}: KnownServer): NonNullable<Facts['database-state']['server']> {
  const segment = catalogue === null ? null : segmentWritten(catalogue.archiver);
  return {
    host: server.host,
    port: server.port,
    systemIdentifier: catalogue?.server.systemIdentifier ?? null,
    timeline: catalogue === null ? null : timelineWritten(catalogue.archiver),
    ...(segment === null || catalogue === null
      ? {}
      : { writing: { segment, askedFrom: catalogue.archiverAskedFrom, askedUntil: collectedAt } }),
    formerIdentifiers: server.formerIdentifiers.map((former) => ({ ...former })),
  };
}

export const UNKNOWN_SERVER: BlindSpot = {
  reason: 'not-asked',
  detail: 'its database server is not in the configuration',
  remedy: 'Add the server, with host, port and user, to servers in the configuration.',
};

/** What the install database's own catalogue says: whether it exists, and its tables. */
export function installDatabaseEvidence(
  collection: Collection,
  server: KnownServer | undefined,
  database: Subject,
  inputs: { readonly catalogue: DatabaseCatalogue | null; readonly catalogueBlindSpot: BlindSpot | null },
  upgradedAt: Instant | null,
  installedAt: Instant | null,
): readonly AnyEvidence[] {
  const oid = server?.catalogue?.databases.find((entry) => entry.name === database.name)?.oid;
  const tables = (inputs.catalogue?.tables ?? []).filter((table) => table.kind === 'r');
  return [
    databaseState(collection, server, database, {
      createdAt: installedAt,
      sizeBytes: inputs.catalogue?.sizeBytes ?? null,
    }),
    collection.asker.record(
      { kind: 'catalogue', subject: database, ...INSTALL_SOURCE, operation: 'pg_class', locator: database.name },
      {
        items:
          oid === undefined || inputs.catalogue === null
            ? []
            : [
                {
                  databaseOid: oid,
                  tables: tables.map(({ oid: table, schema, name }) => ({ oid: table, name: `${schema}.${name}` })),
                  objects: [...inputs.catalogue.objects],
                  upgradedAt,
                },
              ],
        blindSpot: inputs.catalogueBlindSpot,
      },
    ),
  ];
}
