import {
  closeSync,
  type Dirent,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { lstat, open, opendir, realpath } from 'node:fs/promises';
import { newMemory, type ReadMemory } from './read-memory.ts';

/** Now, or when the system has answered. */
type Answer<T> = T | Promise<T>;
/** As bytes where text could not say it, see file-name.ts. */
type Path = string | Buffer;

/** A directory that is open for listing. */
export interface OpenDirectory {
  /** The next entry, null after the last. Its name is a buffer in truth, see {@link NAMES_AS_BYTES}. */
  read(): Answer<Dirent | null>;
  close(): Answer<void>;
}

/** A file that is open for reading. */
export interface OpenFile {
  stat(): Answer<Stats>;
  /** Fills `buffer` from `filled` on with what lies at `position`. @returns how many bytes, 0 at the end of the file */
  read(buffer: Buffer, filled: number, position: number): Answer<number>;
  close(): Answer<void>;
}

/** What reading a directory of backups asks the operating system. Nothing of it writes. Fails as node:fs does. */
export interface FileAccess {
  realpath(path: Path): Answer<Buffer>;
  lstat(path: Path): Answer<Stats>;
  opendir(path: Path): Answer<OpenDirectory>;
  open(path: Path, flags: number): Answer<OpenFile>;
  /** For what is read from one file, until that is closed. */
  memory(): ReadMemory;
}

/** A name that is no UTF-8 could not be looked up again as text. */
const AS_BYTES = { encoding: 'buffer' } as const;
/** The declared option type of opendir leaves that value out. Each reading of entries fetches as many as the buffer holds. */
const NAMES_AS_BYTES: object = { ...AS_BYTES, bufferSize: 256 };

/** Asks without waiting: for the thread that also keeps the connections to all other sources. */
export const patientAccess: FileAccess = {
  memory: newMemory,
  realpath: (path) => realpath(path, AS_BYTES),
  lstat: (path) => lstat(path),
  opendir: async (path) => {
    const directory = await opendir(path, NAMES_AS_BYTES);
    return { read: () => directory.read(), close: () => directory.close() };
  },
  open: async (path, flags) => {
    const handle = await open(path, flags);
    return {
      stat: () => handle.stat(),
      read: async (buffer, filled, position) =>
        (await handle.read(buffer, filled, buffer.length - filled, position)).bytesRead,
      close: () => handle.close(),
    };
  },
};

/** Waits for each answer, which is several times as fast, and stops its thread meanwhile: for threads that only read. */
export const waitingAccess: FileAccess = {
  memory: newMemory,
  realpath: (path) => realpathSync.native(path, AS_BYTES),
  lstat: (path) => lstatSync(path),
  opendir: (path) => {
    const directory = opendirSync(path, NAMES_AS_BYTES);
    return { read: () => directory.readSync(), close: () => directory.closeSync() };
  },
  open: (path, flags) => {
    const descriptor = openSync(path, flags);
    return {
      stat: () => fstatSync(descriptor),
      read: (buffer, filled, position) => readSync(descriptor, buffer, filled, buffer.length - filled, position),
      close: () => closeSync(descriptor),
    };
  },
};

/**
 * {@link waitingAccess} for one moment in which many files are opened: where a directory really lies is asked once. No
 * more than a moment, as the answer may change; that a file itself is no link is asked of each when it is opened.
 */
export function momentaryAccess(memory: FileAccess['memory']): FileAccess {
  const known = new Map<string, Buffer>();
  return {
    ...waitingAccess,
    memory,
    realpath: (path) => {
      // A name as bytes is rare, and its text might be that of another.
      if (typeof path !== 'string') return waitingAccess.realpath(path);
      const found = known.get(path) ?? realpathSync.native(path, AS_BYTES);
      known.set(path, found);
      return found;
    },
  };
}
