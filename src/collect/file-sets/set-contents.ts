import type { DatedCopy } from '../hosts/dated-copies.ts';

/** What is in a copy that is no directory, taken to digests and no further. */
export interface SetContents {
  /** As of a small host file; null for one that is larger. @throws SourceError */
  fileDigest(copy: DatedCopy, inside: string, key: string): Promise<string | null>;
  /**
   * As of a directory of the host; null where it cannot be had.
   *
   * @param except path below it of a file that is none of the source's
   * @throws SourceError
   */
  treeDigest(copy: DatedCopy, inside: string, key: string, except: string | null): Promise<string | null>;
}
