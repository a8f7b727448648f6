import { createHash } from 'node:crypto';
import type { ArtifactFile } from '../../trees/artifact-tree.ts';
import type { PhysicalCopy } from '../physical/physical-copy.ts';

/** What tells one state of a copy from another without reading it. */
export interface CopyIdentity {
  readonly location: { readonly name: string; readonly tree: { readonly locator: string } };
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: string;
  readonly version: string | null;
}

/** Takes in the files of one copy of a cluster, in any order. */
export interface ListedFiles {
  add(file: ArtifactFile): void;
  /**
   * The identity of the copy: of all its files with path, size, time and whatever else the listing tells that changes
   * with their content, and of everything that its catalogue and structure tell. What it builds on has an identity of
   * its own.
   */
  identity(structure: PhysicalCopy): string;
}

/** Keeps a short digest for each file, as a cluster may have hundreds of thousands. */
export function listedFiles(files: Iterable<ArtifactFile> = []): ListedFiles {
  const digests: string[] = [];
  const own: ListedFiles = {
    add({ path, bytes, modifiedAt, version = '' }) {
      const digest = createHash('sha256').update(JSON.stringify([path, bytes, modifiedAt, version]));
      digests.push(digest.digest('base64'));
    },
    identity(structure) {
      // Which copies lie beside it decides what it is said to need, and each of those is looked at by itself.
      const { needs: _, ...known } = structure;
      const hash = createHash('sha256').update(JSON.stringify(known)).update('\n');
      for (const digest of digests.toSorted()) hash.update(digest);
      return hash.digest('hex');
    },
  };
  for (const file of files) own.add(file);
  return own;
}
