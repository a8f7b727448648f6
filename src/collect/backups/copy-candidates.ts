import type { Facts } from '../../model/facts.ts';
import type { Estate } from '../estate.ts';
import type { DumpArtifact, LocationContents } from './artifact-index.ts';
import { partFor, unreadClusterDumps } from './cluster-dumps.ts';
import { type RecordedArtifacts, recordedArtifacts } from './run-references.ts';

/** Of this database by the name inside, by file name, or because a run of it says so, whatever they hold. */
export function candidatesIn(
  estate: Pick<Estate, 'dumps' | 'dumpsByName'>,
  database: { readonly name: string },
  contents: LocationContents,
  { certain, doubtful }: RecordedArtifacts,
): readonly DumpArtifact[] {
  const named = (estate.dumpsByName.get(database.name) ?? []).filter(({ location }) => location === contents.location);
  const recorded = [...certain.keys()].flatMap((path) => contents.dumpsByPath.get(path) ?? []);
  // Of one that names no database nobody knows; one that names another is not accused on a doubtful claim.
  const possible = [...doubtful]
    .flatMap((path) => contents.dumpsByPath.get(path) ?? [])
    .filter(({ reading }) => reading.databaseName === null);
  const known = [...named, ...recorded, ...possible].map((artifact) => partFor(artifact, database.name, contents));
  // One path can be there twice, as a claim and as the database inside.
  const once = new Map(known.map((artifact) => [`${artifact.path}\0${artifact.reading.databaseName}`, artifact]));
  const unread = unreadClusterDumps(contents, database.name, once.size > 0);
  return [...new Set([...once.values(), ...unread])];
}

/** What the runs of the database recorded in one location. */
export function recordedIn(
  estate: Pick<Estate, 'dumps'>,
  database: { readonly runs: readonly Facts['backup-run'][] },
  contents: LocationContents,
): RecordedArtifacts {
  const roots = estate.dumps.map(({ location }) => location.tree.locator);
  const has = (path: string) =>
    contents.dumpsByPath.has(path) || contents.closed.has(path) || contents.unread.has(path);
  return recordedArtifacts(database.runs, contents.location.tree.locator, roots, has);
}
