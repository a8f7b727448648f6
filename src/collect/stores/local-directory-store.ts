import { opendir, stat, statfs } from 'node:fs/promises';
import { SourceError } from '../../model/source-error.ts';

/** The file system answered that nothing is there. */
export class MissingPathError extends SourceError {
  constructor(path: string) {
    super(
      'unreachable',
      `${path} does not exist on this host`,
      'Check the path, whether it is mounted, and that the audit runs on the host that has it.',
    );
  }
}

/** A directory that holds files, as its file system describes it. Nothing in it is read. */
export interface LocalStoreReading {
  readonly answers: true;
  readonly isDirectory: boolean;
  /** Number of the file system: equal for two paths on the same one, of this host only. */
  readonly deviceId: string;
  /** Bytes that are left for those without special rights; null where the file system does not tell. */
  readonly freeBytes: number | null;
}

const DEFAULT_TIMEOUT_MILLIS = 10_000;

/**
 * Asks the file system about a path. A network share that hangs is given up after the time limit.
 * @param path absolute
 * @throws SourceError unreachable where nothing is there, unauthorized, timeout
 */
export async function readLocalStore(
  path: string,
  options: { readonly timeoutMillis?: number } = {},
): Promise<LocalStoreReading> {
  const timeoutMillis = options.timeoutMillis ?? DEFAULT_TIMEOUT_MILLIS;
  const stats = await within(
    timeoutMillis,
    path,
    stat(path, { bigint: true }).catch((error: unknown) => Promise.reject(storeError(path, error))),
  );
  return {
    answers: true,
    isDirectory: stats.isDirectory(),
    deviceId: String(stats.dev),
    freeBytes: await within(timeoutMillis, path, freeBytes(path)),
  };
}

/**
 * Whether nothing lies in a directory. At most one name is read, and no file.
 * @throws SourceError as {@link readLocalStore}
 */
export async function isEmptyDirectory(path: string): Promise<boolean> {
  const failed = (error: unknown) => Promise.reject(listError(path, error));
  const directory = await within(DEFAULT_TIMEOUT_MILLIS, path, opendir(path).catch(failed));
  try {
    return (await within(DEFAULT_TIMEOUT_MILLIS, path, directory.read().catch(failed))) === null;
  } finally {
    await directory.close();
  }
}

async function freeBytes(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}

export async function within<T>(timeoutMillis: number, path: string, answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      reject(
        new SourceError(
          'timeout',
          `the file system did not answer about ${path} in time`,
          'Check whether the share that is mounted there hangs.',
        ),
      ),
    timeoutMillis,
  );
  return await Promise.race([answer, promise]).finally(() => clearTimeout(timer));
}

function listError(path: string, error: unknown): SourceError {
  const code = codeOf(error);
  if (code !== 'EACCES' && code !== 'EPERM') return storeError(path, error);
  return new SourceError(
    'unauthorized',
    `${path} cannot be listed (${code})`,
    `Allow the user of the audit to read and search that directory, such as by setfacl -m u:USER:rx ${path}.`,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

function storeError(path: string, error: unknown): SourceError {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new SourceError(
      'unauthorized',
      `${path} cannot be looked at (${code})`,
      'Allow the user of the audit to search the directories above it.',
    );
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new MissingPathError(path);
  }
  return new SourceError(
    'unreachable',
    `${path} cannot be looked at (${code})`,
    'Check the disk or share that is mounted there.',
  );
}
