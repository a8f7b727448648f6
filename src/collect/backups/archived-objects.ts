import type { ArtifactFile, ArtifactTree } from '../trees/artifact-tree.ts';

/** What keeps a copy that lies in such a class from being proven. */
export function mustBeRestored(storageClass: string): string {
  return `lies in storage class ${storageClass}, and must be restored there first`;
}

/** A tree that notes what it lists and nobody can read until it is restored, and which files have several names. */
export function notingTree(tree: ArtifactTree): {
  readonly tree: ArtifactTree;
  readonly archived: ReadonlyMap<string, string>;
  readonly linked: ReadonlySet<string>;
} {
  const archived = new Map<string, string>();
  const linked = new Set<string>();
  const note = async function* (files: AsyncIterable<ArtifactFile>): AsyncGenerator<ArtifactFile, void, undefined> {
    for await (const file of files) {
      if (file.archivedIn !== undefined) archived.set(file.path, file.archivedIn);
      if (file.linked !== undefined) linked.add(file.linked);
      yield file;
    }
  };
  return { tree: { ...tree, list: (...how) => note(tree.list(...how)) }, archived, linked };
}
