import type { ArtifactFile } from '../../trees/artifact-tree.ts';
import type { Failure } from './failure.ts';
import type { PackedFiles } from './packed-files.ts';

/** Some of what a listing found. */
export interface ListingPart {
  readonly files: PackedFiles;
  /** Symbolic links that lead out of the directory, and what is neither file nor link. */
  readonly links: readonly ArtifactFile[];
}

/** The last message: why the listing is not whole, or null where it is. */
export interface ListingEnd {
  readonly end: Failure | null;
}
