import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Instant, instantOrNull } from '../../../model/instant.ts';
import { type FileOnDisk, onDisk, sharedByNames } from '../../trees/shared-by-names.ts';

/** What lies at a path below a directory. *link*: a symbolic link is on the way, or in its place, and was not followed. */
export type LookupAnswer =
  | {
      readonly is: 'found';
      readonly bytes: number;
      readonly modifiedAt: Instant | null;
      /** What all names of a file with several names share; null of a file with one. */
      readonly linked: string | null;
      readonly onDisk: FileOnDisk;
    }
  | { readonly is: 'missing' | 'link' };

/** SHA-256 of a file in hexadecimal, and how long it was. *changing*: it was another at each reading. */
export type ChecksumAnswer =
  | { readonly is: 'found'; readonly bytes: number; readonly sha256: string }
  | { readonly is: 'missing' | 'link' | 'changing' };

const CHUNK = 256 * 1024;
const CHUNKS_A_PROGRESS = 256;
const ATTEMPTS = 3;
/** Without O_NONBLOCK a named pipe in the place of a file would wait for a writer; links are not followed. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Looks for a file step by step, so that no link on the way leads out of the directory. Waits for each answer of the
 * system: for a process of its own.
 *
 * @param root where it is itself a link it was set up so
 * @throws what node:fs throws where the system does not tell
 */
export function lookUp(root: string, steps: readonly string[]): LookupAnswer {
  let path = root;
  for (const step of steps.slice(0, -1)) {
    path = join(path, step);
    const found = entryAt(path);
    if (found?.isSymbolicLink() === true) return { is: 'link' };
    if (found?.isDirectory() !== true) return { is: 'missing' };
  }
  const found = entryAt(join(path, steps.at(-1) ?? ''));
  if (found?.isSymbolicLink() === true) return { is: 'link' };
  if (found?.isFile() !== true) return { is: 'missing' };
  return {
    is: 'found',
    bytes: found.size,
    modifiedAt: instantOrNull(Math.floor(found.mtimeMs)),
    linked: sharedByNames(found),
    onDisk: onDisk(found),
  };
}

/**
 * Reads a file for its checksum. One that is written to meanwhile is read again, as no moment had what was read.
 *
 * @throws what node:fs throws where it may not be read
 */
export function checksumOf(root: string, steps: readonly string[], onProgress: () => void): ChecksumAnswer {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const looked = lookUp(root, steps);
    if (looked.is !== 'found') return { is: looked.is };
    const descriptor = unlessGone(() => openSync(join(root, ...steps), FLAGS));
    // Taken away or replaced by a link since it was looked up.
    if (descriptor === null) continue;
    try {
      const read = readWhole(descriptor, onProgress);
      if (read !== null) return read;
    } finally {
      closeSync(descriptor);
    }
  }
  return { is: 'changing' };
}

/** Null where it was written to meanwhile. */
function readWhole(descriptor: number, onProgress: () => void): ChecksumAnswer | null {
  const before = fstatSync(descriptor);
  if (!before.isFile()) return { is: 'missing' };
  const digest = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK);
  let at = 0;
  for (let read = -1, chunks = 0; read !== 0; at += read, chunks += 1) {
    read = readSync(descriptor, buffer, 0, CHUNK, at);
    digest.update(buffer.subarray(0, read));
    if (chunks % CHUNKS_A_PROGRESS === 0) onProgress();
  }
  const after = fstatSync(descriptor);
  const isSame = at === before.size && after.mtimeMs === before.mtimeMs && after.size === before.size;
  return isSame ? { is: 'found', bytes: at, sha256: digest.digest('hex') } : null;
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);
/** ELOOP: a link was put in the place of a file since it was looked up. errno(3) */
const GONE = new Set([...ABSENT, 'ELOOP']);

function entryAt(path: string) {
  return unlessGone(() => lstatSync(path), ABSENT);
}

function unlessGone<T>(look: () => T, codes: ReadonlySet<string> = GONE): T | null {
  try {
    return look();
  } catch (error) {
    if (codes.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
