import type { Dir } from 'node:fs';
import { lstat, opendir, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { throwIfInterrupted } from '../guard/interruption.ts';
import type { ArtifactFile } from './artifact-tree.ts';
import { fileError, isAbsent } from './file-error.ts';
import { nameBytes, nameText } from './file-name.ts';

/** A name that is no UTF-8 could not be looked up again as text. */
export const AS_BYTES = { encoding: 'buffer' } as const;
/** The declared option type of opendir leaves that value out. Each reading of entries fetches as many as the buffer holds. */
const NAMES_AS_BYTES: object = { ...AS_BYTES, bufferSize: 256 };

interface Level {
  readonly directory: Dir;
  readonly at: Buffer;
  readonly path: string;
}

/**
 * Walks a directory for {@link localDirectoryTree}.
 *
 * @param under path below `base` of the directory to walk; empty for all
 * @throws SourceError after everything that could be listed, where something could not
 */
export async function* listDirectory(
  base: string,
  signal: AbortSignal,
  onLinkOut: ((link: ArtifactFile) => void) | undefined,
  under: string,
): AsyncGenerator<ArtifactFile, void, undefined> {
  const levels: Level[] = [];
  const failures: unknown[] = [];
  const orLater = async <T>(look: () => Promise<T>): Promise<T | null> => {
    try {
      return await look();
    } catch (error) {
      // One is enough to say that the listing is not all there is.
      if (failures.length === 0) failures.push(error);
      return null;
    }
  };
  try {
    const begin = under === '' ? Buffer.from(base) : await directoryIn(base, under);
    levels.push(await enter(base, begin, under));
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      throwIfInterrupted(signal, base);
      const { directory, at, path } = level;
      const entry = await orLater(() => failing(base, path, () => directory.read()));
      if (entry === null) {
        levels.pop();
        await directory.close();
        continue;
      }
      // A buffer in truth, see NAMES_AS_BYTES.
      const name = Buffer.from(entry.name);
      const below = Buffer.concat([at, Buffer.from(sep), name]);
      const belowPath = path === '' ? nameText(name) : `${path}/${nameText(name)}`;
      if (entry.isDirectory()) {
        const next = await orLater(() => unlessOwn(belowPath, () => enter(base, below, belowPath)));
        if (next !== null) levels.push(next);
      } else if (entry.isFile()) {
        const file = await orLater(() => unlessGone(() => describe(base, below, belowPath)));
        if (file !== null) yield file;
      } else if (entry.isSymbolicLink() && onLinkOut !== undefined) {
        const link = await orLater(() => unlessGone(() => linkOut(base, below, belowPath)));
        if (link !== null) onLinkOut(link);
      }
    }
    if (failures.length > 0) throw failures[0];
  } finally {
    await Promise.allSettled(levels.map(({ directory }) => directory.close()));
  }
}

/** A directory below `base`, which nothing has put elsewhere by a link meanwhile. */
async function directoryIn(base: string, under: string): Promise<Buffer> {
  const directory = Buffer.concat([Buffer.from(base + sep), nameBytes(under)]);
  const [realBase, real] = await failing(base, under, () =>
    Promise.all([realpath(base, AS_BYTES), realpath(directory, AS_BYTES)]),
  );
  if (isAtOrBelow(real, realBase)) return directory;
  const remedy = 'Name the directory in which the files themselves lie; symbolic links are not followed.';
  throw new SourceError('unsupported', `${JSON.stringify(under)} leads out of ${JSON.stringify(base)}`, remedy);
}

async function enter(base: string, at: Buffer, path: string): Promise<Level> {
  return { directory: await failing(base, path, () => opendir(at, NAMES_AS_BYTES)), at, path };
}

async function describe(base: string, at: Buffer, path: string): Promise<ArtifactFile | null> {
  const stats = await failing(base, path, () => lstat(at));
  if (!stats.isFile()) return null;
  // Unlike the modification time nobody can set it back: stat(2), st_ctim.
  const version = `ctime ${stats.ctimeMs}`;
  return { path, bytes: stats.size, modifiedAt: toInstant(Math.trunc(stats.mtimeMs)), version };
}

/** Null where the link leads to what is listed anyway, or to nothing. */
async function linkOut(base: string, at: Buffer, path: string): Promise<ArtifactFile | null> {
  const { mtimeMs } = await failing(base, path, () => lstat(at));
  const link = { path, bytes: 0, modifiedAt: toInstant(Math.trunc(mtimeMs)) };
  try {
    const [realBase, target] = await Promise.all([realpath(base, AS_BYTES), realpath(at, AS_BYTES)]);
    return isAtOrBelow(target, realBase) ? null : link;
  } catch (error) {
    // What cannot be resolved for another reason than that nothing is there may well be a backup.
    return isAbsent(error) ? null : link;
  }
}

/** Whether a path is a directory's own or of something in it, both without links. */
export function isAtOrBelow(path: Buffer, directory: Buffer): boolean {
  const end = directory.toString('latin1').endsWith(sep) ? directory.length - sep.length : directory.length;
  const start = directory.subarray(0, end);
  return path.subarray(0, end).equals(start) && (path.length <= end || path.toString('latin1', end).startsWith(sep));
}

/** What an action on a path below `base` gives, its error made one of a source. */
export async function failing<T>(base: string, path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw fileError(error, path === '' ? base : `${base}/${path}`);
  }
}

/**
 * Null for a `lost+found` at the top that is closed to the audit: mke2fs(8) makes it in every ext2 to ext4 file system,
 * for root alone, and only e2fsck(8) puts fragments there. Without this no mounted disk could ever be listed whole.
 */
async function unlessOwn<T>(path: string, look: () => Promise<T>): Promise<T | null> {
  try {
    return await unlessGone(look);
  } catch (error) {
    if (path === 'lost+found' && error instanceof SourceError && error.reason === 'unauthorized') return null;
    throw error;
  }
}

/** Null for what was there when it was listed and is not any more. */
async function unlessGone<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof SourceError && isAbsent(error.cause)) return null;
    throw error;
  }
}
