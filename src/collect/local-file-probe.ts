import { SourceError } from '../model/source-error.ts';
import type { HostProbe } from './hosts/probe/host-probe.ts';
import { type FileProbe, LARGEST_SUMMED, OneFileError, stepsBelow } from './stores/file-probe.ts';

/** How files of the install host are looked at. */
export interface LocalFileAccess {
  readonly probe: HostProbe;
  readonly signal: AbortSignal;
}

/**
 * Files below a directory of the install host. No link is followed, and nothing outside of the directory is looked at.
 *
 * @param root absolute; where it is itself a link it was set up so
 */
export function localFileProbe(root: string, { probe, signal }: LocalFileAccess): FileProbe {
  let rooted: Promise<void> | null = null;
  return {
    locator: root,
    source: 'install host',
    async look(key) {
      rooted ??= assertFilled(root, { probe, signal });
      await rooted;
      const steps = stepsOf(key);
      if (steps === null) return { is: 'refused' };
      const looked = await ofFile(probe.ask({ ask: 'lookup', path: root, steps }, signal));
      if (looked.is !== 'found') return { is: looked.is };
      const { bytes, modifiedAt, linked, onDisk } = looked;
      const written = modifiedAt === null ? {} : { modifiedAt };
      const shared = linked === null ? {} : { linked };
      return { is: 'found', bytes, ...written, ...shared, onDisk, sha256: null, copied: null, locked: false };
    },
    async checksum(key, { bytes }) {
      const steps = stepsOf(key);
      if (steps === null || bytes === null || bytes > LARGEST_SUMMED) return null;
      const read = await ofFile(probe.ask({ ask: 'checksum', path: root, steps }, signal));
      if (read.is === 'found') return read.sha256;
      throw new OneFileError(
        'malformed',
        'a file of the store was taken away or written to while it was read for its checksum',
        'Run the audit when less is written there; the file is read again in the next run.',
      );
    },
  };
}

function stepsOf(key: string): readonly string[] | null {
  const steps = stepsBelow(key)?.filter((step) => step !== '') ?? [];
  return steps.length === 0 ? null : steps;
}

/** An empty directory stands in the place of a share that is not mounted. @throws SourceError */
async function assertFilled(root: string, { probe, signal }: LocalFileAccess): Promise<void> {
  const { isDirectory, empty } = await probe.ask({ ask: 'directory', path: root }, signal);
  if (!isDirectory) {
    throw new SourceError('unreachable', `${root} is no directory`, 'Correct the path of the storage binding.');
  }
  if (!empty) return;
  throw new SourceError(
    'unreachable',
    `${root} is empty, though files are listed: it may be unmounted`,
    `Check whether what belongs there is mounted: findmnt --target ${root}.`,
  );
}

/** What is told of one file, whose path is in no message: it is personal data. @throws SourceError */
async function ofFile<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const code = error instanceof SourceError ? codeOf(error.cause) : null;
    throw code === null ? error : unreadable(code);
  }
}

/** Null of what was not told by the system, such as that it did not answer. */
function codeOf(cause: unknown): string | null {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : null;
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
    `files of the store cannot be looked at (${code})`,
    'Check the disk or share that is mounted there.',
  );
}
