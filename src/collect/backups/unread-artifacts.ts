import type { BlindSpot } from '../../model/evidence.ts';
import { claimedName } from './claimed-name.ts';
import type { DumpLocation } from './dump-location.ts';
import type { RecordedArtifacts } from './run-references.ts';

/** A file, or a directory dump, that could not be opened or read. */
export interface UnreadArtifact {
  readonly path: string;
  readonly reason: BlindSpot['reason'];
}

/** The unread artifacts of one location. */
export interface UnreadArtifacts {
  has(path: string): boolean;
  /** Why the answer about one database is incomplete: a path claims it, or a run record of it names one. */
  about(database: string, recorded: RecordedArtifacts): BlindSpot | null;
  /** Why every database's answer is incomplete: a path tells nothing of whose copy it is. */
  readonly aboutAll: BlindSpot | null;
}

/**
 * Sorts what could not be read by the databases it may be a copy of, so that one file does not make the copies of
 * every organization unknown.
 *
 * @param databaseNames names of the install's databases
 */
export function unreadArtifacts(
  location: DumpLocation,
  all: readonly UnreadArtifact[],
  databaseNames: ReadonlySet<string>,
): UnreadArtifacts {
  const byPath = new Map(all.map((artifact) => [artifact.path, artifact]));
  const byClaim = Map.groupBy(all, ({ path }) => claimedName(path, databaseNames));
  const unclaimed = byClaim.get(null)?.[0];
  return {
    has: (path) => byPath.has(path),
    about(database, { certain, doubtful }) {
      const recorded = [...certain.keys(), ...doubtful].map((path) => byPath.get(path));
      const first = [...(byClaim.get(database) ?? []), ...recorded].find((one) => one !== undefined);
      return first === undefined ? null : unread(location, first, 'a file in it that may be a copy of this database');
    },
    aboutAll: unclaimed === undefined ? null : unread(location, unclaimed, 'a file in it'),
  };
}

/** Paths are left to the list of unmatched files: no organization is told of another's files. */
function unread(location: DumpLocation, { reason }: UnreadArtifact, what: string): BlindSpot {
  return {
    reason,
    detail: `location ${location.name}: ${what} could not be read`,
    remedy: 'Let the audit read every file of the location; those it could not read are listed as unmatched.',
  };
}
