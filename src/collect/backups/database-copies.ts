import { createHash } from 'node:crypto';
import type { AnyEvidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { MINUTE, toMillis } from '../../model/instant.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection, Estate } from '../estate.ts';
import { throwIfInterrupted } from '../guard/interruption.ts';
import type { ArtifactTree } from '../trees/artifact-tree.ts';
import { type DumpArtifact, type LocationContents, readToEnd } from './artifact-index.ts';
import { closedCopy, readClosedCopy } from './closed-artifacts.ts';
import { candidatesIn, recordedIn } from './copy-candidates.ts';
import { type CopySurroundings, copyFact } from './copy-facts.ts';
import { unreadMethods } from './other-methods.ts';
import { planTimeZone } from './plan-time-zone.ts';
import { contradictedChecksum, type RecordedArtifacts, sha256Of } from './run-references.ts';

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
  const closed = await closedCopies(collection, database, contents, recorded);
  return [...structural.map(({ artifact, fact }) => read.get(artifact) ?? fact), ...closed];
}

/** What nobody can look into. The newest that a run recorded with a checksum is read, so that the record can speak for it. */
async function closedCopies(
  { config, signal }: Access,
  database: CopiedDatabase,
  { closed, location }: LocationContents,
  recorded: RecordedArtifacts,
): Promise<readonly Facts['copy'][]> {
  const { depth } = config.collect;
  const all = closed
    .of(database.name, recorded)
    .toSorted((a, b) => b.modifiedAt.localeCompare(a.modifiedAt) || a.path.localeCompare(b.path));
  const copies: Facts['copy'][] = [];
  let read = 0;
  for (const artifact of all) {
    const naming = recorded.certain.get(artifact.path) ?? [];
    const plan = database.plans.find(({ planId }) => planId === naming[0]?.planId);
    const copy = closedCopy(artifact, database.name, plan?.method ?? null);
    const isWrapped = artifact.kind === 'encrypted' || artifact.kind === 'compressed';
    const hasChecksum = naming.some((run) => sha256Of(run.sha256) !== null);
    if (!isWrapped || !hasChecksum || depth === 'structure' || (read > 0 && depth !== 'full')) {
      copies.push(copy);
      continue;
    }
    read += 1;
    const sha256 = await checksumOf(location.tree, artifact.path, signal);
    copies.push(
      readClosedCopy(copy, {
        sha256,
        provenBy: provingRun(database, sha256, artifact.modifiedAt),
        contradicted: contradictedChecksum(naming, sha256),
        timeZone: location.timeZone ?? planTimeZone(database, naming[0]?.planId ?? null),
      }),
    );
  }
  return copies;
}

async function checksumOf(tree: ArtifactTree, path: string, signal: AbortSignal): Promise<string> {
  const reader = await tree.open(path, signal);
  try {
    const hash = createHash('sha256');
    for await (const chunk of reader.stream()) {
      throwIfInterrupted(signal, 'a dump');
      hash.update(chunk);
    }
    return hash.digest('hex');
  } finally {
    await reader.close();
  }
}

/**
 * The run that recorded these very bytes: the earliest, for a failed job that leaves the old file in place records its
 * bytes anew, later than they were made.
 */
function provingRun(database: CopiedDatabase, sha256: string | null, modifiedAt: string): Facts['backup-run'] | null {
  const same = database.runs
    .filter((run) => run.status === 'succeeded' && sha256 !== null && sha256Of(run.sha256) === sha256)
    .filter((run) => toMillis(run.startedAt) <= toMillis(modifiedAt) + CLOCKS)
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  return same[0] ?? null;
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

/** Tolerance of clocks, as the catalogue of controls sets it. */
const CLOCKS = 5 * MINUTE;

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
