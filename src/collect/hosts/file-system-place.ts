import { dirname } from 'node:path';
import { isAtOrBelow, type Mount, mountsIn } from './mounted-on.ts';

/** Where a directory is, whatever it is called: one that is mounted in two places, in full or in part, is one. */
export interface FileSystemPlace {
  /** Itself, by what makes two of them the same. */
  readonly self: readonly string[];
  /** The directories above it, likewise. */
  readonly above: readonly string[];
  /** What is mounted below it: each with the directories above it in its own file system. */
  readonly mounted: readonly (readonly string[])[];
}

/**
 * By file systems and the paths in them, which a bind mount of a directory shares with what it is of. Nothing where the
 * table does not tell.
 *
 * @param table the text of /proc/self/mountinfo (proc_pid_mountinfo(5))
 * @param path absolute, without symbolic links
 */
export function placeInFileSystem(table: string, path: string): FileSystemPlace {
  const mounts = mountsIn(table);
  let own: Mount | null = null;
  for (const mount of mounts) {
    if (isAtOrBelow(path, mount.point) && (own === null || mount.point.length >= own.point.length)) own = mount;
  }
  if (own === null) return { self: [], above: [], mounted: [] };
  const below = path.slice(own.point === '/' ? 0 : own.point.length).replace(/^\/+/, '');
  const [self = '', ...above] = chainIn(
    own.device,
    below === '' ? own.root : `${own.root === '/' ? '' : own.root}/${below}`,
  );
  const mounted = mounts
    .filter(({ point }) => point !== path && isAtOrBelow(point, path))
    .map(({ device, root }) => chainIn(device, root));
  return { self: [self], above, mounted };
}

function chainIn(device: string, path: string): readonly string[] {
  const chain: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    chain.push(`${device} ${at}`);
    // Of what has no directories, such as a namespace, the root is no path.
    if (at === '/' || !at.startsWith('/')) return chain;
  }
}
