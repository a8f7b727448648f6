import type { ArtifactTree } from '../../../src/collect/trees/artifact-tree.ts';
import { memoryByteReader } from '../memory-byte-reader.ts';

/** Files by their paths: other bytes for what lies there, or null for a file that is gone. */
export type Alterations = Readonly<Record<string, Uint8Array | null>>;

const WRITTEN_AT = '2026-11-22T12:00:00.000Z';

/** A tree in which some files are other than they are: damage, without a copy of it all. */
export function alteredTree(tree: ArtifactTree, altered: Alterations): ArtifactTree {
  return {
    ...tree,
    async *list(signal, onLeftOut) {
      for await (const file of tree.list(signal, onLeftOut)) if (!Object.hasOwn(altered, file.path)) yield file;
      for (const [path, bytes] of Object.entries(altered)) {
        if (bytes !== null) yield { path, bytes: bytes.length, modifiedAt: WRITTEN_AT };
      }
    },
    open(path, signal) {
      const bytes = altered[path];
      return bytes instanceof Uint8Array ? Promise.resolve(memoryByteReader(bytes)) : tree.open(path, signal);
    },
  };
}
