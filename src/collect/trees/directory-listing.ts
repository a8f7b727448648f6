import type { Dirent } from 'node:fs';
import { sep } from 'node:path';
import { toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { throwIfInterrupted } from '../guard/interruption.ts';
import type { ArtifactFile } from './artifact-tree.ts';
import type { FileAccess, OpenDirectory } from './file-access.ts';
import { fileError, isAbsent } from './file-error.ts';
import { nameText, systemPath } from './file-name.ts';
import { sharedByNames, versionOf } from './shared-by-names.ts';

/**
 * Without the path: the failure is told of everything that could lie there, to each organization, and a path may name
 * another one.
 */
function ofPart(base: string, error: unknown): unknown {
  if (!(error instanceof SourceError)) return error;
  const remedy = `See which, as the user who runs the audit: find ${JSON.stringify(base)} ! -readable. ${error.remedy}`;
  const message = `a part of ${JSON.stringify(base)} ${error.reason === 'unauthorized' ? 'may not be read' : 'cannot be listed'}`;
  return new SourceError(error.reason, message, remedy, { cause: error.cause });
}

interface Level {
  readonly directory: OpenDirectory;
  readonly path: string;
}

/** A directory that is listed, and how the system is asked for what is in it. */
export interface Listed {
  readonly base: string;
  readonly access: FileAccess;
}

/**
 * Walks a directory for {@link localDirectoryTree}.
 *
 * @param under path below `base` of the directory to walk; empty for all
 * @throws SourceError after everything that could be listed, where something could not
 */
export async function* listDirectory(
  listed: Listed,
  signal: AbortSignal,
  onLeftOut: ((entry: ArtifactFile) => void) | undefined,
  under: string,
): AsyncGenerator<ArtifactFile, void, undefined> {
  const { base } = listed;
  const levels: Level[] = [];
  const failures: unknown[] = [];
  const orLater = async <T>(look: () => Promise<T>): Promise<T | null> => {
    try {
      return await look();
    } catch (error) {
      // One is enough to say that the listing is not all there is.
      if (failures.length === 0) failures.push(ofPart(base, error));
      return null;
    }
  };
  try {
    if (under !== '') await assertInside(listed, under);
    levels.push(await enter(listed, under));
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      throwIfInterrupted(signal, base);
      const { directory, path } = level;
      const entry = await orLater(() => failing(base, path, async () => directory.read()));
      if (entry === null) {
        levels.pop();
        await directory.close();
        continue;
      }
      const name = nameText(Buffer.from(entry.name));
      const below = path === '' ? name : `${path}/${name}`;
      if (entry.isDirectory()) {
        const next = await orLater(() => unlessOwn(below, () => enter(listed, below)));
        if (next !== null) levels.push(next);
      } else if (entry.isFile()) {
        const file = await orLater(() => unlessGone(() => describe(listed, below)));
        if (file !== null) yield file;
      } else if (onLeftOut !== undefined) {
        const kind = specialKind(entry);
        const left = await orLater(() =>
          unlessGone(() => (kind === null ? linkOut(listed, below) : special(listed, below, kind))),
        );
        if (left !== null) onLeftOut(left);
      }
    }
    if (failures.length > 0) throw failures[0];
  } finally {
    await Promise.allSettled(levels.map(async ({ directory }) => directory.close()));
  }
}

/** @throws SourceError where a directory below the listed one has been put elsewhere by a link meanwhile */
async function assertInside({ base, access }: Listed, under: string): Promise<void> {
  const [realBase, real] = await failing(base, under, async () =>
    Promise.all([access.realpath(base), access.realpath(systemPath(base, under))]),
  );
  if (isAtOrBelow(real, realBase)) return;
  const remedy = 'Name the directory in which the files themselves lie; symbolic links are not followed.';
  throw new SourceError('unsupported', `${JSON.stringify(under)} leads out of ${JSON.stringify(base)}`, remedy);
}

async function enter({ base, access }: Listed, path: string): Promise<Level> {
  return { directory: await failing(base, path, async () => access.opendir(systemPath(base, path))), path };
}

async function describe({ base, access }: Listed, path: string): Promise<ArtifactFile | null> {
  const stats = await failing(base, path, async () => access.lstat(systemPath(base, path)));
  if (!stats.isFile()) return null;
  const modifiedAt = toInstant(Math.trunc(stats.mtimeMs));
  const file = { path, bytes: stats.size, modifiedAt, version: versionOf(stats) };
  const linked = sharedByNames(stats);
  return linked === null ? file : { ...file, linked };
}

/** Null of a link. */
function specialKind(entry: Dirent): string | null {
  if (entry.isFIFO()) return 'a named pipe';
  if (entry.isSocket()) return 'a socket';
  return entry.isBlockDevice() || entry.isCharacterDevice() ? 'a device' : null;
}

async function special({ base, access }: Listed, path: string, kind: string): Promise<ArtifactFile> {
  const { mtimeMs } = await failing(base, path, async () => access.lstat(systemPath(base, path)));
  return { path, bytes: 0, modifiedAt: toInstant(Math.trunc(mtimeMs)), special: kind };
}

/** Null where the link leads to what is listed anyway, or to nothing. */
async function linkOut({ base, access }: Listed, path: string): Promise<ArtifactFile | null> {
  const at = systemPath(base, path);
  const { mtimeMs } = await failing(base, path, async () => access.lstat(at));
  const link = { path, bytes: 0, modifiedAt: toInstant(Math.trunc(mtimeMs)) };
  try {
    const [realBase, target] = await Promise.all([access.realpath(base), access.realpath(at)]);
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
