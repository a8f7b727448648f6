import { realpathSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DiskFacts } from '../../../model/facts/stores.ts';
import { mountOf, mountTable } from '../mounted-on.ts';

/** What a directory lies on. Of what the system does not tell null stands, as it hides nothing of the directory. */
export function diskOf(directory: string): DiskFacts {
  const path = realpathSync(directory);
  const mount = mountOf(mountTable(), path);
  // Where there is no table of mounts the device of the directory above tells: stat(2), st_dev.
  const ownMount = mount === null ? statSync(path).dev !== statSync(dirname(path)).dev : mount.point === path;
  return { ownMount, fileSystem: mount?.type ?? null, ...spaceOf(path) };
}

/** statfs(2). File systems that make inodes as they need them tell of none. */
function spaceOf(path: string): Omit<DiskFacts, 'ownMount' | 'fileSystem'> {
  try {
    const { bsize, bavail, blocks, ffree, files } = statfsSync(path);
    return {
      ...(blocks > 0 ? { freeBytes: bavail * bsize, totalBytes: blocks * bsize } : NO_BYTES),
      ...(files > 0 ? { freeInodes: ffree, totalInodes: files } : NO_INODES),
    };
  } catch {
    return { ...NO_BYTES, ...NO_INODES };
  }
}

const NO_BYTES = { freeBytes: null, totalBytes: null } as const;
const NO_INODES = { freeInodes: null, totalInodes: null } as const;
