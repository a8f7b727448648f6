import type { BlindSpot } from '../../model/evidence.ts';
import { databasesInside } from '../formats/pg-dump/cluster-databases.ts';
import type { DumpReading } from '../formats/pg-dump/dump-reading.ts';
import type { ClusterInside, DumpArtifact, LocationContents } from './artifact-index.ts';
import type { Readings } from './verification/readings.ts';
import type { Verification } from './verification/verification-memory.ts';

/** Whether an artifact is an output of pg_dumpall as a whole, which may hold any number of databases. */
export function isClusterDump({ reading }: DumpArtifact): boolean {
  return reading.format === 'pg_dumpall-plain' && reading.databaseName === null;
}

/** The outputs of pg_dumpall of one location, newest first. */
export function clusterDumpsIn({ artifacts }: Pick<LocationContents, 'artifacts'>): readonly DumpArtifact[] {
  return artifacts
    .filter(isClusterDump)
    .toSorted((a, b) => b.modifiedAt.localeCompare(a.modifiedAt) || a.path.localeCompare(b.path));
}

/**
 * Takes each database inside an output of pg_dumpall for a copy of its own where the file was read, in this run or
 * before: only all of such a file tells which databases it holds.
 *
 * @param contents as listed, without any database inside
 * @param blindSpotOf turns what reading a file threw into a blind spot
 */
export async function openedClusterDumps(
  contents: LocationContents,
  readings: Pick<Readings, 'of'>,
  blindSpotOf: (error: unknown) => BlindSpot,
): Promise<LocationContents> {
  const insideClusters = new Map<string, ClusterInside>();
  let { blindSpot } = contents;
  for (const artifact of clusterDumpsIn(contents)) {
    let verification: Verification | null;
    try {
      verification = await readings.of(artifact);
    } catch (error) {
      blindSpot ??= blindSpotOf(error);
      continue;
    }
    const whole = verification?.reading ?? null;
    // Replaced since it was listed: what it is now shows in the next audit.
    if (verification === null || whole?.format !== 'pg_dumpall-plain') continue;
    insideClusters.set(artifact.path, {
      readAt: verification.verifiedAt,
      isNew: verification.isNew,
      whole,
      databases: byDatabase(artifact, whole, verification),
    });
  }
  const inside = [...insideClusters.values()].flatMap(({ databases }) => [...databases.values()]);
  return { ...contents, artifacts: [...contents.artifacts, ...inside], insideClusters, blindSpot };
}

function byDatabase(
  artifact: DumpArtifact,
  whole: DumpReading,
  { verifiedAt, isNew }: Pick<Verification, 'verifiedAt' | 'isNew'>,
): ReadonlyMap<string, DumpArtifact> {
  const read = { readInFullAt: verifiedAt, isReadNow: isNew };
  return new Map(
    databasesInside(whole).flatMap((reading): readonly (readonly [string, DumpArtifact])[] =>
      reading.databaseName === null
        ? []
        : [[reading.databaseName, { ...artifact, reading, claimedName: null, ...read }]],
    ),
  );
}

/**
 * What an output of pg_dumpall is for one database: its part inside; where the file was read and the database is not in
 * it, a copy that lacks it; else the file, of which nobody knows what it holds.
 */
export function partFor(artifact: DumpArtifact, database: string, contents: LocationContents): DumpArtifact {
  const inside = isClusterDump(artifact) ? contents.insideClusters.get(artifact.path) : undefined;
  if (inside === undefined) return artifact;
  const because = 'it is an output of pg_dumpall that was read, and this database is not in it';
  const lacking = { ...artifact.reading, integrity: { state: 'incomplete', because } } as const;
  const absent = { ...artifact, reading: lacking, readInFullAt: inside.readAt, isReadNow: inside.isNew };
  return inside.databases.get(database) ?? absent;
}

/** Most unread outputs of pg_dumpall that are shown as possible copies of one database. */
const MOST_UNREAD = 64;

/**
 * Outputs of pg_dumpall that were not read and may hold the database: it is inside another one of the location, or has
 * no other copy there.
 */
export function unreadClusterDumps(
  contents: LocationContents,
  database: string,
  hasOtherCopies: boolean,
): readonly DumpArtifact[] {
  const isInsideOne = [...contents.insideClusters.values()].some(({ databases }) => databases.has(database));
  if (hasOtherCopies && !isInsideOne) return [];
  return contents.artifacts
    .filter((artifact) => isClusterDump(artifact) && !contents.insideClusters.has(artifact.path))
    .toSorted((a, b) => b.modifiedAt.localeCompare(a.modifiedAt))
    .slice(0, MOST_UNREAD);
}
