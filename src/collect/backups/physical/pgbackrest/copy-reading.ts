import type { SourceError } from '../../../../model/source-error.ts';
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
  /**
   * Why pgBackRest restores nothing of this stanza: it wants `backup.info` for the files, and `archive.info` for the WAL
   * without which no backup becomes consistent. Null where both could be read.
   */
  readonly stanzaError: SourceError | null;
  /** Newest storage time of `backup.info`, for a backup of which nothing is left. */
  readonly infoModifiedAt: string;
}
