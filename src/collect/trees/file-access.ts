import { closeSync, fstatSync, openSync, readSync, realpathSync, type Stats } from 'node:fs';
import { open, realpath } from 'node:fs/promises';

/** Now, or when the system has answered. */
type Answer<T> = T | Promise<T>;

/** A file that is open for reading. */
export interface OpenFile {
  stat(): Answer<Stats>;
  /** Fills `buffer` from `filled` on with what lies at `position`. @returns how many bytes, 0 at the end of the file */
  read(buffer: Buffer, filled: number, position: number): Answer<number>;
  close(): Answer<void>;
}

/** What reading a directory of backups asks the operating system. Nothing of it writes. Fails as node:fs does. */
export interface FileAccess {
  realpath(path: string | Buffer): Answer<Buffer>;
  open(path: Buffer, flags: number): Answer<OpenFile>;
}

const AS_BYTES = { encoding: 'buffer' } as const;

/** Asks without waiting: for the thread that also keeps the connections to all other sources. */
export const patientAccess: FileAccess = {
  realpath: (path) => realpath(path, AS_BYTES),
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
const waitingAccess: FileAccess = {
  realpath: (path) => realpathSync.native(path, AS_BYTES),
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
export function momentaryAccess(): FileAccess {
  const known = new Map<string, Buffer>();
  return {
    ...waitingAccess,
    realpath: (path) => {
      const key = typeof path === 'string' ? path : path.toString('latin1');
      const found = known.get(key) ?? realpathSync.native(path, AS_BYTES);
      known.set(key, found);
      return found;
    },
  };
}
