import type { Instant } from '../../../model/instant.ts';
import type { Secret } from '../../../model/secret.ts';
import { SourceError } from '../../../model/source-error.ts';
import { counted } from '../../../model/text.ts';
import { withScratchDirectory } from '../../scratch-directory.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import type { PhysicalContents, ReadingDepth } from '../physical/physical-copy.ts';
import { readSnapshots, type SnapshotReading, withStorageView } from './read-snapshots.ts';
import type { ListedSnapshot } from './repository-contents.ts';
import { damagedByName } from './restic-file-names.ts';
import { parseResticNode, parseResticSnapshots } from './restic-listing.ts';
import { askProgram, findProgram, type ProgramEnd, type VendorQuestion } from './vendor-program.ts';

export interface RepositoryReading extends SnapshotReading {
  readonly depth: ReadingDepth;
  /** Path of the repository on this machine. */
  readonly root: string;
  /** Null where nobody gave one. */
  readonly secret: Secret | null;
  /** Path of the program; null to look in the usual directories. */
  readonly program: string | null;
}

/**
 * Reads a repository of restic through restic: what its snapshots hold by their paths. At depth `full` every file of
 * the repository is compared with its name, which is its SHA-256, for which neither restic nor password is needed.
 *
 * @throws only what `signal` was fired with; all else becomes a blind spot
 */
export async function readResticRepository(tree: ArtifactTree, reading: RepositoryReading): Promise<PhysicalContents> {
  const { signal } = reading;
  let files: readonly ArtifactFile[] = [];
  let contents: PhysicalContents = NOTHING;
  try {
    files = await repositoryFiles(tree, signal);
    contents = { ...NOTHING, ...(await throughRestic(reading, files)) };
  } catch (error) {
    signal.throwIfAborted();
    const snapshots = files.filter(isSnapshot);
    const viewed = withStorageView(error, snapshots.length, newestOf(snapshots), 'snapshot');
    contents = { ...NOTHING, blindSpot: reading.blindSpotOf(viewed) };
  }
  return reading.depth === 'full' ? withDamage(tree, files, contents, reading) : contents;
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
  const { root, secret, signal } = reading;
  if (secret === null) {
    const remedy = 'Give the password (restic.password): without it nobody can tell what the snapshots hold.';
    throw new SourceError(
      'unauthorized',
      'the repository of restic is encrypted and no password is configured',
      remedy,
    );
  }
  const executable = await findProgram('restic', reading.program);
  return withScratchDirectory(async (home) => {
    const ask = async (question: VendorQuestion, onLine: (line: string) => void): Promise<void> => {
      const end = await askProgram({ executable, question, secret, home, signal }, onLine);
      if (end.exitCode !== 0) throw problemOf(question, end);
    };
    let text = '';
    await ask({ ask: 'restic snapshots', repository: root }, (line) => {
      text += line;
    });
    const snapshots = parseResticSnapshots(text);
    const entriesOf = (snapshot: ListedSnapshot, onNode: Parameters<typeof nodeReader>[0]): Promise<void> =>
      ask({ ask: 'restic ls', repository: root, snapshot: snapshot.id }, nodeReader(onNode));
    const found = await readSnapshots({ method: 'restic', snapshots, encrypted: true, entriesOf }, reading);
    const lost = unreadable(files, snapshots);
    return {
      ...found,
      unmatched: [...found.unmatched, ...lost],
      blindSpot: found.blindSpot ?? (lost.length === 0 ? null : reading.blindSpotOf(unreadableError(lost.length))),
    };
  });
}

function nodeReader(onNode: (node: NonNullable<ReturnType<typeof parseResticNode>>) => void) {
  return (line: string): void => {
    if (line === '') return;
    const node = parseResticNode(line);
    if (node !== null) onNode(node);
  };
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

/** What restic says of itself, by phrases of its own source (0.14 to 0.18) and its exit codes from 0.17 on. */
function problemOf({ ask }: VendorQuestion, { exitCode, complaint }: ProgramEnd): SourceError {
  if (exitCode === 12 || /wrong password|no key found/.test(complaint)) {
    return new SourceError('unauthorized', 'restic refuses the password', 'Correct restic.password of the location.');
  }
  if (exitCode === 10 || /unable to open config file/.test(complaint)) {
    const remedy = 'Name the directory that holds config, keys and snapshots, readable for the audit.';
    return new SourceError('malformed', 'restic finds no repository that it can open', remedy);
  }
  const because = /not found in repository|invalid data|unexpected file size|ciphertext verification/.test(complaint)
    ? ': the repository is damaged'
    : '';
  return new SourceError('malformed', `${ask} ended with code ${exitCode ?? 'none'}${because}`, 'Run restic check.');
}

async function withDamage(
  tree: ArtifactTree,
  files: readonly ArtifactFile[],
  contents: PhysicalContents,
  { signal, blindSpotOf }: RepositoryReading,
): Promise<PhysicalContents> {
  try {
    const damaged = await damagedByName(tree, files, signal);
    const what = 'its bytes are not those that its name tells: damaged';
    return {
      ...contents,
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
