import type { ArtifactTree } from '../trees/artifact-tree.ts';

/** A place where dumps lie, with what the configuration says of it. */
export interface DumpLocation {
  readonly name: string;
  readonly tree: ArtifactTree;
  readonly timeZone: string | null;
  /** Servers whose databases lie here; null for all. */
  readonly servers: readonly string[] | null;
}
