import { SourceError } from '../model/source-error.ts';
import { UNKNOWN_SERVER } from './database-evidence.ts';
import type { Collection } from './estate.ts';
import type { TenantDatabaseRow } from './organizations/dataset-contracts.ts';
import { openReadOnly, type ReadOnlyConnection } from './postgres/read-only-connection.ts';
import type { KnownServer } from './servers.ts';

/** Does some work over a connection of its own to a tenant database. @throws SourceError */
export async function inTenant<T>(
  collection: Collection,
  known: KnownServer | undefined,
  row: TenantDatabaseRow,
  work: (connection: ReadOnlyConnection) => Promise<T>,
): Promise<T> {
  if (known === undefined) {
    throw new SourceError(UNKNOWN_SERVER.reason, UNKNOWN_SERVER.detail, UNKNOWN_SERVER.remedy);
  }
  return await known.server.limit(async () => {
    const connection = await openReadOnly(known.server.settings(row.databaseName), collection.signal);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  });
}
