import type { LiveObjects } from '../../model/database-object.ts';
import { readEach } from '../postgres/read-each.ts';
import type { ReadOnlyConnection } from '../postgres/read-only-connection.ts';
import { OBJECTS, objectRows } from './database-objects.ts';
import { type CatalogueTable, TABLES, tableRows } from './database-tables.ts';
import { DATABASE_SIZE, readDatabaseSize } from './server-facts.ts';

/** What a database holds, by its own catalogue. */
export interface DatabaseCatalogue {
  readonly tables: readonly CatalogueTable[];
  readonly objects: readonly LiveObjects[];
  /** Null where the server did not tell. */
  readonly sizeBytes: number | null;
}

/** The catalogue of the database that the connection is in. @throws SourceError when it cannot be read */
export async function readCatalogue(connection: ReadOnlyConnection): Promise<DatabaseCatalogue> {
  const [tables, objects] = await connection.readTogether([TABLES, OBJECTS]);
  const [size] = await readEach(connection, [DATABASE_SIZE]);
  return {
    tables: tables === undefined ? [] : tableRows(tables),
    objects: objects === undefined ? [] : objectRows(objects),
    sizeBytes: size === undefined ? null : readDatabaseSize(size),
  };
}
