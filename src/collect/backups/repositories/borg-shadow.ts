import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactFile } from '../../trees/artifact-tree.ts';
import { nameBytes } from '../../trees/file-name.ts';

/** Parts of a repository that Borg reads (Borg 1.2, "Data structures and file formats", "Repository"). */
const READ = /^(README|config|nonce|(index|hints|integrity)\.\d+|data\/\d+\/\d+)$/;

/**
 * Directories of links in place of a repository. Borg writes where an index is missing or old, even for a listing and
 * without its lock: here it writes beside the links, and what it removes are links. Locks are left out.
 *
 * @param root the repository
 * @param directory an empty directory
 */
export async function shadowRepository(root: string, files: readonly ArtifactFile[], directory: string): Promise<void> {
  const made = new Set<string>();
  for (const { path } of files) {
    if (!READ.test(path)) continue;
    const link = join(directory, path);
    const parent = dirname(link);
    if (!made.has(parent)) await mkdir(parent, { recursive: true });
    made.add(parent);
    await symlink(Buffer.concat([Buffer.from(`${root}/`), nameBytes(path)]), link);
  }
}
