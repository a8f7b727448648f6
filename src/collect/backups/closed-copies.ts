import { createHash } from 'node:crypto';
import type { Facts } from '../../model/facts.ts';
import { toMillis } from '../../model/instant.ts';
import { sha256Of } from '../../model/recorded-checksum.ts';
import { throwIfInterrupted } from '../guard/interruption.ts';
import { StoredChecksumMismatch } from '../trees/stored-checksum-mismatch.ts';
import type { LocationContents } from './artifact-index.ts';
import { type ClosedArtifact, closedCopy, isWrapped, readClosedCopy } from './closed-artifacts.ts';
import { planTimeZone } from './plan-time-zone.ts';
import { provingRun } from './proving-run.ts';
import { contradictedChecksum, type RecordedArtifacts } from './run-references.ts';
import { LEFT } from './survey-copies.ts';
import type { VerificationAges } from './verification/ages.ts';
import type { Readings } from './verification/readings.ts';

type Database = Parameters<typeof planTimeZone>[0] & {
  readonly name: string;
  readonly runs: readonly Facts['backup-run'][];
  readonly plans: readonly Facts['backup-plan'][];
};

/** What nobody can look into and may be a copy of the database, newest first. */
function closedIn(
  { name }: Pick<Database, 'name'>,
  { closed }: Pick<LocationContents, 'closed'>,
  recorded: RecordedArtifacts,
): readonly ClosedArtifact[] {
  return closed
    .of(name, recorded)
    .toSorted((a, b) => b.modifiedAt.localeCompare(a.modifiedAt) || a.path.localeCompare(b.path));
}

/** Those of which a run recorded a checksum, newest first: reading them lets the record speak for them. */
export function recordedClosedIn(
  database: Pick<Database, 'name'>,
  contents: Pick<LocationContents, 'closed'>,
  recorded: RecordedArtifacts,
): readonly ClosedArtifact[] {
  return closedIn(database, contents, recorded).filter(
    ({ kind, path }) =>
      isWrapped(kind) && (recorded.certain.get(path) ?? []).some((run) => sha256Of(run.sha256) !== null),
  );
}

/** What nobody can look into, with what a run recorded of its bytes where they were read. @throws what reading one threw */
export async function closedCopies(
  readings: Pick<Readings, 'sumOf' | 'isLeft'>,
  database: Database,
  contents: Pick<LocationContents, 'closed' | 'location'>,
  recorded: RecordedArtifacts,
  { now, limit }: Pick<VerificationAges, 'now' | 'limit'>,
): Promise<readonly Facts['copy'][]> {
  const { location } = contents;
  const comparable = new Set(recordedClosedIn(database, contents, recorded));
  return Promise.all(
    closedIn(database, contents, recorded).map(async (artifact) => {
      const naming = recorded.certain.get(artifact.path) ?? [];
      const plan = database.plans.find(({ planId }) => planId === naming[0]?.planId);
      const copy = closedCopy(artifact, database.name, plan?.method ?? null);
      if (!comparable.has(artifact)) return copy;
      const sum = await readings.sumOf(artifact);
      if (sum === null || toMillis(now) - toMillis(sum.verifiedAt) > limit) {
        if (!readings.isLeft(artifact)) return copy;
        return { ...copy, integrityBecause: `${copy.integrityBecause}; ${LEFT}` };
      }
      const { sha256 } = sum;
      return readClosedCopy(copy, {
        sha256,
        provenBy: provingRun(database, sha256, artifact.modifiedAt),
        contradicted: contradictedChecksum(naming, sha256),
        timeZone: location.timeZone ?? planTimeZone(database, naming[0]?.planId ?? null),
      });
    }),
  );
}

/**
 * SHA-256 of all its bytes as they lie there, whatever checksum the store keeps of them.
 * @throws SourceError when it cannot be read, and when interrupted
 */
export async function checksumOf({ location, path }: ClosedArtifact, signal: AbortSignal): Promise<string> {
  const reader = await location.tree.open(path, signal);
  const sum = async (): Promise<string> => {
    const hash = createHash('sha256');
    for await (const chunk of reader.stream()) {
      throwIfInterrupted(signal, 'a dump');
      hash.update(chunk);
    }
    return hash.digest('hex');
  };
  try {
    return await sum().catch((error: unknown) => {
      if (!(error instanceof StoredChecksumMismatch)) throw error;
      // The run's record is what the bytes are judged by; they come without the store's comparison this time.
      return sum();
    });
  } finally {
    await reader.close();
  }
}
