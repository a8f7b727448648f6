import { resolve } from 'node:path';
import { MIRROR } from '../../model/mirror-copy.ts';
import { SourceError } from '../../model/source-error.ts';
import type { FileCopies } from '../estate.ts';
import { recordedIn } from '../recorded/recorded-location.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';
import { nameBytes } from '../trees/file-name.ts';
import type { FileOnDisk } from '../trees/shared-by-names.ts';
import { hostProbe } from './probe/host-probe.ts';

/**
 * Whether a file in a copy is the live one itself, with one name: where the live directory is a symbolic link into the set
 * or mounted there, or the other way about. The system is asked only where both were last changed at the same moment, as
 * copies never are, but for those in a snapshot of the file system, which has a number of its own.
 *
 * @param file as the copy's listing tells it
 * @param live of the host that this runs on
 * @returns null where the system does not tell
 */
export async function isSameFile(
  { location }: Pick<FileCopies, 'location'>,
  copy: string,
  file: Pick<ArtifactFile, 'path' | 'version'>,
  live: FileOnDisk,
  signal: AbortSignal,
): Promise<boolean | null> {
  const { tree, config } = location;
  if (file.version !== live.version || tree === null || config.kind !== 'directory') return false;
  // Of another machine the numbers tell nothing, and names that are no text are compared by nobody here.
  if (recordedIn(tree) !== null || nameBytes(file.path).toString('utf8') !== file.path) return false;
  const steps = [...(copy === MIRROR ? [] : [copy]), ...file.path.split('/')];
  try {
    const found = await hostProbe.ask({ ask: 'lookup', path: resolve(config.path), steps }, signal);
    return found.is === 'found' && found.onDisk.id === live.id;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SourceError)) throw error;
    return null;
  }
}
