import type { Facts } from '../../model/facts.ts';
import { toMillis } from '../../model/instant.ts';
import { leavesOutData } from '../../model/left-out-data.ts';
import type { DumpArtifact, LocationContents } from './artifact-index.ts';
import { isClusterDump } from './cluster-dumps.ts';
import type { CopiedDatabase } from './copied-database.ts';
import { candidatesIn } from './copy-candidates.ts';
import { CLOCKS } from './proving-run.ts';
import type { RecordedArtifacts } from './run-references.ts';
import { type Dumps, hasChecksum, type Surroundings, structuralFact, verifiedFact } from './surveyed-facts.ts';
import type { VerificationAges } from './verification/ages.ts';
import { type Assessment, nextReading, type SelectedCopy, type Selection } from './verification/next-reading.ts';
import type { Verification } from './verification/verification-memory.ts';

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
function assessed(fact: Facts['copy']): Assessment {
  const { integrity, nameAgrees, scope } = fact;
  const isWhole = scope === 'full' || scope === 'unknown';
  return { integrity, nameAgrees, holdsAll: nameAgrees !== false && isWhole && !leavesOutData(fact) };
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
