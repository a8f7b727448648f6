import { createHash } from 'node:crypto';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { withReader } from '../physical/repository-reading.ts';

/** restic 0.14, "Repository Format": files in these directories are named by the SHA-256 of their bytes. */
const NAMED_BY_CONTENT = /^(data\/[0-9a-f]{2}|index|snapshots|keys)\/([0-9a-f]{64})$/;

/**
 * The files of a restic repository whose bytes are not those of their name: cut or altered. No password is needed.
 *
 * @throws SourceError when a file cannot be read
 */
export async function damagedByName(
  tree: ArtifactTree,
  files: readonly ArtifactFile[],
  signal: AbortSignal,
): Promise<readonly ArtifactFile[]> {
  const damaged: ArtifactFile[] = [];
  for (const file of files) {
    const name = NAMED_BY_CONTENT.exec(file.path)?.[2];
    if (name === undefined) continue;
    const digest = await withReader(tree, file.path, signal, async (reader) => {
      const hash = createHash('sha256');
      for await (const chunk of reader.stream()) hash.update(chunk);
      return hash.digest('hex');
    });
    if (digest !== name) damaged.push(file);
  }
  return damaged;
}
