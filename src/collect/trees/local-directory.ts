import { constants, type Dir } from 'node:fs';
import { type FileHandle, lstat, open, opendir, realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { throwIfInterrupted } from '../guard/interruption.ts';
import type { ArtifactFile, ArtifactTree, ByteReader } from './artifact-tree.ts';
import { fileError, isAbsent } from './file-error.ts';
import { nameBytes, nameText } from './file-name.ts';

const STREAM_CHUNK = 256 * 1024;
/** A name that is no UTF-8 could not be looked up again as text. */
const AS_BYTES = { encoding: 'buffer' } as const;
/** The declared option type of opendir leaves that value out. */
const NAMES_AS_BYTES: object = AS_BYTES;

/**
 * A local (or mounted) directory of backups. Regular files only; symbolic links below the root are neither listed nor
 * followed. The listing holds one open directory per level in memory, whatever the number of files. What disappears
 * while it runs is left out.
 *
 * A name that is no UTF-8 is listed with escapes (see file-name.ts), and opened by them.
 */
export function localDirectoryTree({ root }: { readonly root: string }): ArtifactTree {
  const base = resolve(root);
  return {
    locator: base,
    list: (signal, onLinkOut) => list(base, signal, onLinkOut),
    open: async (path, signal) => {
      throwIfInterrupted(signal, base);
      return openFile(base, path, signal);
    },
    close: async () => undefined,
  };
}

interface Level {
  readonly directory: Dir;
  readonly at: Buffer;
  readonly path: string;
}

async function* list(
  base: string,
  signal: AbortSignal,
  onLinkOut: ((link: ArtifactFile) => void) | undefined,
): AsyncGenerator<ArtifactFile, void, undefined> {
  const levels: Level[] = [];
  try {
    levels.push(await enter(base, Buffer.from(base), ''));
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      throwIfInterrupted(signal, base);
      const { directory, at, path } = level;
      const entry = await failing(base, path, () => directory.read());
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
        const next = await unlessGone(() => enter(base, below, belowPath));
        if (next !== null) levels.push(next);
      } else if (entry.isFile()) {
        const file = await unlessGone(() => describe(base, below, belowPath));
        if (file !== null) yield file;
      } else if (entry.isSymbolicLink() && onLinkOut !== undefined) {
        const link = await unlessGone(() => linkOut(base, below, belowPath));
        if (link !== null) onLinkOut(link);
      }
    }
  } finally {
    await Promise.allSettled(levels.map(({ directory }) => directory.close()));
  }
}

async function enter(base: string, at: Buffer, path: string): Promise<Level> {
  return { directory: await failing(base, path, () => opendir(at, NAMES_AS_BYTES)), at, path };
}

async function describe(base: string, at: Buffer, path: string): Promise<ArtifactFile | null> {
  const stats = await failing(base, path, () => lstat(at));
  return stats.isFile() ? { path, bytes: stats.size, modifiedAt: toInstant(Math.trunc(stats.mtimeMs)) } : null;
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

function isAtOrBelow(path: Buffer, directory: Buffer): boolean {
  const end = directory.toString('latin1').endsWith(sep) ? directory.length - sep.length : directory.length;
  const start = directory.subarray(0, end);
  return path.subarray(0, end).equals(start) && (path.length <= end || path.toString('latin1', end).startsWith(sep));
}

async function openFile(base: string, path: string, signal: AbortSignal): Promise<ByteReader> {
  const segments = path.split('/');
  if (path.includes('\0') || segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    const remedy = 'Give a path relative to the directory, without dots that lead out of it.';
    throw new SourceError('malformed', `${JSON.stringify(path)} is no path below ${JSON.stringify(base)}`, remedy);
  }
  const parent = Buffer.concat([Buffer.from(base + sep), nameBytes(segments.slice(0, -1).join(sep))]);
  const target = Buffer.concat([parent, Buffer.from(sep), nameBytes(segments.at(-1) ?? '')]);
  const [realBase, realParent] = await failing(base, path, () =>
    Promise.all([realpath(base, AS_BYTES), realpath(parent, AS_BYTES)]),
  );
  if (!isAtOrBelow(realParent, realBase)) {
    const remedy = 'Name the directory in which the file itself lies; symbolic links are not followed.';
    throw new SourceError('unsupported', `${JSON.stringify(path)} leads out of ${JSON.stringify(base)}`, remedy);
  }
  // Without O_NONBLOCK a named pipe in the place of a file would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await failing(base, path, () => open(target, flags));
  try {
    const stats = await failing(base, path, () => handle.stat());
    if (!stats.isFile()) {
      const remedy = 'Only regular files hold backups; check what lies there.';
      throw new SourceError('unsupported', `${JSON.stringify(path)} is no regular file`, remedy);
    }
    return fileReader(handle, stats.size, { base, path, signal });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function fileReader(
  handle: FileHandle,
  bytes: number,
  { base, path, signal }: { readonly base: string; readonly path: string; readonly signal: AbortSignal },
): ByteReader {
  const read = (offset: number, length: number): Promise<Uint8Array> =>
    failing(base, path, async () => {
      throwIfInterrupted(signal, base);
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, bytes - offset)));
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    });
  return {
    bytes,
    read,
    stream: async function* (offset = 0) {
      for (let at = offset; at < bytes; ) {
        const chunk = await read(at, STREAM_CHUNK);
        if (chunk.length === 0) return;
        at += chunk.length;
        yield chunk;
      }
    },
    close: () => handle.close(),
  };
}

async function failing<T>(base: string, path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw fileError(error, path === '' ? base : `${base}/${path}`);
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
