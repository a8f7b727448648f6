import { dirname } from 'node:path/posix';
import type { ArtifactTree } from '../../trees/artifact-tree.ts';
import type { RepositoryAccess } from './asked-program.ts';
import { askedTogether } from './asked-together.ts';
import { borgFiles, borgNodes, listArchives, withBorg } from './borg-program.ts';
import { assertSegmentsPresent } from './borg-segments.ts';
import type { ListedSnapshot, RepositoryMethod } from './repository-contents.ts';
import { assertPacksPresent, listSnapshots, resticNodes, withRestic } from './restic-program.ts';
import type { SnapshotNode } from './snapshot-contents.ts';

/** Single files in the snapshots of one repository. Paths are absolute, whatever the program calls them. */
export interface SnapshotFiles {
  readonly method: RepositoryMethod;
  /** Newest first; listed once. @throws SourceError */
  snapshots(): Promise<readonly ListedSnapshot[]>;
  /**
   * What lies at these paths, by path; what is not there is left out. Askers that come while the program runs are asked
   * for together in its next run: it opens the whole repository each time. @throws SourceError
   */
  look(snapshot: ListedSnapshot, paths: readonly string[]): Promise<ReadonlyMap<string, SnapshotNode>>;
  /** SHA-256 of what a file holds, in hexadecimal. @throws SourceError */
  digest(snapshot: ListedSnapshot, path: string): Promise<string>;
  /**
   * Looks whether the files that hold the data are there, by what the repository's own index names; once. A listing of
   * snapshots needs only those with their metadata. @throws SourceError where some are missing or cut, or nobody can tell
   */
  assertDataPresent(): Promise<void>;
  /** Whether nothing is left of what holds the data, so that no snapshot can be restored. @throws SourceError where nobody can tell */
  isWithoutData(): Promise<boolean>;
  /** Everything that a snapshot holds. @throws SourceError, and what `onNode` throws */
  entries(snapshot: ListedSnapshot, onNode: (node: SnapshotNode) => void): Promise<void>;
  /** The bytes of a file. @throws SourceError, and what `consume` throws */
  bytes(snapshot: ListedSnapshot, path: string, consume: Consume): Promise<void>;
  /** A directory as a tar archive. @throws likewise */
  archive(snapshot: ListedSnapshot, path: string, consume: Consume): Promise<void>;
}

type Consume = (bytes: AsyncIterable<Uint8Array>) => Promise<void>;

/** Bytes of paths in one run; Linux takes 2 MiB of arguments and environment (execve(2), ARG_MAX). */
const LONGEST_ARGUMENTS = 256 * 1024;

type Look = (paths: readonly string[]) => Promise<ReadonlyMap<string, SnapshotNode>>;

/** @param tree the same repository */
export function resticFiles(access: RepositoryAccess, tree: ArtifactTree): SnapshotFiles {
  const repository = access.root;
  return snapshotFiles('restic', {
    list: () => withRestic(access, ({ ask }) => listSnapshots(ask, repository)),
    assertDataPresent: () => withRestic(access, ({ until }) => assertPacksPresent(until, repository)),
    isWithoutData: async () => {
      // restic 0.14, "Repository Format": packs lie below data, and every snapshot needs one for its list of files.
      for await (const { path } of tree.list(access.signal)) if (path.startsWith('data/')) return false;
      return true;
    },
    look: ({ id }, paths, onNode) =>
      withRestic(access, async ({ ask }) => {
        // It is asked for directories only, and tells what lies right in them.
        for (const directories of inRuns([...new Set(paths.map((path) => dirname(path)))])) {
          await ask({ ask: 'restic ls', repository, snapshot: id, directories }, resticNodes(onNode));
        }
      }),
    digest: ({ id }, path) =>
      withRestic(access, ({ digest }) => digest({ ask: 'restic dump', repository, snapshot: id, path })),
    entries: ({ id }, onNode) =>
      withRestic(access, ({ ask }) => ask({ ask: 'restic ls', repository, snapshot: id }, resticNodes(onNode))),
    bytes: ({ id }, path, consume) =>
      withRestic(access, ({ bytes }) => bytes({ ask: 'restic dump', repository, snapshot: id, path }, consume)),
    archive: ({ id }, path, consume) =>
      withRestic(access, ({ bytes }) => bytes({ ask: 'restic dump tar', repository, snapshot: id, path }, consume)),
  });
}

/** @param tree the same repository */
export function borgSnapshotFiles(access: RepositoryAccess, tree: ArtifactTree): SnapshotFiles {
  const files = () => borgFiles(tree, access.signal);
  const absolute = (onNode: (node: SnapshotNode) => void) =>
    borgNodes((node) => onNode({ ...node, path: `/${node.path.replace(/^\/+/, '')}` }));
  return snapshotFiles('borg', {
    list: async () =>
      withBorg(access, await files(), async ({ ask }, repository) => (await listArchives(ask, repository)).archives),
    assertDataPresent: async () => assertSegmentsPresent(tree, await files(), access.signal),
    // Its list of archives lies among the data: what can be listed has some.
    isWithoutData: () => Promise.resolve(false),
    look: async ({ id: archive }, paths, onNode) =>
      withBorg(access, await files(), async ({ ask }, repository) => {
        for (const some of inRuns(paths.map(insideArchive))) {
          await ask({ ask: 'borg list archive', repository, archive, paths: some }, absolute(onNode));
        }
      }),
    digest: async ({ id: archive }, path) =>
      withBorg(access, await files(), ({ digest }, repository) =>
        digest({ ask: 'borg extract', repository, archive, path: insideArchive(path) }),
      ),
    entries: async ({ id: archive }, onNode) =>
      withBorg(access, await files(), ({ ask }, repository) =>
        ask({ ask: 'borg list archive', repository, archive }, absolute(onNode)),
      ),
    bytes: async ({ id: archive }, path, consume) =>
      withBorg(access, await files(), ({ bytes }, repository) =>
        bytes({ ask: 'borg extract', repository, archive, path: insideArchive(path) }, consume),
      ),
    archive: async ({ id: archive }, path, consume) =>
      withBorg(access, await files(), ({ bytes }, repository) =>
        bytes({ ask: 'borg export-tar', repository, archive, path: insideArchive(path) }, consume),
      ),
  });
}

interface Program
  extends Pick<SnapshotFiles, 'assertDataPresent' | 'isWithoutData' | 'digest' | 'entries' | 'bytes' | 'archive'> {
  readonly list: () => Promise<readonly ListedSnapshot[]>;
  readonly look: (
    snapshot: ListedSnapshot,
    paths: readonly string[],
    onNode: (node: SnapshotNode) => void,
  ) => Promise<void>;
}

function snapshotFiles(method: RepositoryMethod, program: Program): SnapshotFiles {
  const looks = new Map<string, Look>();
  let listed: Promise<readonly ListedSnapshot[]> | null = null;
  let isPresent: Promise<void> | null = null;
  const lookIn = (snapshot: ListedSnapshot): Look => {
    const known = looks.get(snapshot.id);
    if (known !== undefined) return known;
    const made = askedTogether(async (paths: readonly string[]) => {
      const wanted = new Set(paths);
      const found = new Map<string, SnapshotNode>();
      await program.look(snapshot, [...wanted], (node) => {
        if (wanted.has(node.path)) found.set(node.path, node);
      });
      return found;
    });
    looks.set(snapshot.id, made);
    return made;
  };
  return {
    method,
    snapshots() {
      listed ??= program
        .list()
        .then((all) => [...all].sort((a, b) => b.takenAt.localeCompare(a.takenAt) || (a.id < b.id ? -1 : 1)));
      return listed;
    },
    async look(snapshot, paths) {
      // What others asked for in the same run is none of this asker's.
      const found = await lookIn(snapshot)(paths);
      return new Map(
        paths.flatMap((path) => {
          const node = found.get(path);
          return node === undefined ? [] : [[path, node] as const];
        }),
      );
    },
    assertDataPresent() {
      isPresent ??= program.assertDataPresent();
      return isPresent;
    },
    isWithoutData: program.isWithoutData,
    digest: program.digest,
    entries: program.entries,
    bytes: program.bytes,
    archive: program.archive,
  };
}

/** Borg keeps absolute paths without their first slash. */
function insideArchive(path: string): string {
  return path.replace(/^\/+/, '');
}

/** In portions that one run of a program takes. */
function inRuns(paths: readonly string[]): readonly (readonly string[])[] {
  const runs: string[][] = [];
  let room = 0;
  for (const path of paths) {
    const bytes = Buffer.byteLength(path) + 8;
    const last = runs.at(-1);
    if (last === undefined || bytes > room) {
      runs.push([path]);
      room = LONGEST_ARGUMENTS - bytes;
    } else {
      last.push(path);
      room -= bytes;
    }
  }
  return runs;
}
