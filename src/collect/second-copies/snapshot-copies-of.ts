import { type ListedSnapshot, snapshotName } from '../backups/repositories/repository-contents.ts';
import type { SnapshotNode } from '../backups/repositories/snapshot-contents.ts';
import type { SnapshotFiles } from '../backups/repositories/snapshot-files.ts';
import type { Collection, OpenLocation } from '../estate.ts';
import { repositoryOf } from '../file-sets/opened-repository.ts';
import { isRepositoryOfFiles } from '../file-sets/read-file-copies.ts';
import { pathInCopy } from '../hosts/dated-copies.ts';
import { datedCopySettings } from '../hosts/unfitting-names.ts';
import type { ArtifactRow } from '../organizations/dataset-contracts.ts';
import { recordedSnapshotCopies } from '../recorded/recorded-copy-samples.ts';
import { recordedIn } from '../recorded/recorded-location.ts';
import { type FileProbe, LARGEST_SUMMED } from '../stores/file-probe.ts';
import { type DeclaredCopy, isCredible, type SecondCopy, type StorePaths } from './second-copy.ts';

/** Newest archives of different series of one host that are looked into: Borg does not tell beforehand what is in which. */
const SERIES = 3;
/** Of all hosts that share a repository. */
const MOST_SNAPSHOTS = 12;

/** What is told of a row that will be looked for. */
type Wanted = Pick<ArtifactRow, 'objectKey' | 'bytes'>;

type Access = Pick<Collection, 'asker' | 'signal' | 'secret'>;

/**
 * The newest snapshot that holds the directory of a store, in each repository that is said to hold files. One that never
 * held it is no copy of it. Where several hosts share a repository and have that directory, it is the one that holds most of
 * the files that will be looked for: another organization's, or those of a second install, are no copy of this store.
 *
 * @param rows files that will be looked for: the same run of the program answers for all of them
 */
export function snapshotCopiesOf(
  collection: Access,
  locations: readonly OpenLocation[],
  paths: StorePaths,
  rows: readonly Wanted[],
): Promise<readonly DeclaredCopy[]> {
  return Promise.all(
    locations
      .filter(({ config }) => isRepositoryOfFiles(config))
      .map(async (location): Promise<readonly DeclaredCopy[]> => {
        const { name } = location.config;
        const { tree, blindSpot } = location;
        if (blindSpot !== null) return [{ location: name, blindSpot }];
        const recorded = tree === null ? null : recordedIn(tree);
        if (recorded !== null) return recordedSnapshotCopies(recorded, location.config, paths);
        try {
          return await copyIn(await repositoryOf(collection, location), location, paths, rows, collection.signal);
        } catch (error) {
          collection.signal.throwIfAborted();
          return [{ location: name, blindSpot: collection.asker.blindSpotOf(error, `location ${name}`) }];
        }
      }),
  ).then((found) => found.flat());
}

async function copyIn(
  files: SnapshotFiles,
  { config }: OpenLocation,
  paths: StorePaths,
  rows: readonly Wanted[],
  signal: AbortSignal,
): Promise<readonly DeclaredCopy[]> {
  const { sourceRoot } = datedCopySettings(config);
  const inside = (path: string) => {
    const found = pathInCopy(path, sourceRoot);
    return found === null ? [] : [`/${found}`];
  };
  const roots = paths.roots.flatMap(inside);
  if (roots.length === 0) return [];
  const insideOf = (key: string) => paths.pathsOf(key).flatMap(inside);
  const wanted = [...roots, ...rows.flatMap(({ objectKey }) => insideOf(objectKey))];
  const byHost = new Map<string, Holding>();
  const listed = await files.snapshots();
  for (const snapshot of newestOfSeries(listed, paths.roots)) {
    signal.throwIfAborted();
    if (byHost.has(snapshot.host)) continue;
    const found = await files.look(snapshot, wanted);
    // A link to the directory is not what lies in it.
    const isLinkAlone = roots.length > 1 && [...found.keys()].every((path) => path === roots[0]);
    if (found.size > 0 && !isLinkAlone) byHost.set(snapshot.host, { snapshot, found });
  }
  const [best] = [...byHost.values()]
    .map((one) => ({ ...one, held: heldOf(rows, insideOf, one) }))
    .sort((a, b) => b.held - a.held || b.snapshot.takenAt.localeCompare(a.snapshot.takenAt));
  if (best === undefined) return [];
  await files.assertDataPresent();
  const { snapshot, found } = best;
  const probe = probeOf(files, snapshot, config.name, found, insideOf);
  const { takenAt: moment } = snapshot;
  const passedOver = passedOverBefore(snapshot, listed);
  return [{ location: config.name, copy: snapshotName(snapshot), method: files.method, moment, probe, ...passedOver }];
}

/** A snapshot, and what was found in it of what was asked for. */
interface Holding {
  readonly snapshot: ListedSnapshot;
  readonly found: ReadonlyMap<string, SnapshotNode>;
}

/** How many rows have their file there, of the size that they state. */
function heldOf(rows: readonly Wanted[], insideOf: (key: string) => readonly string[], { found }: Holding): number {
  return rows.filter(({ objectKey, bytes }) =>
    insideOf(objectKey).some((path) => {
      const node = found.get(path);
      return node?.isFile === true && (bytes === null || node.isLinked || node.bytes === bytes);
    }),
  ).length;
}

/** The newest snapshot of the same series, where that is dated in the future and tells no moment. */
function passedOverBefore(
  chosen: ListedSnapshot,
  newestFirst: readonly ListedSnapshot[],
): Pick<SecondCopy, 'passedOver'> {
  const newest = newestFirst.find(({ series }) => series === chosen.series);
  if (newest === undefined || newest === chosen) return {};
  const because = 'it is dated in the future';
  return { passedOver: { copy: snapshotName(newest), moment: newest.takenAt, because } };
}

/** restic tells what it was to back up, so that snapshots of other paths need not be opened. */
function newestOfSeries(snapshots: readonly ListedSnapshot[], roots: readonly string[]): readonly ListedSnapshot[] {
  const newest = new Map<string, ListedSnapshot>();
  for (const snapshot of snapshots) {
    if (isCredible(snapshot.takenAt) && !newest.has(snapshot.series)) newest.set(snapshot.series, snapshot);
  }
  const holding = [...newest.values()].filter(
    ({ paths }) => paths === null || paths.some((path) => roots.some((root) => isAtOrAbove(path, root))),
  );
  const perHost = new Map<string, number>();
  return holding
    .filter(({ host }) => {
      const before = perHost.get(host) ?? 0;
      perHost.set(host, before + 1);
      return before < SERIES;
    })
    .slice(0, MOST_SNAPSHOTS);
}

function isAtOrAbove(path: string, root: string): boolean {
  return pathInCopy(root, path) !== null;
}

function probeOf(
  files: SnapshotFiles,
  snapshot: ListedSnapshot,
  location: string,
  found: ReadonlyMap<string, SnapshotNode>,
  pathsOf: (key: string) => readonly string[],
): FileProbe {
  const isLink = (key: string) => pathsOf(key).some((path) => found.get(path)?.isSymbolicLink === true);
  const nodeOf = (key: string) =>
    pathsOf(key).flatMap((path) => {
      const node = found.get(path);
      return node?.isFile === true ? [node] : [];
    })[0];
  return {
    locator: `${location}: ${snapshot.label}`,
    source: `location ${location}`,
    look: (key) => {
      if (pathsOf(key).length === 0) return Promise.resolve({ is: 'refused' });
      const node = nodeOf(key);
      if (node === undefined) return Promise.resolve({ is: isLink(key) ? 'link' : 'missing' });
      const bytes = node.isLinked ? null : node.bytes;
      return Promise.resolve({ is: 'found', bytes, sha256: null, copied: null, locked: false });
    },
    async checksum(key, { bytes }) {
      const node = nodeOf(key);
      if (node === undefined || bytes === null || bytes > LARGEST_SUMMED) return null;
      return await files.digest(snapshot, node.path);
    },
  };
}
