import type { Facts } from '../../model/facts.ts';
import type { DumpArtifact } from './artifact-index.ts';

export type KeyVersionsInside = NonNullable<Facts['copy']['keyVersionsInside']>;

/** Reads rows out of copies of tenant databases, where that is asked for. */
export interface RowsInside {
  /**
   * The key-version rows in a dump.
   *
   * @param schemaName where names without a schema are looked up; null where that is not told
   * @throws only when interrupted
   */
  keyVersions(artifact: DumpArtifact, schemaName: string | null): Promise<KeyVersionsInside>;
}

/** @param because why they were not read, without any of their content */
export function unread(because: string): KeyVersionsInside {
  return { versions: null, because };
}
