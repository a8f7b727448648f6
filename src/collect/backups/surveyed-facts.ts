import type { Facts } from '../../model/facts.ts';
import { sha256Of } from '../../model/recorded-checksum.ts';
import type { Estate } from '../estate.ts';
import type { DumpArtifact } from './artifact-index.ts';
import type { CopiedDatabase } from './copied-database.ts';
import { copyFact } from './copy-facts.ts';
import { planTimeZone } from './plan-time-zone.ts';
import { provingRun } from './proving-run.ts';
import { contradictedChecksum, type RecordedArtifacts } from './run-references.ts';
import type { Verification } from './verification/verification-memory.ts';

/** What is known of the dumps of a run. */
export type Dumps = Pick<Estate, 'dumps' | 'dumpsByName' | 'databaseServers' | 'readings'>;

/** What a copy is compared with. */
export interface Surroundings {
  readonly estate: Dumps;
  readonly database: CopiedDatabase;
  readonly recorded: RecordedArtifacts;
}

/** What the structure of a copy tells. @param isListed whether its tables are told too */
export function structuralFact(artifact: DumpArtifact, around: Surroundings, isListed: boolean): Facts['copy'] {
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
export function hasChecksum({ path, files }: DumpArtifact, { certain }: RecordedArtifacts): boolean {
  if (files !== null) return false;
  return (certain.get(path) ?? []).some((run) => run.status === 'succeeded' && sha256Of(run.sha256) !== null);
}

/** What a full reading adds to it. */
export function verifiedFact(
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
