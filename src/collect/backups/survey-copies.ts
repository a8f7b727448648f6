import type { Facts } from '../../model/facts.ts';
import { DAY, type Instant, toMillis } from '../../model/instant.ts';
import { type PolicyLimits, verificationDays } from '../../model/policy.ts';
import type { Subject } from '../../model/subject.ts';
import type { Estate } from '../estate.ts';
import type { DumpArtifact, LocationContents } from './artifact-index.ts';
import { isClusterDump } from './cluster-dumps.ts';
import { candidatesIn } from './copy-candidates.ts';
import { copyFact } from './copy-facts.ts';
import { planTimeZone } from './plan-time-zone.ts';
import { CLOCKS, provingRun } from './proving-run.ts';
import { contradictedChecksum, type RecordedArtifacts, sha256Of } from './run-references.ts';
import { type Assessment, nextReading, type SelectedCopy, type Selection } from './verification/next-reading.ts';
import type { Verification } from './verification/verification-memory.ts';

/** The database whose copies are looked for. */
export interface CopiedDatabase {
  readonly subject: Subject;
  readonly name: string;
  /** Name of its server as configured; null where that is not known. */
  readonly server: string | null;
  /** Where names without a schema are looked up; absent or null where that is not told. */
  readonly schemaName?: string | null;
  readonly runs: readonly Facts['backup-run'][];
  readonly plans: readonly Facts['backup-plan'][];
}

/** One artifact that may be a copy of the database, by all that is known of it. */
export interface SurveyedCopy {
  readonly artifact: DumpArtifact;
  readonly verification: Verification | null;
  readonly fact: Facts['copy'];
}

/** The copies of one database in one location. */
export interface CopySurvey {
  readonly copies: readonly SurveyedCopy[];
  /** Those among which the next to read is chosen. */
  readonly newestFirst: readonly SurveyedCopy[];
  readonly selection: Selection;
}

type Dumps = Pick<Estate, 'dumps' | 'dumpsByName' | 'databaseServers' | 'readings'>;

/** How long full readings of the copies of one database count. */
export interface VerificationAges {
  readonly now: Instant;
  /** Age from which on one counts for nothing. Milliseconds. */
  readonly limit: number;
  /** Age from which on it is made anew. Milliseconds. */
  readonly renewal: number;
}

/**
 * @param subject see {@link verificationDays}
 * @param everyDays within how many days every copy shall have its turn; undefined: as the age limit needs it
 */
export function verificationAges(
  policy: PolicyLimits,
  subject: Pick<Subject, 'kind' | 'organizationId'> | null,
  everyDays: number | undefined,
  now: Instant,
): VerificationAges {
  const days = verificationDays(policy, subject);
  // In time: a run may be missed, and a budget used up, before the limit is reached.
  const renewal = Math.min((days * 2) / 3, everyDays ?? Number.POSITIVE_INFINITY);
  return { now, limit: days * DAY, renewal: renewal * DAY };
}

/**
 * Everything known of the copies of one database in one location, and which of them is to be read to its end next.
 *
 * @throws what reading one of them in this run threw
 */
export async function surveyCopies(
  estate: Dumps,
  database: CopiedDatabase,
  contents: LocationContents,
  recorded: RecordedArtifacts,
  ages: VerificationAges,
): Promise<CopySurvey> {
  const around: Surroundings = { estate, database, recorded };
  const found = await Promise.all(
    candidatesIn(estate, database, contents, recorded).map(async (artifact) => {
      const structure = structuralFact(artifact, around, false);
      const verification = await verificationOf(artifact, structure, estate);
      const fact = verification === null ? structure : verifiedFact(artifact, structure, verification, around, false);
      return { artifact, structure, verification, fact };
    }),
  );
  const now = toMillis(ages.now);
  const newestFirst = found
    .filter(({ fact }) => fact.nameAgrees !== false && !isFuture(fact, now))
    .sort((a, b) => orderOf(b.fact).localeCompare(orderOf(a.fact)) || a.fact.path.localeCompare(b.fact.path));
  const selection = nextReading(newestFirst.map((one) => selected(one, ages, recorded)));
  // Whole lists of tables are large: they are told of what a recovery would take, and of what was just read.
  const listed = new Set(newestFirst.filter((_, index) => selection.regarded.has(index)).map((one) => one.artifact));
  const finished = found.map(({ artifact, structure, verification, fact }): SurveyedCopy => {
    if (!listed.has(artifact) && verification?.isNew !== true) return { artifact, verification, fact };
    const whole =
      verification === null
        ? structuralFact(artifact, around, true)
        : verifiedFact(artifact, structure, verification, around, true);
    return { artifact, verification, fact: whole };
  });
  const byArtifact = new Map(finished.map((one) => [one.artifact, one]));
  return {
    copies: finished.map((one) => withBudget(one, estate, contents)),
    newestFirst: newestFirst.flatMap(({ artifact }) => byArtifact.get(artifact) ?? []),
    selection,
  };
}

interface Surroundings {
  readonly estate: Dumps;
  readonly database: CopiedDatabase;
  readonly recorded: RecordedArtifacts;
}

interface Found extends SurveyedCopy {
  readonly structure: Facts['copy'];
}

function selected(
  { artifact, structure, verification, fact }: Found,
  { now, limit, renewal }: VerificationAges,
  recorded: RecordedArtifacts,
): SelectedCopy {
  const age = verification === null ? 0 : toMillis(now) - toMillis(verification.verifiedAt);
  return {
    structure: assessed(structure),
    verified: verification === null || age > limit ? null : assessed(fact),
    isDue:
      verification?.isNew === false &&
      !isReadWithOthers(artifact) &&
      (fact.integrity === 'incomplete' || age >= renewal),
    hasChecksum: hasChecksum(artifact, recorded),
    isReadWithOthers: isReadWithOthers(artifact),
  };
}

/** What shows that a copy was made to hold less than one database, or another one, is in its fact. */
function assessed({ integrity, nameAgrees, scope, tablesWithoutRows }: Facts['copy']): Assessment {
  const isWhole = scope === 'full' || scope === 'unknown';
  return { integrity, nameAgrees, holdsAll: nameAgrees !== false && isWhole && tablesWithoutRows.length === 0 };
}

/** A reading that does not fit what the copy shows of itself today is of another one, whatever the listing says. */
function agreeing(
  structure: Facts['copy'],
  { reading }: DumpArtifact,
  verification: Verification | null,
): Verification | null {
  if (verification === null || verification.isNew) return verification;
  if (structure.integrity === 'incomplete') return null;
  const then = verification.reading;
  if (then === null) return verification;
  const told = ['format', 'wrapped', 'databaseName', 'databaseOid', 'startedLocal', 'toolVersion'] as const;
  const fits = told.every((key) => reading[key] === null || reading[key] === then[key]);
  return fits ? verification : null;
}

/** An output of pg_dumpall and what lies in it: the file is read once for all databases, in a turn of its own. */
export function isReadWithOthers(artifact: DumpArtifact): boolean {
  return artifact.readInFullAt !== undefined || isClusterDump(artifact);
}

async function verificationOf(
  artifact: DumpArtifact,
  structure: Facts['copy'],
  { readings }: Dumps,
): Promise<Verification | null> {
  const { reading, readInFullAt, isReadNow = false } = artifact;
  if (readInFullAt !== undefined) {
    const { state, because } = reading.integrity;
    const outcome = ({ complete: 'whole', incomplete: 'damaged', unproven: 'unproven' } as const)[state];
    return { outcome, because, reading, verifiedAt: readInFullAt, isNew: isReadNow };
  }
  // One that was read is told by what is in it.
  if (isClusterDump(artifact)) return null;
  return agreeing(structure, artifact, await readings.of(artifact));
}

function structuralFact(artifact: DumpArtifact, around: Surroundings, isListed: boolean): Facts['copy'] {
  // The table of contents of an archive names everything that is in it; nothing else does before the last byte.
  const listsAll = isListed && artifact.reading.tables !== null && !artifact.reading.format.endsWith('plain');
  const fact = copyFact(artifact, artifact.reading, surroundings(artifact, around, listsAll));
  if (!hasChecksum(artifact, around.recorded)) return fact;
  const uncompared = { ...fact, checksumCompared: false };
  const naming = around.recorded.certain.get(artifact.path) ?? [];
  const contradicted = contradictedChecksum(naming, artifact.reading.sha256AtStore ?? null);
  if (contradicted === null || fact.integrity === 'incomplete') return uncompared;
  const integrityBecause = `by the checksum that the store keeps since it was written, ${contradicted}`;
  return { ...uncompared, integrity: 'incomplete', integrityBecause };
}

/** Whether a run recorded a checksum of it, which only a full reading can show to be that of its bytes. */
function hasChecksum({ path, files }: DumpArtifact, { certain }: RecordedArtifacts): boolean {
  if (files !== null) return false;
  return (certain.get(path) ?? []).some((run) => run.status === 'succeeded' && sha256Of(run.sha256) !== null);
}

function verifiedFact(
  artifact: DumpArtifact,
  structure: Facts['copy'],
  verification: Verification,
  around: Surroundings,
  isListed: boolean,
): Facts['copy'] {
  const { reading, because, isNew, verifiedAt } = verification;
  const damaged = (fact: Facts['copy'], why: string): Facts['copy'] => ({
    ...fact,
    integrity: 'incomplete',
    integrityBecause: isNew ? why : `${why}, as it was read in full on ${verifiedAt.slice(0, 10)}`,
    verifiedAt: null,
  });
  if (reading === null) return damaged(structure, because);
  const whole = copyFact(artifact, reading, surroundings(artifact, around, isListed, reading.sha256));
  const compared = hasChecksum(artifact, around.recorded) ? { checksumCompared: reading.sha256 !== null } : {};
  const read = { ...whole, readToEnd: true, ...compared };
  if (read.integrity === 'incomplete') return damaged(read, because);
  const naming = around.recorded.certain.get(artifact.path) ?? [];
  const contradicted = contradictedChecksum(naming, reading.sha256);
  // Whole by the rules of its format, and still not what was recorded: it was changed or replaced since.
  if (contradicted !== null) return damaged(read, contradicted);
  if (read.integrity !== 'complete') return { ...read, verifiedAt: null };
  const { integrity, integrityBecause } = structure;
  const byStructure = artifact.readInFullAt === undefined ? { integrity, because: integrityBecause } : UNREAD_PLAIN;
  return { ...read, verifiedAt, byStructure };
}

const UNREAD_PLAIN = {
  integrity: 'unproven',
  because: 'only reading all of a plain dump shows what is in it',
} as const;

function withBudget(copy: SurveyedCopy, { readings }: Dumps, { dumpsByPath }: LocationContents): SurveyedCopy {
  const { artifact, fact } = copy;
  const file = artifact.readInFullAt === undefined ? artifact : (dumpsByPath.get(artifact.path) ?? artifact);
  if (!readings.isLeft(file)) return copy;
  const { integrity, integrityBecause, byStructure } = fact;
  if (integrity === 'unproven') return { ...copy, fact: { ...fact, integrityBecause: `${integrityBecause}; ${LEFT}` } };
  if (byStructure?.integrity !== 'unproven') return copy;
  // Where the reading that still vouches for it turns out too old, this is why there is no newer one.
  return { ...copy, fact: { ...fact, byStructure: { ...byStructure, because: `${byStructure.because}; ${LEFT}` } } };
}

/** Why a copy is not read in full. */
export const LEFT = 'it was left for a later run to read to its end, as the budget of this one was used up';

function isFuture(fact: Facts['copy'], now: number): boolean {
  return fact.moment !== null && toMillis(fact.moment.notBefore) > now + CLOCKS;
}

function orderOf(fact: Facts['copy']): string {
  return fact.moment?.notBefore ?? fact.modifiedAt;
}

function surroundings(
  artifact: DumpArtifact,
  { estate, database, recorded }: Surroundings,
  listsAll: boolean,
  sha256: string | null = null,
) {
  const claiming = recorded.certain.get(artifact.path)?.[0];
  // Only a matching checksum ties a run record to the bytes themselves.
  const proving = provingRun(database, sha256, artifact.modifiedAt);
  return {
    databaseName: database.name,
    sameNameDatabases: sameNameDatabases(estate, artifact),
    planTimeZone: planTimeZone(database, claiming?.planId ?? null),
    recordedRun: proving,
    claimedByRun: claiming === undefined ? null : database.name,
    listsAll,
  };
}

/** How many databases that bear the name inside could lie in the artifact's location. */
function sameNameDatabases(estate: Dumps, artifact: DumpArtifact): number {
  const servers = estate.databaseServers.get(artifact.reading.databaseName ?? '') ?? new Set<string>();
  const possible = artifact.location.servers;
  return [...servers].filter((server) => possible === null || possible.includes(server)).length;
}
