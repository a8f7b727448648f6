import type { Instant } from '../../model/instant.ts';

/** One file or object in a place where backups lie. */
export interface ArtifactFile {
  /** Relative to the tree's root, with `/` between segments on every platform. */
  readonly path: string;
  readonly bytes: number;
  /** When the storage says it was last written, UTC. */
  readonly modifiedAt: Instant;
  /**
   * What else the listing tells that changes with the content, to be compared and nothing else: the entity tag of an
   * object, the status change time of a file. Absent where it tells nothing.
   */
  readonly version?: string;
  /** Storage class out of which it must be restored before anybody can read it, e.g. `GLACIER`; absent where it can be read. */
  readonly archivedIn?: string;
  /**
   * Of a file with several names (hard links): what all of them share, and no other file. To be compared and nothing
   * else; absent of a file with one name.
   */
  readonly linked?: string;
  /** True of a further name whose size stands with another one: `bytes` tells nothing. */
  readonly isSizeElsewhere?: boolean;
  /** Of what is neither a file nor a link: what it is, such as `a named pipe`. Only told of what is left out. */
  readonly special?: string;
}

/** How a service keeps an object encrypted. */
export interface StoredEncryption {
  /** As the service names it, e.g. `AES256` or `aws:kms`. */
  readonly algorithm: string;
  /** Key of a key service, as the object names it; null where the service uses one of its own. */
  readonly key: string | null;
}

/**
 * Random and sequential access to the bytes of one file, without writing and without locks. Bytes that were read stay as
 * they are until it is closed.
 */
export interface ByteReader {
  readonly bytes: number;
  /** How the service says that it keeps the object encrypted; absent where it says nothing, as of a file. */
  readonly encryption?: StoredEncryption;
  /**
   * SHA-256 of the whole object that the store keeps since it was written, lower-case hex; absent where it keeps none. What
   * was written, not what lies there now.
   */
  readonly sha256AtStore?: string;
  /**
   * Up to `length` bytes from `offset`; fewer only where the file ends.
   * @throws SourceError when the bytes cannot be read; StoredChecksumMismatch, of which there is only one, when they are all
   * of the object and not those of which the store keeps the checksum: what is read after it is not compared any more
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The bytes from `offset` to the end, in chunks. @throws as `read`, while iterating; not all bytes may come before */
  stream(offset?: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/**
 * A directory tree or a bucket that is only ever read. Listing gives every regular file below the root, in no
 * particular order; symbolic links are not followed.
 */
export interface ArtifactTree {
  /** Where it is, safe to print: no credentials, no signed URL. */
  readonly locator: string;
  /**
   * @param onLeftOut told of every symbolic link that leads out of the tree, as what it leads to is not seen, and of what
   * is neither a file nor a directory nor a link
   * @param under path of a directory of the tree: what lies elsewhere need not be listed, and may be all the same
   * @throws SourceError when the root or a directory below it cannot be read: an unreadable part is never taken for an empty one.
   */
  list(signal: AbortSignal, onLeftOut?: (entry: ArtifactFile) => void, under?: string): AsyncIterable<ArtifactFile>;
  /** @throws SourceError when the file does not exist or cannot be opened. */
  open(path: string, signal: AbortSignal): Promise<ByteReader>;
  close(): Promise<void>;
}

/** The files below one directory of a tree, or all where it is empty. @throws SourceError as listing the tree does */
export async function filesBelow(tree: ArtifactTree, directory: string, signal: AbortSignal): Promise<ArtifactFile[]> {
  const files: ArtifactFile[] = [];
  const listing = directory === '' ? tree.list(signal) : tree.list(signal, undefined, directory);
  for await (const file of listing) if (directory === '' || file.path.startsWith(`${directory}/`)) files.push(file);
  return files;
}
