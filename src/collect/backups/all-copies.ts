import type { AnyEvidence } from '../../model/evidence.ts';
import type { Collection, Estate } from '../estate.ts';
import type { CopiedDatabase } from './copied-database.ts';
import { databaseCopies } from './database-copies.ts';
import { statedDatabaseCopies } from './inventory/stated-copies.ts';
import { repositoryCopies } from './repositories/repository-copies.ts';

/** Every copy of one database alone, whatever keeps it: dumps, files in snapshots, and what inventories state. */
export async function allCopies(
  collection: Collection,
  estate: Estate,
  database: CopiedDatabase,
): Promise<readonly AnyEvidence[]> {
  return [
    ...(await databaseCopies(collection, estate, database)),
    ...repositoryCopies(collection, estate, database),
    ...statedDatabaseCopies(collection, estate, database),
  ];
}
