import type { BlindSpot } from '../model/evidence.ts';
import { type Instant, MINUTE, toInstant, toMillis } from '../model/instant.ts';
import { limitValue } from '../model/policy.ts';
import type { Subject } from '../model/subject.ts';
import { systemClock } from './ask.ts';
import { ABSENT, type Collection } from './estate.ts';
import type { ArtifactCounts } from './organizations/artifact-counts.ts';
import { type ArtifactSample, type SampleQuestion, stillListed } from './organizations/artifact-sample.ts';
import type { ArtifactRow, TenantDatabaseRow } from './organizations/dataset-contracts.ts';
import type { TenantDatabaseReading } from './organizations/tenant-database.ts';
import type { KnownServer } from './servers.ts';
import type { FileProbe } from './stores/file-probe.ts';
import { inTenant } from './tenant-connection.ts';

/** Artifact rows of one tenant database that are to be looked for. */
export interface DrawnArtifacts {
  readonly sample: ArtifactSample;
  /** How many rows could have been drawn. */
  readonly population: number;
  /** Which of some keys the database lists now. @throws SourceError */
  stillListed(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** The rows of some keys as it has them now. @throws SourceError */
  rowsOfKeys(keys: readonly string[]): Promise<readonly ArtifactRow[]>;
  /** Rows dated later than clocks may differ: those are not drawn. Absent where nobody counted them. */
  readonly future?: number;
  /** Of rows that were drawn for a plan: how many the database lists no more. */
  readonly gone?: number;
  /** Likewise: how they were looked for on the host that answered it, and as of when. */
  readonly lookedFor?: { readonly probe: FileProbe; readonly collectedAt: Instant };
}

/** Rows this young at a copy's moment are tolerated: clocks of application, database and storage differ. */
export function skewMillis({ policy }: Collection, { organizationId }: Pick<Subject, 'organizationId'>): number {
  return limitValue('fileSkewMinutes', policy, { kind: 'store', organizationId }) * MINUTE;
}

/** Rows that are younger than clocks may differ are not drawn: their files may be on their way. */
export function sampleQuestion(collection: Collection, organization: Subject): SampleQuestion {
  const { rows, seed } = collection.config.collect.fileSample;
  const before = toInstant(toMillis(systemClock()) - skewMillis(collection, organization));
  return { rows, seed: seed ?? Number(collection.startedAt.slice(0, 10).replaceAll('-', '')), before };
}

/** Rows that are dated later than this are so wrongly, by more than clocks may differ. */
export function latestCredible(collection: Collection, organization: Subject): Instant {
  return toInstant(toMillis(systemClock()) + skewMillis(collection, organization));
}

/** What was drawn, or why nothing was. */
export function drawnFrom(
  collection: Collection,
  sample: TenantDatabaseReading['artifactSample'],
  counts: ArtifactCounts | undefined,
  asked: SampleQuestion | null,
  again: Pick<DrawnArtifacts, 'stillListed' | 'rowsOfKeys' | 'future'>,
): DrawnArtifacts | BlindSpot {
  if (asked === null || sample === null) return NOT_DRAWN;
  if (sample.status === 'absent') return ABSENT('artifacts');
  if (sample.status === 'blind') return collection.asker.blindSpotOf(sample.error, 'artifacts');
  const [drawn] = sample.rows;
  if (drawn === undefined) return NOT_DRAWN;
  if (counts === undefined) {
    return drawn.estimate === null ? NOT_DRAWN : { sample: drawn, population: drawn.estimate, ...again };
  }
  const young = counts.after.find(({ after }) => after === asked.before)?.count ?? 0;
  return { sample: drawn, population: counts.total - young, ...again };
}

const NOT_DRAWN: BlindSpot = {
  reason: 'not-asked',
  detail: 'no artifact rows were drawn',
  remedy: 'See why nobody can look for files in the store.',
};

/** Which of some keys the database still lists. @throws SourceError */
export async function relist(
  collection: Collection,
  known: KnownServer | undefined,
  row: TenantDatabaseRow,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  return await inTenant(collection, known, row, (connection) =>
    stillListed(connection, collection.mapping, keys, row.schemaName),
  );
}
