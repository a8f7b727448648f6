/** The directory that a path lies in; empty for the root of the location. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Tells which of the roots a directory is, or lies in; the innermost. Many files share a directory: answers are kept. */
export function innermost(roots: ReadonlySet<string>): (directory: string) => string | null {
  const known = new Map<string, string | null>();
  const find = (directory: string): string | null => {
    // From the inside out, without recursion: directories may be thousands deep.
    const passed: string[] = [];
    let at = directory;
    let root: string | null | undefined;
    while (root === undefined) {
      root = roots.has(at) ? at : known.get(at);
      if (root !== undefined) break;
      passed.push(at);
      if (at === '') root = null;
      else at = directoryOf(at);
    }
    for (const one of passed) known.set(one, root);
    return root;
  };
  return find;
}
