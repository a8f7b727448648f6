import type { LocationConfig } from '../../../../config/location-schema.ts';
import type { Instant } from '../../../../model/instant.ts';

/** What the configuration says of the snapshots. */
export type SnapshotSettings = NonNullable<LocationConfig['filesystemSnapshots']>;

/** One snapshot of one dataset, volume or subvolume, as its tool lists it. */
export interface ListedSnapshot {
  /** The whole name that the tool uses. */
  readonly name: string;
  /** What the snapshots of several sources taken in one step have in common. */
  readonly group: string;
  /** The dataset, the volume as `group/volume`, or the UUID of the subvolume it is of; null where that is not told. */
  readonly source: string | null;
  /** When it was made: two instants where the listing tells no zone. Null: not told. */
  readonly createdAt: { readonly earliest: Instant; readonly latest: Instant } | null;
  /** Number of the transaction it was made in; snapshots of one transaction are of one moment. */
  readonly transaction: string | null;
  /** Bytes it takes for itself; 0 where that is not told. */
  readonly bytes: number;
  /** Why it is no longer good, as the tool says; null where it is. */
  readonly invalid: string | null;
}

/** What a listing holds, and the numbers of the lines or entries that could not be read. */
export interface SnapshotListing {
  readonly snapshots: readonly ListedSnapshot[];
  readonly unreadable: readonly number[];
}
