import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { instantOrNull } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { type FileProbe, LARGEST_SUMMED, type Looked, stepsBelow } from './file-probe.ts';
import { isEmptyDirectory, within } from './local-directory-store.ts';

/** What lies in a directory is looked up step by step, so that no link on the way leads out of it. */
type Step = 'directory' | 'missing' | 'link';

/**
 * Files below a directory of the install host. No link is followed, and nothing outside of the directory is looked at.
 *
 * @param root absolute; where it is itself a link it was set up so
 * @param timeoutMillis for one question to the file system
 */
export function localFileProbe(root: string, timeoutMillis: number, signal: AbortSignal): FileProbe {
  const known = new Map<string, Promise<Step>>();
  let rooted: Promise<void> | null = null;
  const stepAt = (path: string): Promise<Step> => {
    const asked = known.get(path) ?? directoryAt(path, timeoutMillis);
    known.set(path, asked);
    return asked;
  };
  return {
    locator: root,
    source: 'install host',
    async look(key) {
      rooted ??= assertFilled(root);
      await rooted;
      signal.throwIfAborted();
      const steps = stepsBelow(key)?.filter((step) => step !== '');
      if (steps === undefined || steps.length === 0) return { is: 'refused' };
      let path = root;
      for (const step of steps.slice(0, -1)) {
        path = join(path, step);
        const is = await stepAt(path);
        if (is !== 'directory') return { is: is === 'link' ? 'refused' : 'missing' };
      }
      return await fileAt(join(path, steps.at(-1) ?? ''), timeoutMillis);
    },
    async checksum(key, { bytes }) {
      if (bytes === null || bytes > LARGEST_SUMMED) return null;
      return await digestOf(join(root, key), signal);
    },
  };
}

/** An empty directory stands in the place of a share that is not mounted. @throws SourceError */
async function assertFilled(root: string): Promise<void> {
  if (!(await isEmptyDirectory(root))) return;
  throw new SourceError(
    'unreachable',
    `${root} is empty, though files are listed: it may be unmounted`,
    `Check whether what belongs there is mounted: findmnt --target ${root}.`,
  );
}

async function directoryAt(path: string, timeoutMillis: number): Promise<Step> {
  const stats = await lstatAt(path, timeoutMillis);
  if (stats === null) return 'missing';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isDirectory() ? 'directory' : 'missing';
}

async function fileAt(path: string, timeoutMillis: number): Promise<Looked> {
  const stats = await lstatAt(path, timeoutMillis);
  if (stats === null) return { is: 'missing' };
  if (stats.isSymbolicLink()) return { is: 'refused' };
  if (!stats.isFile()) return { is: 'missing' };
  const modifiedAt = instantOrNull(Math.floor(stats.mtimeMs));
  return {
    is: 'found',
    bytes: stats.size,
    ...(modifiedAt === null ? {} : { modifiedAt }),
    sha256: null,
    copied: null,
    locked: false,
  };
}

/** Null where nothing is there. @throws SourceError unauthorized, unreachable, timeout; the path is not named: it is personal data */
async function lstatAt(path: string, timeoutMillis: number) {
  try {
    return await within(timeoutMillis, 'a file of the store', lstat(path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    if (error instanceof SourceError) throw error;
    throw unreadable(code);
  }
}

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const hash = createHash('sha256');
    for await (const chunk of handle.createReadStream({ autoClose: false, signal })) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch (error) {
    signal.throwIfAborted();
    throw unreadable(error instanceof Error && 'code' in error ? String(error.code) : '');
  }
}

function unreadable(code: string): SourceError {
  if (code === 'EACCES' || code === 'EPERM') {
    return new SourceError(
      'unauthorized',
      `files of the store cannot be looked at (${code})`,
      'Allow the user of the audit to search the directories of the store, and to read its files where checksums are compared.',
    );
  }
  return new SourceError(
    'unreachable',
    `files of the store cannot be looked at (${code === '' ? 'unknown error' : code})`,
    'Check the disk or share that is mounted there.',
  );
}
