import { createHash, createHmac, type Hmac, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { type Instant, instantOrNull } from '../../../model/instant.ts';
import { isLeftOutDirectory, isLeftOutFile, isSetupSecret } from '../left-out.ts';

/** What a tree of files is, without anything of what is in them. */
export interface TreeReading {
  /** Files that take part in the digest, and their sizes in sum. */
  readonly files: number;
  readonly bytes: number;
  /** Symbolic links, none of which was followed. */
  readonly links: number;
  /** Newest modification of a file that takes part; null where there is none. */
  readonly newestAt: Instant | null;
  /** HMAC-SHA-256 over path, size and SHA-256 of every file, in the order of their paths. */
  readonly digest: string;
  /** The same over path and permission bits of every file and directory. */
  readonly digestOfModes: string;
  /** Files that look like secrets of a setup that is not finished. */
  readonly setupSecrets: number;
}

export interface TreeDigestOptions {
  readonly key: string;
  /** Path below the root of a file that is none of the tree's, such as the completion marker of a copy. */
  readonly except?: string | null;
  /** Told now and then that the reading goes on. */
  readonly onProgress?: () => void;
}

/** Thrown for a file that was another at every attempt, and for trees beyond what is read. */
export class TreeDigestError extends Error {
  readonly code: 'CHANGING' | 'TOO_MANY';

  constructor(code: TreeDigestError['code'], message: string) {
    super(message);
    this.name = 'TreeDigestError';
    this.code = code;
  }
}

/** One line of the digest of contents: the same from a directory and from the listing of a bucket. */
export function contentLine(path: string, bytes: number, sha256: string): string {
  return `${path}\0${bytes}\0${sha256}\n`;
}

/** A new digest of contents. @param key of the install, so that nobody can test guesses */
export function contentDigest(key: string): Hmac {
  return createHmac('sha256', key).update('recoverage tree contents 1\n');
}

const CHUNK = 64 * 1024;
const ATTEMPTS = 3;
/** A state directory holds hundreds of files; what holds more is something else. */
const MOST_FILES = 1_000_000;
const FILES_A_PROGRESS = 500;
/** Without O_NONBLOCK a named pipe would wait for a writer; links are not followed. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Digests a directory and all below it, waiting for each answer of the system: for a process of its own. Names are
 * taken as bytes (latin1 keeps each), directories in the order of their names, so that memory holds the names of one
 * directory a level and one chunk of one file.
 *
 * @throws what node:fs throws where something cannot be read, and TreeDigestError
 */
export function digestTree(root: string, options: TreeDigestOptions): TreeReading {
  const walk = new TreeWalk(options);
  // The root itself may be a link, as an operator may have moved the directory; nothing below it may.
  walk.directory(realpathSync(root), '');
  return walk.reading();
}

class TreeWalk {
  readonly #options: TreeDigestOptions;
  readonly #contents: Hmac;
  readonly #modes: Hmac;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK + 1);
  #files = 0;
  #bytes = 0;
  #links = 0;
  #newest = 0;
  #setupSecrets = 0;

  constructor(options: TreeDigestOptions) {
    this.#options = options;
    this.#contents = contentDigest(options.key);
    this.#modes = createHmac('sha256', options.key).update('recoverage tree modes 1\n');
  }

  reading(): TreeReading {
    return {
      files: this.#files,
      bytes: this.#bytes,
      links: this.#links,
      newestAt: this.#files === 0 ? null : instantOrNull(Math.trunc(this.#newest)),
      digest: this.#contents.digest('hex'),
      digestOfModes: this.#modes.digest('hex'),
      setupSecrets: this.#setupSecrets,
    };
  }

  directory(at: string | Buffer, path: string): void {
    const entries = readdirSync(at, { withFileTypes: true, encoding: 'latin1' });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const { name } = entry;
      const below = path === '' ? name : `${path}/${name}`;
      if (entry.isSymbolicLink()) this.#links += 1;
      else if (entry.isDirectory()) this.#enter(within(at, name), name, below);
      else if (entry.isFile()) this.#file(within(at, name), name, below);
    }
  }

  #enter(at: string | Buffer, name: string, path: string): void {
    if (isLeftOutDirectory(name)) return;
    const found = unlessGone(() => lstatSync(at));
    if (found === null || !found.isDirectory()) return;
    this.#modes.update(`${path}/\0${permissions(found.mode)}\n`, 'latin1');
    // One that went meanwhile held what is gone now.
    unlessGone(() => this.directory(at, path));
  }

  #file(at: string | Buffer, name: string, path: string): void {
    if (isSetupSecret(name)) this.#setupSecrets += 1;
    if (isLeftOutFile(name) || path === this.#options.except) return;
    const found = this.#read(at, path);
    if (found === null) return;
    this.#files += 1;
    if (this.#files > MOST_FILES) throw new TreeDigestError('TOO_MANY', `more than ${MOST_FILES} files`);
    if (this.#files % FILES_A_PROGRESS === 0) this.#options.onProgress?.();
    this.#bytes += found.bytes;
    this.#newest = Math.max(this.#newest, found.modified);
    this.#contents.update(contentLine(path, found.bytes, found.sha256), 'latin1');
    this.#modes.update(`${path}\0${permissions(found.mode)}\n`, 'latin1');
  }

  /** Null where it is gone, or no regular file any more. */
  #read(at: string | Buffer, path: string): FileReading | null {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const descriptor = unlessGone(() => openSync(at, FLAGS));
      if (descriptor === null) return null;
      try {
        const before = fstatSync(descriptor);
        if (!before.isFile()) return null;
        const sha256 = before.size <= CHUNK ? this.#small(descriptor, before.size) : this.#large(descriptor, before);
        if (sha256 !== null) return { bytes: before.size, mode: before.mode, modified: before.mtimeMs, sha256 };
      } finally {
        closeSync(descriptor);
      }
    }
    throw new TreeDigestError('CHANGING', path);
  }

  /** In one reading, which sees one state. Null where it is not as long as it was said to be. */
  #small(descriptor: number, bytes: number): string | null {
    const read = readSync(descriptor, this.#buffer, 0, CHUNK + 1, 0);
    return read === bytes ? hash('sha256', this.#buffer.subarray(0, read), 'hex') : null;
  }

  #large(descriptor: number, before: ReturnType<typeof fstatSync>): string | null {
    const digest = createHash('sha256');
    let at = 0;
    for (let read = -1; read !== 0; at += read) {
      read = readSync(descriptor, this.#buffer, 0, CHUNK, at);
      digest.update(this.#buffer.subarray(0, read));
      if (at % (16 * 1024 * CHUNK) === 0) this.#options.onProgress?.();
    }
    const after = fstatSync(descriptor);
    const isSame = at === before.size && after.mtimeMs === before.mtimeMs && after.ctimeMs === before.ctimeMs;
    return isSame ? digest.digest('hex') : null;
  }
}

interface FileReading {
  readonly bytes: number;
  readonly mode: number;
  readonly modified: number;
  readonly sha256: string;
}

function permissions(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** Text where the name is ASCII, which is asked faster; else its very bytes. */
function within(directory: string | Buffer, name: string): string | Buffer {
  if (typeof directory === 'string' && isAscii(name)) return `${directory}/${name}`;
  const above = typeof directory === 'string' ? Buffer.from(directory) : directory;
  return Buffer.concat([above, Buffer.from('/'), Buffer.from(name, 'latin1')]);
}

function isAscii(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) if (name.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** ELOOP: a link was put in the place of a file since it was listed. errno(3) */
const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

function unlessGone<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
