import type { BlindSpot } from '../../../model/evidence.ts';
import type { Instant } from '../../../model/instant.ts';
import { SourceError } from '../../../model/source-error.ts';
import { counted } from '../../../model/text.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { joinedBlindSpot } from '../physical/pgbackrest/joined-blind-spot.ts';
import type { PhysicalContents, ReadingDepth } from '../physical/physical-copy.ts';
import type { AskedProgram, RepositoryAccess } from './asked-program.ts';
import { readSnapshots, type SnapshotReading, withStorageView } from './read-snapshots.ts';
import type { ListedSnapshot } from './repository-contents.ts';
import { damagedByName } from './restic-file-names.ts';
import { assertPacksPresent, listSnapshots, resticNodes, withRestic } from './restic-program.ts';
import type { SnapshotNode } from './snapshot-contents.ts';

export interface RepositoryReading extends SnapshotReading, RepositoryAccess {
  readonly depth: ReadingDepth;
}

/**
 * Reads a repository of restic through restic: what its snapshots hold by their paths, and whether the packs are there that
 * its index names: it lists snapshots whose data are gone. At depth `full` every file of
 * the repository is compared with its name, which is its SHA-256, for which neither restic nor password is needed.
 *
 * @throws only what `signal` was fired with; all else becomes a blind spot
 */
export async function readResticRepository(tree: ArtifactTree, reading: RepositoryReading): Promise<PhysicalContents> {
  const { signal } = reading;
  let files: readonly ArtifactFile[] = [];
  let contents: PhysicalContents = NOTHING;
  let missing: BlindSpot | null = null;
  try {
    files = await repositoryFiles(tree, signal);
    const { packs, ...found } = await throughRestic(reading, files);
    contents = { ...NOTHING, ...found };
    missing = packs;
  } catch (error) {
    signal.throwIfAborted();
    const snapshots = files.filter(isSnapshot);
    const viewed = withStorageView(error, snapshots.length, newestOf(snapshots), 'snapshot');
    contents = { ...NOTHING, blindSpot: reading.blindSpotOf(viewed) };
  }
  const read = reading.depth === 'full' ? await withDamage(tree, files, contents, reading) : contents;
  return { ...read, blindSpot: joinedBlindSpot([read.blindSpot, missing].filter((one) => one !== null)) };
}

const NOTHING: PhysicalContents = { copies: [], archives: [], plans: [], unmatched: [], blindSpot: null };

/** restic 0.14, "Repository Format": `config` and `keys` are there from the beginning. */
async function repositoryFiles(tree: ArtifactTree, signal: AbortSignal): Promise<readonly ArtifactFile[]> {
  const files: ArtifactFile[] = [];
  for await (const file of tree.list(signal)) files.push(file);
  const isRepository =
    files.some(({ path }) => path === 'config') && files.some(({ path }) => path.startsWith('keys/'));
  if (isRepository) return files;
  const remedy = 'Name the directory that holds config, keys and snapshots.';
  throw new SourceError('malformed', `${JSON.stringify(tree.locator)} is no repository of restic`, remedy);
}

async function throughRestic(reading: RepositoryReading, files: readonly ArtifactFile[]) {
  return withRestic(reading, async ({ ask, until }) => {
    const snapshots = await listSnapshots(ask, reading.root);
    const entriesOf = (snapshot: ListedSnapshot, onNode: (node: SnapshotNode) => void): Promise<void> =>
      ask({ ask: 'restic ls', repository: reading.root, snapshot: snapshot.id }, resticNodes(onNode));
    const found = await readSnapshots({ method: 'restic', snapshots, encrypted: true, entriesOf }, reading);
    const lost = unreadable(files, snapshots);
    return {
      ...found,
      unmatched: [...found.unmatched, ...lost],
      blindSpot: found.blindSpot ?? (lost.length === 0 ? null : reading.blindSpotOf(unreadableError(lost.length))),
      packs: await missingPacks(until, reading),
    };
  });
}

/** Which snapshots need a pack that is missing is not told, so that it leaves open whether any can be restored. */
async function missingPacks(
  until: AskedProgram['until'],
  { root, signal, blindSpotOf }: RepositoryReading,
): Promise<BlindSpot | null> {
  try {
    await assertPacksPresent(until, root);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return blindSpotOf(error);
  }
}

/** restic leaves a snapshot it cannot load out of its list and ends well; its file is still there. */
function unreadable(
  files: readonly ArtifactFile[],
  snapshots: readonly ListedSnapshot[],
): PhysicalContents['unmatched'] {
  const told = new Set(snapshots.map(({ id }) => id));
  return files
    .filter((file) => isSnapshot(file) && !told.has(nameOf(file)))
    .map(({ path, bytes, modifiedAt }) => ({
      path,
      bytes,
      modifiedAt,
      what: 'snapshot that restic does not list: damaged, or of another key',
      foundName: null,
    }));
}

function unreadableError(count: number): SourceError {
  const message = `restic does not list ${counted(count, 'snapshot')} whose ${count === 1 ? 'file is' : 'files are'} there`;
  return new SourceError('malformed', message, 'Run restic check; look at the files listed as unmatched.');
}

async function withDamage(
  tree: ArtifactTree,
  files: readonly ArtifactFile[],
  contents: PhysicalContents,
  { signal, blindSpotOf }: RepositoryReading,
): Promise<PhysicalContents> {
  try {
    const damaged = await damagedByName(tree, files, signal);
    const lost = damaged.filter(({ path }) => /^(?:data|index)\//.test(path));
    const what = 'its bytes are not those that its name tells: damaged';
    return {
      ...contents,
      ...(lost.length === 0 ? {} : { damage: damageError(lost.length).message }),
      unmatched: [
        ...contents.unmatched,
        ...damaged.map(({ path, bytes, modifiedAt }) => ({ path, bytes, modifiedAt, what, foundName: null })),
      ],
      blindSpot: contents.blindSpot ?? (damaged.length === 0 ? null : blindSpotOf(damageError(damaged.length))),
    };
  } catch (error) {
    signal.throwIfAborted();
    return { ...contents, blindSpot: contents.blindSpot ?? blindSpotOf(error) };
  }
}

function damageError(count: number): SourceError {
  const message = `${counted(count, 'file')} of the repository ${count === 1 ? 'is' : 'are'} damaged, and which snapshots need ${count === 1 ? 'it' : 'them'} is not known`;
  return new SourceError('malformed', message, 'Run restic check --read-data, then take a new backup.');
}

function isSnapshot({ path }: ArtifactFile): boolean {
  return /^snapshots\/[0-9a-f]{64}$/.test(path);
}

function nameOf({ path }: ArtifactFile): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function newestOf(files: readonly ArtifactFile[]): Instant | null {
  return files.reduce<Instant | null>(
    (best, { modifiedAt }) => (best === null || modifiedAt > best ? modifiedAt : best),
    null,
  );
}
