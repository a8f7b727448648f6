import { basename, dirname } from 'node:path/posix';
import type { FileCopies } from '../estate.ts';
import { recordedIn } from '../recorded/recorded-location.ts';
import { nameBytes } from '../trees/file-name.ts';
import type { DatedCopy } from './dated-copies.ts';
import { hostProbe } from './probe/host-probe.ts';

/** Files with several names are common in sets whose copies share files among themselves: a few tell enough. */
const LOOKED_AT = 10;

/**
 * How many of a few files of a copy are those of the host itself, under a further name: such a hard link is the very file
 * that it should be a copy of. Both must be seen by one machine.
 *
 * @param inside where the path lies in the copy
 * @param path of the host, on which this runs
 * @throws SourceError where the system does not tell
 */
export async function liveItself(
  { location }: FileCopies,
  copy: DatedCopy,
  { inside, path }: { readonly inside: string; readonly path: string },
  signal: AbortSignal,
): Promise<number> {
  const { tree, config } = location;
  if (tree === null || config.kind !== 'directory' || recordedIn(tree) !== null) return 0;
  const below = inside === '' ? '' : `${inside}/`;
  const shared = [...copy.files].filter(
    ([name, { linked }]) => linked !== undefined && (name === inside || name.startsWith(below)),
  );
  let found = 0;
  for (const [name, { linked }] of shared.slice(0, LOOKED_AT)) {
    const steps = name === inside ? [basename(path)] : name.slice(below.length).split('/');
    const root = name === inside ? dirname(path) : path;
    // Names that are no text are compared by nobody here.
    if (nameBytes(name).toString('utf8') !== name) continue;
    const live = await hostProbe.ask({ ask: 'lookup', path: root, steps }, signal);
    if (live.is === 'found' && live.linked === linked) found += 1;
  }
  return found;
}
