import { createHash } from 'node:crypto';
import type { ArtifactFile } from '../trees/artifact-tree.ts';

/** One file, or one directory dump, that may be a copy. */
export interface Candidate {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: string;
  /** What the listing tells besides size and time that changes with the content; null where it tells nothing. */
  readonly version: string | null;
  readonly files: readonly ArtifactFile[] | null;
}

/** How a candidate is listed. */
export function described(candidate: Candidate): Pick<Candidate, 'path' | 'bytes' | 'modifiedAt'> {
  return { path: candidate.path, bytes: candidate.bytes, modifiedAt: candidate.modifiedAt };
}

/** Single files, and directories that hold a `toc.dat` as one candidate with everything below them. */
export function candidatesOf(files: readonly ArtifactFile[]): readonly Candidate[] {
  const directories = new Map<string, ArtifactFile[]>();
  for (const file of files) {
    if (file.path === 'toc.dat' || file.path.endsWith('/toc.dat')) directories.set(parentOf(file.path), []);
  }
  const candidates: Candidate[] = [];
  for (const file of files) {
    const directory = enclosing(file.path, directories);
    if (directory === null) candidates.push({ ...file, version: file.version ?? null, files: null });
    else directories.get(directory)?.push(file);
  }
  for (const [path, members] of directories) {
    const prefix = path === '' ? 0 : path.length + 1;
    candidates.push({
      path: path === '' ? '.' : path,
      bytes: members.reduce((sum, file) => sum + file.bytes, 0),
      modifiedAt:
        members
          .map((file) => file.modifiedAt)
          .sort()
          .at(-1) ?? '',
      version: versionOf(members),
      files: members.map((file) => ({ ...file, path: file.path.slice(prefix) })),
    });
  }
  return candidates;
}

/** A directory changes where any file in it does: its files with what the listing tells of each, as one digest. */
function versionOf(members: readonly ArtifactFile[]): string {
  const digest = createHash('sha256');
  const byPath = [...members].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, bytes, modifiedAt, version = '' } of byPath) {
    digest.update(JSON.stringify([path, bytes, modifiedAt, version]));
  }
  return `files ${digest.digest('hex')}`;
}

function enclosing(path: string, directories: ReadonlyMap<string, unknown>): string | null {
  if (directories.size === 0) return null;
  for (let parent = parentOf(path); ; parent = parentOf(parent)) {
    if (directories.has(parent)) return parent;
    if (parent === '') return null;
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
