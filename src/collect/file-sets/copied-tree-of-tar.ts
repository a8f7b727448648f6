import { createHash } from 'node:crypto';
import type { TarContent } from '../formats/tar-walk.ts';
import { isLeftOut } from '../hosts/left-out.ts';
import { contentDigest, contentLine } from '../hosts/probe/tree-digest.ts';
import { nameBytes } from '../trees/file-name.ts';

/** A file of a tree that came in an archive. */
export interface SummedFile {
  /** Below the tree. */
  readonly path: string;
  readonly bytes: number;
  /** Null of a hard link, whose bytes stand with another name, and of a sparse file. */
  readonly sha256: string | null;
}

/** SHA-256 of a member, in hexadecimal. @throws SourceError where bytes cannot be read */
export async function sumOf(content: TarContent): Promise<string> {
  const sum = createHash('sha256');
  for await (const piece of content.pieces()) sum.update(piece);
  return sum.digest('hex');
}

/** The digest that the same tree has where it lies as a directory. Null where a hard link hides what a file holds. */
export function digestOfListedTree(files: readonly SummedFile[], key: string, except: string | null): string | null {
  const wanted = files.filter(({ path }) => path !== except && !isLeftOut(path));
  if (wanted.some(({ sha256 }) => sha256 === null)) return null;
  const digest = contentDigest(key);
  const named = wanted
    .map((file) => ({ file, bytes: nameBytes(file.path).toString('latin1') }))
    // In the order of walking directory by directory: a name ends before any longer one goes on.
    .sort((a, b) => (a.bytes.replaceAll('/', '\0') < b.bytes.replaceAll('/', '\0') ? -1 : 1));
  for (const { file, bytes } of named) digest.update(contentLine(bytes, file.bytes, file.sha256 ?? ''), 'latin1');
  return digest.digest('hex');
}
