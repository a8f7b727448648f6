/**
 * What this process has begun to write and not put in place yet: scratch directories, reports and bundles under their
 * temporary names. An orderly end removes each where it was made. An end that cannot wait removes them all at once, so
 * that neither leaves anything half-written.
 */
const unfinished = new Set<string>();

/** @returns to be called when the path was put in place under another name, or removed */
export function noteUnfinished(path: string): () => void {
  unfinished.add(path);
  return () => {
    unfinished.delete(path);
  };
}

/** Paths of files and directories that nothing but this process has a use for. */
export function unfinishedPaths(): readonly string[] {
  return [...unfinished];
}
