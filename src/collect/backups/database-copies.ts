import type { AnyEvidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { toMillis } from '../../model/instant.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection, Estate } from '../estate.ts';
import { type DumpArtifact, type LocationContents, readToEnd } from './artifact-index.ts';
import { type CopySurroundings, copyFact } from './copy-facts.ts';

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
 * Every copy of one database, one answer for each location. The newest of each location is read to its last byte; the
 * others by their structure, and where it is damaged the one before it as well. An artifact that claims this database and holds another comes too, so that a control can
 * say so.
 */
export async function databaseCopies(
  collection: Collection,
  estate: Estate,
  database: CopiedDatabase,
): Promise<readonly AnyEvidence[]> {
  const candidates = [...(estate.dumpsByName.get(database.name) ?? []), ...claimedByRuns(estate, database)];
  return Promise.all(
    estate.dumps
      .filter((contents) => holdsServer(contents, database.server))
      .map((contents) =>
        collection.asker.ask({
          kind: 'copy',
          subject: database.subject,
          source: `location ${contents.location.name}`,
          operation: 'list, and read the newest to its end',
          locator: contents.location.tree.locator,
          answer: async () => ({
            items: await copiesIn(collection, estate, database, contents, new Set(candidates)),
            blindSpot: contents.blindSpot,
          }),
        }),
      ),
  );
}

function holdsServer(contents: LocationContents, server: string | null): boolean {
  const { servers } = contents.location;
  return servers === null || server === null || servers.includes(server);
}

async function copiesIn(
  collection: Collection,
  estate: Estate,
  database: CopiedDatabase,
  contents: LocationContents,
  candidates: ReadonlySet<DumpArtifact>,
): Promise<readonly Facts['copy'][]> {
  const artifacts = [...candidates].filter((artifact) => artifact.location === contents.location);
  const structural = artifacts.map((artifact) => {
    const around = surroundings(estate, database, artifact, false);
    return { artifact, fact: copyFact(artifact, artifact.reading, around) };
  });
  const now = Date.now();
  const newestFirst = structural
    .filter(({ fact }) => fact.nameAgrees !== false && !isFuture(fact, now))
    .sort((a, b) => orderOf(b.fact).localeCompare(orderOf(a.fact)) || a.fact.path.localeCompare(b.fact.path));
  const read = new Map<DumpArtifact, Facts['copy']>();
  for (const { artifact, fact } of newestFirst) {
    const whole = await wholeFact(collection, estate, database, artifact, fact);
    read.set(artifact, whole);
    // Behind a damaged newest copy the next one decides what a recovery would have, so it is read as well.
    if (whole.integrity !== 'incomplete' || read.size === MOST_READ) break;
  }
  return structural.map(({ artifact, fact }) => read.get(artifact) ?? fact);
}

/** Copies of one database in one location that are read to their end, should the newer ones be damaged. */
const MOST_READ = 4;

async function wholeFact(
  collection: Collection,
  estate: Estate,
  database: CopiedDatabase,
  artifact: DumpArtifact,
  structural: Facts['copy'],
): Promise<Facts['copy']> {
  const recognition = await readToEnd(artifact, collection.signal);
  if (recognition.kind !== 'dump') {
    return { ...structural, integrity: 'incomplete', integrityBecause: recognition.what };
  }
  const { reading } = recognition;
  return copyFact(artifact, reading, surroundings(estate, database, artifact, true, reading.sha256));
}

function isFuture(fact: Facts['copy'], now: number): boolean {
  return fact.moment !== null && toMillis(fact.moment.notBefore) > now;
}

function orderOf(fact: Facts['copy']): string {
  return fact.moment?.notBefore ?? fact.modifiedAt;
}

function surroundings(
  estate: Estate,
  database: CopiedDatabase,
  artifact: DumpArtifact,
  readWhole: boolean,
  sha256: string | null = null,
): CopySurroundings {
  const claiming = database.runs.find((run) => refersTo(run, artifact));
  // Only a matching checksum ties a run record to the bytes themselves.
  const proving = database.runs.find((run) => sha256 !== null && run.sha256 === sha256) ?? null;
  const plan =
    database.plans.find((one) => one.planId === claiming?.planId && one.timezone !== null) ??
    database.plans.find((one) => one.timezone !== null);
  return {
    databaseName: database.name,
    sameNameDatabases: sameNameDatabases(estate, artifact),
    planTimeZone: plan?.timezone ?? null,
    recordedRun: proving,
    claimedByRun: claiming === undefined ? null : database.name,
    readToEnd: readWhole,
  };
}

/** How many databases that bear the name inside could lie in the artifact's location. */
function sameNameDatabases(estate: Estate, artifact: DumpArtifact): number {
  const servers = estate.databaseServers.get(artifact.reading.databaseName ?? '') ?? new Set<string>();
  const possible = artifact.location.servers;
  return [...servers].filter((server) => possible === null || possible.includes(server)).length;
}

/** Artifacts that a run of this database says are its own, whatever they hold. */
function claimedByRuns(estate: Estate, database: CopiedDatabase): readonly DumpArtifact[] {
  return database.runs.flatMap((run) =>
    (estate.dumpsByFile.get(fileName(run.artifactUri ?? '')) ?? []).filter((artifact) => refersTo(run, artifact)),
  );
}

/** The last segment of a path or URI. */
export function fileName(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** Whether a run's artifact URI ends in the artifact's path below its location, or in its file name where that is all it gives. */
export function refersTo(
  run: Pick<Facts['backup-run'], 'artifactUri'>,
  artifact: Pick<DumpArtifact, 'path' | 'location'>,
): boolean {
  if (run.artifactUri === null) return false;
  const uri = run.artifactUri.replace(/\/+$/, '');
  return uri === artifact.path || uri.endsWith(`/${artifact.path}`);
}
