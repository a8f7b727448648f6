import type { StanzaInfo } from '../../../formats/pgbackrest/backup-info.ts';
import type { ArtifactTree } from '../../../trees/artifact-tree.ts';
import type { ReadingDepth } from '../physical-copy.ts';
import type { Loaded } from './load-info.ts';

/** What one backup is read with. */
export interface CopyReading {
  readonly tree: ArtifactTree;
  readonly depth: ReadingDepth;
  readonly signal: AbortSignal;
  readonly declaredServer: string | null;
  readonly stanza: string;
  /** What `backup.info` says, null where it could not be read, with the reason beside. */
  readonly info: Loaded<StanzaInfo>;
  /** Newest storage time of `backup.info`, for a backup of which nothing is left. */
  readonly infoModifiedAt: string;
}
