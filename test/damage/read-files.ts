import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from './damage-place.ts';

/** The files below a directory, by their paths; those that hold something, unless empty ones are asked for. */
export function filesBelow(
  root: string,
  isWanted: (path: string) => boolean = () => true,
  which: 'not empty' | 'with empty files' = 'not empty',
): Files {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).sort();
  return new Map(
    paths.filter(isWanted).flatMap((path) => {
      const bytes = readFileSync(join(root, path));
      return bytes.length === 0 && which === 'not empty' ? [] : [[path, bytes] as const];
    }),
  );
}
