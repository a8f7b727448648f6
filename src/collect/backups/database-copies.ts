import type { AnyEvidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { toMillis } from '../../model/instant.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection, Estate } from '../estate.ts';
import { type DumpArtifact, type LocationContents, readToEnd } from './artifact-index.ts';
import { closedCopies } from './closed-copies.ts';
import { candidatesIn, recordedIn } from './copy-candidates.ts';
import { type CopySurroundings, copyFact } from './copy-facts.ts';
import { unreadMethods } from './other-methods.ts';
import { planTimeZone } from './plan-time-zone.ts';
import { CLOCKS, provingRun } from './proving-run.ts';
import { contradictedChecksum, type RecordedArtifacts } from './run-references.ts';

/** What looking for copies takes of a collection. */
type Access = Pick<Collection, 'asker' | 'signal'> & {
  readonly config: Pick<Collection['config'], 'plans' | 'locations' | 'collect'>;
};
/** What it takes of everything shared. */
type Dumps = Pick<Estate, 'dumps' | 'dumpsByName' | 'databaseServers'>;

/** The database whose copies are looked for. */
export interface CopiedDatabase {
  readonly subject: Subject;
  readonly name: string;
  /** Name of its server as configured; null where that is not known. */
  readonly server: string | null;
  readonly runs: readonly Facts['backup-run'][];
  readonly plans: readonly Facts['backup-plan'][];
}

/**
 * Every copy of one database, one answer for each location, and one for the plans whose copies cannot be read. The
 * newest of each location that may count is read to its last byte, and where it is damaged or turns out to hold less,
 * the one before it as well; the others by their structure. An artifact that claims this database and holds another
 * comes too, so that a control can say so.
 */
export async function databaseCopies(
  collection: Access,
  estate: Dumps,
  database: CopiedDatabase,
): Promise<readonly AnyEvidence[]> {
  const places = await Promise.all(
    estate.dumps
      .filter((contents) => holdsServer(contents, database.server))
      .map((contents) =>
        collection.asker.ask({
          kind: 'copy',
          subject: database.subject,
          source: `location ${contents.location.name}`,
          operation: 'list, and read the newest to its end',
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

function holdsServer(contents: LocationContents, server: string | null): boolean {
  const { servers } = contents.location;
  return servers === null || server === null || servers.includes(server);
}

async function copiesIn(
  collection: Access,
  estate: Dumps,
  database: CopiedDatabase,
  contents: LocationContents,
  recorded: RecordedArtifacts,
): Promise<readonly Facts['copy'][]> {
  const artifacts = candidatesIn(estate, database, contents, recorded);
  const structural = artifacts.map((artifact) => {
    const around = surroundings(estate, database, recorded, artifact, false);
    return { artifact, fact: copyFact(artifact, artifact.reading, around) };
  });
  const now = Date.now();
  const newestFirst = structural
    .filter(({ fact }) => fact.nameAgrees !== false && !isFuture(fact, now))
    .sort((a, b) => orderOf(b.fact).localeCompare(orderOf(a.fact)) || a.fact.path.localeCompare(b.fact.path));
  const read = new Map<DumpArtifact, Facts['copy']>();
  let spent = 0;
  let nameless = false;
  const { depth } = collection.config.collect;
  for (const { artifact, fact } of depth === 'structure' ? [] : newestFirst) {
    // Dumps of definitions lie beside those with rows. Of a damaged file nobody knows what it was meant to hold.
    if (fact.integrity !== 'incomplete' && !holdsAll(fact)) continue;
    // One that names no database cannot count, and reading more of its kind would tell no more.
    if (depth !== 'full' && nameless && fact.nameAgrees === null) continue;
    const whole = await wholeFact(collection, estate, database, recorded, artifact, fact);
    read.set(artifact, whole);
    if (depth === 'full') continue;
    const intact = whole.integrity !== 'incomplete';
    if (intact && holdsAll(whole) && whole.nameAgrees === true) break;
    nameless ||= intact && holdsAll(whole) && whole.nameAgrees === null;
    // Behind a damaged newest copy the next one decides what a recovery would have, so it is read as well.
    if (!intact) spent += 1;
    if (spent === MOST_DAMAGED || read.size === MOST_READ) break;
  }
  const closed = await closedCopies(depth, collection.signal, database, contents, recorded);
  return [...structural.map(({ artifact, fact }) => read.get(artifact) ?? fact), ...closed];
}

/** Damaged copies of one database in one location behind which the next one is still read. */
const MOST_DAMAGED = 4;
/** Copies of one database in one location that are read to their end at most, whatever they turn out to hold. */
const MOST_READ = 16;

/** Whether nothing shows that it was made to hold less than one database, or another one. */
function holdsAll(fact: Facts['copy']): boolean {
  return (
    fact.nameAgrees !== false &&
    (fact.scope === 'full' || fact.scope === 'unknown') &&
    fact.tablesWithoutRows.length === 0
  );
}

async function wholeFact(
  collection: Access,
  estate: Dumps,
  database: CopiedDatabase,
  recorded: RecordedArtifacts,
  artifact: DumpArtifact,
  structural: Facts['copy'],
): Promise<Facts['copy']> {
  const recognition = await readToEnd(artifact, collection.signal);
  if (recognition.kind !== 'dump') {
    return { ...structural, integrity: 'incomplete', integrityBecause: recognition.what };
  }
  const { reading } = recognition;
  const whole = copyFact(artifact, reading, surroundings(estate, database, recorded, artifact, true, reading.sha256));
  const contradicted = contradictedChecksum(recorded.certain.get(artifact.path) ?? [], reading.sha256);
  // Whole by the rules of its format, and still not what was recorded: it was changed or replaced since.
  if (contradicted === null || whole.integrity === 'incomplete') return whole;
  return { ...whole, integrity: 'incomplete', integrityBecause: contradicted };
}

function isFuture(fact: Facts['copy'], now: number): boolean {
  return fact.moment !== null && toMillis(fact.moment.notBefore) > now + CLOCKS;
}

function orderOf(fact: Facts['copy']): string {
  return fact.moment?.notBefore ?? fact.modifiedAt;
}

function surroundings(
  estate: Dumps,
  database: CopiedDatabase,
  recorded: RecordedArtifacts,
  artifact: DumpArtifact,
  readWhole: boolean,
  sha256: string | null = null,
): CopySurroundings {
  const claiming = recorded.certain.get(artifact.path)?.[0];
  // Only a matching checksum ties a run record to the bytes themselves.
  const proving = provingRun(database, sha256, artifact.modifiedAt);
  return {
    databaseName: database.name,
    sameNameDatabases: sameNameDatabases(estate, artifact),
    planTimeZone: planTimeZone(database, claiming?.planId ?? null),
    recordedRun: proving,
    claimedByRun: claiming === undefined ? null : database.name,
    readToEnd: readWhole,
  };
}

/** How many databases that bear the name inside could lie in the artifact's location. */
function sameNameDatabases(estate: Dumps, artifact: DumpArtifact): number {
  const servers = estate.databaseServers.get(artifact.reading.databaseName ?? '') ?? new Set<string>();
  const possible = artifact.location.servers;
  return [...servers].filter((server) => possible === null || possible.includes(server)).length;
}
