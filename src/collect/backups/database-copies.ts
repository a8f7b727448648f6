import type { AnyEvidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { systemClock } from '../ask.ts';
import type { Collection, Estate } from '../estate.ts';
import type { LocationContents } from './artifact-index.ts';
import { closedCopies } from './closed-copies.ts';
import type { CopiedDatabase } from './copied-database.ts';
import { closedWithoutRows, withRowsInside } from './copies-with-rows.ts';
import { recordedIn } from './copy-candidates.ts';
import { unreadMethods } from './other-methods.ts';
import type { RecordedArtifacts } from './run-references.ts';
import { surveyCopies } from './survey-copies.ts';
import { verificationAges } from './verification/ages.ts';

/** What looking for copies takes of a collection. */
type Access = Pick<Collection, 'asker' | 'policy'> & {
  readonly config: Pick<Collection['config'], 'plans' | 'locations' | 'collect'>;
};
/** What it takes of everything shared. */
type Dumps = Pick<Estate, 'dumps' | 'dumpsByName' | 'databaseServers' | 'readings'> &
  Partial<Pick<Estate, 'rowsInside'>>;

/**
 * Every copy of one database, one answer for each location, and one for the plans whose copies cannot be read: by its
 * structure, and by what reading it to its end showed, in this run or in an earlier one. An artifact that claims this
 * database and holds another comes too, so that a control can say so.
 */
export async function databaseCopies(
  collection: Access,
  estate: Dumps,
  database: CopiedDatabase,
): Promise<readonly AnyEvidence[]> {
  const places = await Promise.all(
    placesOf(estate, database).map((contents) =>
      collection.asker.ask({
        kind: 'copy',
        subject: database.subject,
        source: `location ${contents.location.name}`,
        operation: OPERATIONS[collection.config.collect.depth],
        locator: contents.location.tree.locator,
        answer: async () => {
          const recorded = recordedIn(estate, database, contents);
          return {
            items: await copiesIn(collection, estate, database, contents, recorded),
            blindSpot: contents.blindSpot ?? contents.unread.about(database.name, recorded),
          };
        },
      }),
    ),
  );
  return [...places, ...unreadMethods(collection, database)];
}

const OPERATIONS = {
  structure: 'list, and read the structure of each',
  mixed: 'list, and read the newest to its end',
  full: 'list, and read each to its end',
} as const;

/** The locations in which copies of the database may lie. */
export function placesOf(
  { dumps }: Pick<Estate, 'dumps'>,
  { server }: Pick<CopiedDatabase, 'server'>,
): readonly LocationContents[] {
  return dumps.filter(({ location: { servers } }) => servers === null || server === null || servers.includes(server));
}

async function copiesIn(
  { policy, config }: Access,
  estate: Dumps,
  database: CopiedDatabase,
  contents: LocationContents,
  recorded: RecordedArtifacts,
): Promise<readonly Facts['copy'][]> {
  const ages = verificationAges(policy, database.subject, config.collect.verification.everyDays, systemClock());
  const { copies } = await surveyCopies(estate, database, contents, recorded, ages);
  const closed = await closedCopies(estate.readings, database, contents, recorded, ages);
  const inside = estate.rowsInside ?? null;
  return [...(await withRowsInside(copies, database, inside)), ...closedWithoutRows(closed, database, inside)];
}
