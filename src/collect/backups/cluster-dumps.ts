import type { BlindSpot } from '../../model/evidence.ts';
import { type Instant, toInstant } from '../../model/instant.ts';
import { databasesInside } from '../formats/pg-dump/cluster-databases.ts';
import type { DumpRecognition } from '../formats/pg-dump/dump-reading.ts';
import { type ClusterInside, type DumpArtifact, type LocationContents, readToEnd } from './artifact-index.ts';

/** Damaged outputs of pg_dumpall behind which the next one is still read. */
const MOST_DAMAGED = 4;

/** Whether an artifact is an output of pg_dumpall as a whole, which may hold any number of databases. */
export function isClusterDump({ reading }: DumpArtifact): boolean {
  return reading.format === 'pg_dumpall-plain' && reading.databaseName === null;
}

/**
 * Reads outputs of pg_dumpall, the newest first, and takes each database inside for a copy of its own: only all of such
 * a file tells which databases it holds. With `mixed` reading ends behind the first whole one.
 *
 * @param blindSpotOf turns a thrown error into a blind spot
 */
export async function readClusterDumps(
  contents: LocationContents,
  depth: 'mixed' | 'full',
  blindSpotOf: (error: unknown) => BlindSpot,
  signal: AbortSignal,
): Promise<LocationContents> {
  const newestFirst = contents.artifacts
    .filter(isClusterDump)
    .toSorted((a, b) => b.modifiedAt.localeCompare(a.modifiedAt) || a.path.localeCompare(b.path));
  const insideClusters = new Map<string, ClusterInside>();
  let blindSpot = contents.blindSpot;
  let damaged = 0;
  for (const artifact of newestFirst) {
    let recognition: DumpRecognition;
    try {
      recognition = await readToEnd(artifact, signal);
    } catch (error) {
      signal.throwIfAborted();
      blindSpot ??= blindSpotOf(error);
      continue;
    }
    // Replaced since it was listed: what it is now shows in the next audit.
    if (recognition.kind !== 'dump' || recognition.reading.format !== 'pg_dumpall-plain') continue;
    const readAt = toInstant(Date.now());
    insideClusters.set(artifact.path, { readAt, databases: byDatabase(artifact, recognition, readAt) });
    const isWhole = recognition.reading.integrity.state === 'complete';
    if (!isWhole) damaged += 1;
    if (depth === 'mixed' && (isWhole || damaged === MOST_DAMAGED)) break;
  }
  const inside = [...insideClusters.values()].flatMap(({ databases }) => [...databases.values()]);
  return { ...contents, artifacts: [...contents.artifacts, ...inside], insideClusters, blindSpot };
}

function byDatabase(
  artifact: DumpArtifact,
  { reading: whole }: DumpRecognition & { kind: 'dump' },
  readInFullAt: Instant,
): ReadonlyMap<string, DumpArtifact> {
  return new Map(
    databasesInside(whole).flatMap((reading): readonly (readonly [string, DumpArtifact])[] =>
      reading.databaseName === null
        ? []
        : [[reading.databaseName, { ...artifact, reading, claimedName: null, readInFullAt }]],
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
  return inside.databases.get(database) ?? { ...artifact, reading: lacking, readInFullAt: inside.readAt };
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
