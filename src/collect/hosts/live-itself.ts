import { basename, dirname } from 'node:path/posix';
import { SourceError } from '../../model/source-error.ts';
import type { FileCopies } from '../estate.ts';
import { recordedIn } from '../recorded/recorded-location.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';
import { nameBytes } from '../trees/file-name.ts';
import type { DatedCopy } from './dated-copies.ts';
import type { LookupAnswer } from './probe/file-lookup.ts';
import { hostProbe } from './probe/host-probe.ts';
import { isSameFile } from './same-file.ts';

/** Files with several names are common in sets whose copies share files among themselves: a few tell enough. */
const LOOKED_AT = 10;

/**
 * How many of a few files of a copy are those of the host itself: under a further name, or as the path of the host is a
 * link or mounted there. Such a file is the very one that it should be a copy of. Both must be seen by one machine.
 *
 * @param inside where the path lies in the copy
 * @param path of the host, on which this runs
 * @throws SourceError where the system does not tell
 */
export async function liveItself(
  where: FileCopies,
  copy: DatedCopy,
  { inside, path }: { readonly inside: string; readonly path: string },
  signal: AbortSignal,
): Promise<number> {
  const { tree, config } = where.location;
  if (tree === null || config.kind !== 'directory' || recordedIn(tree) !== null) return 0;
  const below = inside === '' ? '' : `${inside}/`;
  let found = 0;
  for (const [name, file] of few([...copy.files].filter(([name]) => name === inside || name.startsWith(below)))) {
    // Names that are no text are compared by nobody here.
    if (nameBytes(name).toString('utf8') !== name) continue;
    const steps = name === inside ? null : name.slice(below.length).split('/');
    if (file.linked !== undefined) {
      const live = await liveAt(path, steps, signal);
      if (live.is === 'found' && live.linked === file.linked) found += 1;
      continue;
    }
    const live = await orUntold(liveAt(path, steps, signal), signal);
    if (live?.is === 'found' && (await isSameFile(where, copy.name, file, live.onDisk, signal)) === true) found += 1;
  }
  return found;
}

function few(files: readonly (readonly [string, ArtifactFile])[]): readonly (readonly [string, ArtifactFile])[] {
  const shared = files.filter(([, { linked }]) => linked !== undefined);
  const others = files.filter(([, { linked }]) => linked === undefined);
  return [...shared.slice(0, LOOKED_AT), ...others.slice(0, LOOKED_AT)];
}

/** Null where the system does not tell: then nobody compares such a file with its copies either. */
async function orUntold<T>(answer: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SourceError)) throw error;
    return null;
  }
}

/** @param steps below the path; null for the path itself, which is what it leads to where it is a symbolic link */
async function liveAt(path: string, steps: readonly string[] | null, signal: AbortSignal): Promise<LookupAnswer> {
  if (steps !== null) return hostProbe.ask({ ask: 'lookup', path, steps }, signal);
  const looked = await hostProbe.ask({ ask: 'lookup', path: dirname(path), steps: [basename(path)] }, signal);
  if (looked.is !== 'link') return looked;
  const { path: real } = await hostProbe.ask({ ask: 'place', path }, signal);
  return hostProbe.ask({ ask: 'lookup', path: dirname(real), steps: [basename(real)] }, signal);
}
