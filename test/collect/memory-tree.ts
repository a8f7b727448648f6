import type { ArtifactTree } from '../../src/collect/trees/artifact-tree.ts';
import { SourceError } from '../../src/model/source-error.ts';
import { memoryByteReader } from './memory-byte-reader.ts';

/** A tree whose files lie in memory, all of one time. */
export function memoryTree(files: ReadonlyMap<string, Uint8Array>): ArtifactTree {
  return {
    locator: 'memory',
    async *list() {
      for (const [path, { length }] of files) yield { path, bytes: length, modifiedAt: '2026-11-22T22:00:00.000Z' };
    },
    open: async (path) => {
      const bytes = files.get(path);
      if (bytes === undefined) throw new SourceError('malformed', `${path} does not exist`, 'Run again.');
      return memoryByteReader(bytes);
    },
    close: async () => undefined,
  };
}
