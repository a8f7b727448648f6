import { constants } from 'node:fs';
import { resolve } from 'node:path';
import { SourceError } from '../../model/source-error.ts';
import { throwIfInterrupted } from '../guard/interruption.ts';
import type { ArtifactTree, ByteReader } from './artifact-tree.ts';
import { failing, isAtOrBelow, listDirectory } from './directory-listing.ts';
import { type FileAccess, type OpenFile, patientAccess } from './file-access.ts';
import { fileError } from './file-error.ts';
import { systemPath } from './file-name.ts';
import type { ReadMemory } from './read-memory.ts';

const STREAM_CHUNK = 1024 * 1024;
/** Where the trees made here lie. */
const ROOTS = new WeakMap<ArtifactTree, string>();

/**
 * A local (or mounted) directory of backups. Regular files only; symbolic links below the root are neither listed nor
 * followed. The listing holds one open directory per level in memory, whatever the number of files. What disappears
 * while it runs is left out. What may not be read hides nothing else: everything that can be listed comes first, and
 * the listing then ends with an error, as an unreadable part is never an empty one.
 *
 * A name that is no UTF-8 is listed with escapes (see file-name.ts), and opened by them.
 *
 * @param access how directories are listed, and files opened and read
 */
export function localDirectoryTree(
  { root }: { readonly root: string },
  access: FileAccess = patientAccess,
): ArtifactTree {
  const base = resolve(root);
  const tree: ArtifactTree = {
    locator: base,
    list: (signal, onLeftOut, under = '') => listDirectory({ base, access }, signal, onLeftOut, under),
    open: async (path, signal) => {
      throwIfInterrupted(signal, base);
      return openFile(base, path, signal, access);
    },
    close: async () => undefined,
  };
  ROOTS.set(tree, base);
  return tree;
}

/** Where a tree made by {@link localDirectoryTree} lies; null of any other, such as one that changes what it lists. */
export function rootOf(tree: ArtifactTree): string | null {
  return ROOTS.get(tree) ?? null;
}

async function openFile(base: string, path: string, signal: AbortSignal, access: FileAccess): Promise<ByteReader> {
  const segments = path.split('/');
  if (path.includes('\0') || segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    const remedy = 'Give a path relative to the directory, without dots that lead out of it.';
    throw new SourceError('malformed', `${JSON.stringify(path)} is no path below ${JSON.stringify(base)}`, remedy);
  }
  const parent = systemPath(base, path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  const target = systemPath(base, path);
  const [realBase, realParent] = await failing(base, path, async () =>
    Promise.all([access.realpath(base), access.realpath(parent)]),
  );
  if (!isAtOrBelow(realParent, realBase)) {
    const remedy = 'Name the directory in which the file itself lies; symbolic links are not followed.';
    throw new SourceError('unsupported', `${JSON.stringify(path)} leads out of ${JSON.stringify(base)}`, remedy);
  }
  // Without O_NONBLOCK a named pipe in the place of a file would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await failing(base, path, async () => access.open(target, flags));
  try {
    const stats = await failing(base, path, async () => handle.stat());
    if (!stats.isFile()) {
      const remedy = 'Only regular files hold backups; check what lies there.';
      throw new SourceError('unsupported', `${JSON.stringify(path)} is no regular file`, remedy);
    }
    return fileReader(handle, stats.size, { base, path, signal, memory: access.memory() });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

interface Reading {
  readonly base: string;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly memory: ReadMemory;
}

/** The work is done by functions of the module: what is compiled of them outlives each of many thousand small files. */
function fileReader(handle: OpenFile, bytes: number, reading: Reading): ByteReader {
  return {
    bytes,
    read: (offset, length) => readFrom(handle, bytes, reading, offset, length),
    stream: (offset = 0) => streamFrom(handle, bytes, reading, offset),
    close: async () => {
      reading.memory.release();
      await handle.close();
    },
  };
}

async function readFrom(
  handle: OpenFile,
  bytes: number,
  { base, path, signal, memory }: Reading,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  try {
    throwIfInterrupted(signal, base);
    const buffer = memory.take(Math.max(0, Math.min(length, bytes - offset)));
    let filled = 0;
    while (filled < buffer.length) {
      const answer = handle.read(buffer, filled, offset + filled);
      // No promise where the answer is at hand.
      const bytesRead = typeof answer === 'number' ? answer : await answer;
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } catch (error) {
    throw fileError(error, `${base}/${path}`);
  }
}

async function* streamFrom(
  handle: OpenFile,
  bytes: number,
  reading: Reading,
  offset: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = offset; at < bytes; ) {
    const chunk = await readFrom(handle, bytes, reading, at, STREAM_CHUNK);
    if (chunk.length === 0) return;
    at += chunk.length;
    yield chunk;
  }
}
