import type { DumpArtifact } from '../artifact-index.ts';
import type { Verification } from './verification-memory.ts';

/** What reading copies to their end showed, in this run or before. */
export interface Readings {
  /** The last full reading of the copy as it lies there. @throws what reading it in this run threw */
  of(artifact: DumpArtifact): Promise<Verification | null>;
  /** True where the budget of this run was used up before its turn. */
  isLeft(artifact: DumpArtifact): boolean;
}

/** Where nothing was ever read to its end. */
export const NO_READINGS: Readings = { of: async () => null, isLeft: () => false };
