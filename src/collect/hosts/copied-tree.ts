import { createHash } from 'node:crypto';
import type { Secret } from '../../model/secret.ts';
import { SourceError } from '../../model/source-error.ts';
import type { ArtifactFile, ArtifactTree } from '../trees/artifact-tree.ts';
import { nameBytes } from '../trees/file-name.ts';
import { rootOf } from '../trees/local-directory.ts';
import { isLeftOut } from './left-out.ts';
import type { HostProbe } from './probe/host-probe.ts';
import { contentDigest, contentLine } from './probe/tree-digest.ts';

/** A directory inside a dated copy. */
export interface CopiedTree {
  readonly tree: ArtifactTree;
  /** Path of the copied directory in the tree. */
  readonly path: string;
  /** Its files by their path below it, without what is none of the source's. */
  readonly files: readonly ArtifactFile[];
  /** Path below it of the completion marker, where that lies in it. */
  readonly except: string | null;
}

export interface CopiedTreeDigest {
  readonly digest: string;
  /** Null where what keeps the copy keeps no permissions. */
  readonly digestOfModes: string | null;
  /** Symbolic links in it, none of which was followed; absent where what keeps the copy keeps none. */
  readonly links?: number;
}

/** A copy in a bucket with more bytes than this is not fetched for a digest. */
const MOST_BYTES = 1024 ** 3;
const MOST_FILES = 20_000;
const AT_ONCE = 8;

/**
 * The digest of a directory in a copy, to be compared with that of the live one. Null for one in a bucket that is too
 * large to fetch.
 *
 * @throws SourceError where a part of it cannot be read
 */
export async function copiedTreeDigest(
  copied: CopiedTree,
  access: { readonly probe: HostProbe; readonly digestKey: Secret; readonly signal: AbortSignal },
): Promise<CopiedTreeDigest | null> {
  const { probe, digestKey, signal } = access;
  const key = digestKey.reveal();
  const root = rootOf(copied.tree);
  if (root !== null) {
    const path = copied.path === '' ? root : `${root}/${copied.path}`;
    const { digest, digestOfModes, links } = await probe.ask({ ask: 'tree', path, key, except: copied.except }, signal);
    return { digest, digestOfModes, links };
  }
  const files = copied.files
    .filter(({ path }) => path !== copied.except && !isLeftOut(path))
    .map((file) => ({ file, bytes: nameBytes(file.path).toString('latin1') }))
    // In the order of walking directory by directory: a name ends before any longer one goes on.
    .sort((a, b) => (a.bytes.replaceAll('/', '\0') < b.bytes.replaceAll('/', '\0') ? -1 : 1));
  if (files.length > MOST_FILES || files.reduce((sum, { file }) => sum + file.bytes, 0) > MOST_BYTES) return null;
  const digest = contentDigest(key);
  for (let at = 0; at < files.length; at += AT_ONCE) {
    const some = files.slice(at, at + AT_ONCE);
    const sums = await Promise.all(some.map(({ file }) => sumOf(copied, file, signal)));
    for (const [index, { bytes, file }] of some.entries()) {
      digest.update(contentLine(bytes, file.bytes, sums[index] ?? ''), 'latin1');
    }
  }
  return { digest: digest.digest('hex'), digestOfModes: null };
}

async function sumOf({ tree, path: above }: CopiedTree, file: ArtifactFile, signal: AbortSignal): Promise<string> {
  const reader = await tree.open(above === '' ? file.path : `${above}/${file.path}`, signal);
  try {
    if (reader.bytes !== file.bytes) {
      throw new SourceError(
        'malformed',
        'a file of a backup set was changed since it was listed',
        'Run the audit when no backup is being written.',
      );
    }
    const sum = createHash('sha256');
    for await (const chunk of reader.stream()) sum.update(chunk);
    return sum.digest('hex');
  } finally {
    await reader.close();
  }
}
