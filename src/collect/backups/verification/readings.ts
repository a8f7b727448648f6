import type { DumpArtifact } from '../artifact-index.ts';
import type { ClosedArtifact } from '../closed-artifacts.ts';
import type { Verification, VerifiedSum } from './verification-memory.ts';

/** What reading copies to their end showed, in this run or before. */
export interface Readings {
  /** The last full reading of the copy as it lies there. @throws what reading it in this run threw */
  of(artifact: DumpArtifact): Promise<Verification | null>;
  /** The checksum of a file that nobody can look into. @throws likewise */
  sumOf(file: ClosedArtifact): Promise<VerifiedSum | null>;
  /** True where the budget of this run was used up before its turn. */
  isLeft(artifact: DumpArtifact | ClosedArtifact): boolean;
}

/** Where nothing was ever read to its end. */
export const NO_READINGS: Readings = { of: async () => null, sumOf: async () => null, isLeft: () => false };
