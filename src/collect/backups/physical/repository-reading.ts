import type { BlindSpot } from '../../../model/evidence.ts';
import { SourceError } from '../../../model/source-error.ts';
import type { ArtifactTree, ByteReader } from '../../trees/artifact-tree.ts';
import type { PhysicalCopy, ReadingDepth } from './physical-copy.ts';

/** What a comparison of a data directory with its own `backup_manifest` showed. */
export type DataDirectoryVerdict = Pick<PhysicalCopy, 'integrity' | 'integrityBecause' | 'readToEnd'>;

/** How a repository is read. */
export interface RepositoryReading {
  readonly depth: ReadingDepth;
  /** The configured server whose copies lie here; null where nothing says so. */
  readonly declaredServer: string | null;
  readonly signal: AbortSignal;
  /** A blind spot in words, with every known secret taken out. */
  readonly blindSpotOf: (error: unknown) => BlindSpot;
  /**
   * Compares every file below a directory of the tree with the `backup_manifest` in it, at depth `full`.
   *
   * @throws SourceError when it cannot be read
   */
  readonly verifyDataDirectory?: (directory: string) => Promise<DataDirectoryVerdict>;
}

/** The whole of a small file. @throws SourceError when it cannot be read, or is larger than `most` bytes */
export async function readSmallFile(
  tree: ArtifactTree,
  path: string,
  most: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  return withReader(tree, path, signal, async (reader) => {
    if (reader.bytes <= most) return reader.read(0, reader.bytes);
    const remedy = 'Look at what lies there: a file of this name is never that large.';
    throw new SourceError('malformed', `${JSON.stringify(path)} is larger than ${most} bytes`, remedy);
  });
}

/** Opens a file, uses it and closes it. @throws SourceError when it cannot be read */
export async function withReader<T>(
  tree: ArtifactTree,
  path: string,
  signal: AbortSignal,
  use: (reader: ByteReader) => Promise<T>,
): Promise<T> {
  const reader = await tree.open(path, signal);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}
