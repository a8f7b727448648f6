import { type ListedSnapshot, snapshotName } from '../backups/repositories/repository-contents.ts';
import type { SnapshotFiles } from '../backups/repositories/snapshot-files.ts';
import { walkTarEntries } from '../formats/tar-entries.ts';
import { type DatedCopies, type DatedCopy, pathInCopy } from '../hosts/dated-copies.ts';
import { keyedDigest, LARGEST_DIGESTED } from '../hosts/file-digest.ts';
import { digestOfListedTree, type SummedFile, sumOf } from './copied-tree-of-tar.ts';
import { copyContents } from './copy-contents.ts';
import type { SetContents } from './set-contents.ts';
import { isWalked } from './walked-archive.ts';

/** Snapshots of one series whose contents are listed, newest first: what a control asks of is among them. */
const NEWEST_OF_SERIES = 3;
/** Of all series of one repository. */
const MOST_SNAPSHOTS = 200;

/** Dated copies as the snapshots of a repository, with what can be asked of their contents. */
export interface SnapshotSet {
  readonly copies: DatedCopies;
  readonly contents: SetContents;
  /** Series of which no snapshot was looked into, as there are too many. */
  readonly left: number;
}

/**
 * The newest snapshots of each series of a repository of restic or Borg. Each is one copy of what its program was given,
 * as of when it began.
 *
 * @param kept paths of the source host of which single files are asked for
 * @throws SourceError where the program does not answer, and where files with the data of snapshots are missing
 */
export async function readSnapshotSet(
  files: SnapshotFiles,
  sourceRoot: string,
  kept: readonly string[],
  signal: AbortSignal,
): Promise<SnapshotSet> {
  const wanted = kept.flatMap((path) => pathInCopy(path, sourceRoot) ?? []);
  const { chosen, left } = newestOfSeries(await files.snapshots());
  if (chosen.length > 0 && (await files.isWithoutData())) {
    return {
      copies: { copies: chosen.map((snapshot) => withoutData(files.method, snapshot)), strays: [] },
      ...NOTHING,
      left,
    };
  }
  if (chosen.length > 0) await files.assertDataPresent();
  const byName = new Map<string, ListedSnapshot>();
  const copies: DatedCopy[] = [];
  for (const snapshot of chosen) {
    signal.throwIfAborted();
    const contents = copyContents(wanted, `snapshot ${snapshot.label}`);
    await files.entries(snapshot, ({ path, isFile, bytes, modifiedAt, isLinked }) => {
      if (isFile) contents.add({ path: path.replace(/^\/+/, ''), bytes, modifiedAt, isLinked });
    });
    const name = snapshotName(snapshot);
    byName.set(name, snapshot);
    copies.push({
      name,
      moment: snapshot.takenAt,
      series: snapshot.series,
      listedBy: files.method,
      ...(snapshot.excludes === null || snapshot.excludes.length === 0 ? {} : { excludes: snapshot.excludes }),
      ...completeness(files.method, snapshot),
      ...contents.result(),
    });
  }
  return {
    copies: { copies, strays: [] },
    left,
    contents: {
      async fileDigest(copy, inside, key) {
        const bytes = copy.files.get(inside)?.bytes ?? Number.POSITIVE_INFINITY;
        const snapshot = byName.get(copy.name);
        if (snapshot === undefined || bytes > LARGEST_DIGESTED) return null;
        const pieces: Uint8Array[] = [];
        await files.bytes(snapshot, `/${inside}`, async (chunks) => {
          for await (const chunk of chunks) pieces.push(chunk);
        });
        return keyedDigest(key, Buffer.concat(pieces));
      },
      async treeDigest(copy, inside, key, except) {
        const snapshot = byName.get(copy.name);
        if (snapshot === undefined) return null;
        const directory = inside;
        const summed: SummedFile[] = [];
        const isWhole = await isWalked(
          files.archive(snapshot, `/${directory}`, (chunks) =>
            walkTarEntries({ chunks }, async ({ path, isFile, isLinked, isSparse, bytes }, content) => {
              // restic names members from the directory on or from the root, Borg from the root.
              const member = path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;
              if (isFile)
                summed.push({ path: member, bytes, sha256: isLinked || isSparse ? null : await sumOf(content) });
            }),
          ),
        );
        return isWhole ? digestOfListedTree(summed, key, except) : null;
      },
    },
  };
}

const NOTHING = { contents: { fileDigest: () => Promise.resolve(null), treeDigest: () => Promise.resolve(null) } };

/** A snapshot that is listed, and of which nothing can be restored. */
function withoutData(method: SnapshotFiles['method'], snapshot: ListedSnapshot): DatedCopy {
  return {
    name: snapshotName(snapshot),
    moment: snapshot.takenAt,
    series: snapshot.series,
    complete: false,
    because: `${method} lists it, and not one file of its data is there: nothing of it can be restored`,
    ...copyContents([], `snapshot ${snapshot.label}`).result(),
  };
}

/** What reads the data of a repository to its end. */
const CHECKS = { restic: 'restic check --read-data', borg: 'borg check --verify-data' } as const;

/** restic and Borg list a snapshot when all of it is kept; Borg calls the beginnings of an interrupted one checkpoints. */
function completeness(
  method: SnapshotFiles['method'],
  { label }: ListedSnapshot,
): Pick<DatedCopy, 'complete' | 'because'> {
  if (method === 'borg' && /\.checkpoint(?:\.\d+)?$/.test(label)) {
    return { complete: false, because: 'it is a checkpoint of an archive that was not finished' };
  }
  const parts = method === 'restic' ? 'packs' : 'segments';
  const because = `${method} lists it as finished, and the ${parts} that its index names are there; whether each byte in them is right, only ${CHECKS[method]} tells`;
  return { complete: true, because };
}

function newestOfSeries(newestFirst: readonly ListedSnapshot[]): {
  readonly chosen: readonly ListedSnapshot[];
  readonly left: number;
} {
  const seen = new Map<string, number>();
  const ranked = newestFirst.map((snapshot) => {
    const rank = seen.get(snapshot.series) ?? 0;
    seen.set(snapshot.series, rank + 1);
    return { snapshot, rank };
  });
  const chosen = ranked
    .filter(({ rank }) => rank < NEWEST_OF_SERIES)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST_SNAPSHOTS)
    .map(({ snapshot }) => snapshot)
    .sort((a, b) => b.takenAt.localeCompare(a.takenAt));
  return { chosen, left: Math.max(0, seen.size - MOST_SNAPSHOTS) };
}
