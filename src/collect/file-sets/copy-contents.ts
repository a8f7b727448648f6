import type { Instant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { DatedCopy, DirectoryContents } from '../hosts/dated-copies.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';

/** A file as the listing of a copy tells it. */
export interface ListedFile {
  /** From the root of the copy on, without a slash before it. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: Instant | null;
  /** A further name of a file whose size stands with another one. */
  readonly isLinked?: boolean;
}

/** What is known of a copy whose files are told one by one: counts of every directory, and single files of a few paths. */
export interface CopyContents {
  /** One of a name that was told before takes its place. */
  add(file: ListedFile): void;
  /** What was told of that name is no file any more, as something else took its place. */
  remove(path: string): void;
  /**
   * A further name of a file that was told before. Without that there is nothing to make it of, and no file either; where
   * too many names were told to hold each, nobody knows.
   */
  link(path: string, to: string, modifiedAt: Instant | null): void;
  result(): Pick<DatedCopy, 'files' | 'directories' | 'countedOnly'>;
}

/** Directories of one copy. Each organization has a few; more are another kind of place. */
const MOST_DIRECTORIES = 1_000_000;

/** Names of one copy that are held; of more, only numbers are, but for the paths that are asked for. */
const MOST_NAMES = 500_000;
/** Of the paths that are asked for, which hold few: more are another kind of place. */
const MOST_KEPT = 1_000_000;

/**
 * @param kept paths from the root of the copy on: files at or below them are held one by one, however many others there are
 * @param what names the copy in an error
 */
export function copyContents(kept: readonly string[], what: string): CopyContents {
  const isKept = (path: string) => kept.some((one) => path === one || path.startsWith(`${one}/`));
  const files = new Map<string, ArtifactFile>();
  let countedOnly = false;
  const directories = new Map<string, { files: number; bytes: number }>([['', { files: 0, bytes: 0 }]]);
  const remove = (path: string): void => {
    const before = files.get(path);
    if (before === undefined) return;
    files.delete(path);
    for (const directory of directoriesOf(path)) {
      const known = directories.get(directory);
      if (known === undefined) continue;
      known.files -= 1;
      known.bytes -= before.bytes;
    }
  };
  const add = ({ path, bytes, modifiedAt, isLinked = false }: ListedFile): void => {
    remove(path);
    if (!countedOnly || isKept(path)) {
      const file = { path, bytes, modifiedAt: modifiedAt ?? EPOCH };
      files.set(path, isLinked ? { ...file, isSizeElsewhere: true } : file);
    }
    if (!countedOnly && files.size > MOST_NAMES) {
      countedOnly = true;
      for (const name of files.keys()) if (!isKept(name)) files.delete(name);
    }
    for (const directory of directoriesOf(path)) {
      const known = directories.get(directory);
      if (known === undefined) directories.set(directory, { files: 1, bytes });
      else {
        known.files += 1;
        known.bytes += bytes;
      }
    }
    const isTooWide = directories.size > MOST_DIRECTORIES;
    if (isTooWide || files.size > MOST_KEPT) {
      throw new SourceError(
        'unsupported',
        `${what} holds more than ${isTooWide ? `${MOST_DIRECTORIES} directories` : `${MOST_KEPT} files that a host starts with`}`,
        'Keep the files of the install in a backup set of their own.',
      );
    }
  };
  return {
    remove,
    add,
    link(path, to, modifiedAt) {
      const target = files.get(to);
      // A link to its own name leaves what is there.
      if (path === to && target !== undefined) return;
      if (target === undefined && !countedOnly) remove(path);
      else if (target === undefined) add({ path, bytes: 0, modifiedAt, isLinked: true });
      else add({ path, bytes: target.bytes, modifiedAt, isLinked: target.isSizeElsewhere === true });
    },
    result: () => ({
      files,
      directories: directories satisfies ReadonlyMap<string, DirectoryContents>,
      ...(countedOnly ? { countedOnly } : {}),
    }),
  };
}

/** Those that a file lies in, the innermost first, the root of the copy as an empty name. */
function* directoriesOf(path: string): Generator<string, void, undefined> {
  for (let end = path.lastIndexOf('/'); ; end = path.lastIndexOf('/', end - 1)) {
    yield end > 0 ? path.slice(0, end) : '';
    if (end <= 0) return;
  }
}

/** Where a listing tells no time of a file: none that anything is derived from. */
const EPOCH: Instant = '1970-01-01T00:00:00.000Z';
