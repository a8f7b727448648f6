import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readBaseBackups } from '../../../../src/collect/backups/physical/base-backups.ts';
import type {
  PhysicalContents,
  PhysicalCopy,
  ReadingDepth,
} from '../../../../src/collect/backups/physical/physical-copy.ts';
import type { ArtifactTree } from '../../../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { collected } from '../../trees/collected.ts';

const signal = new AbortController().signal;

export async function readTree(tree: ArtifactTree, depth: ReadingDepth): Promise<PhysicalContents> {
  const files = await collected(tree.list(signal));
  return readBaseBackups(tree, files, {
    depth,
    declaredServer: 'main',
    signal,
    blindSpotOf: (error) => ({
      reason: 'malformed',
      detail: error instanceof Error ? error.message : String(error),
      remedy: 'None.',
    }),
  });
}

export function readDirectory(root: string, depth: ReadingDepth): Promise<PhysicalContents> {
  return readTree(localDirectoryTree({ root }), depth);
}

/** The only copy of a location. @throws Error when there are none or several */
export async function onlyCopy(contents: Promise<PhysicalContents>): Promise<PhysicalCopy> {
  const { copies } = await contents;
  const [copy] = copies;
  if (copy === undefined || copies.length > 1) throw new Error(`${copies.length} copies`);
  return copy;
}

/** SHA-256 over every name, size, time and byte below a directory. */
export function digestOf(root: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(root, name);
    const { size, mtimeMs, mode } = lstatSync(path);
    hash.update(`${name}\0${size}\0${mtimeMs}\0${mode}\0`);
    if (lstatSync(path).isFile()) hash.update(readFileSync(path));
    if (lstatSync(path).isSymbolicLink()) hash.update(readlinkSync(path));
  }
  return hash.digest('hex');
}
