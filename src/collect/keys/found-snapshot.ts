import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { SnapshotReading } from '../formats/vault-snapshot/snapshot-reading.ts';
import type { ArtifactTree, ByteReader, StoredEncryption } from '../trees/artifact-tree.ts';
import type { HeldKeys } from './held-keys.ts';

type Snapshot = Facts['provider-snapshot'];

/** One snapshot that was opened, with the transit keys in it. Key names stay in memory. */
export interface FoundSnapshot {
  readonly fact: Snapshot;
  holds(mountUuid: string, keyName: string): boolean;
  /** Keys in it, as `<mount uuid>/<name>`; absent of one that came in a bundle of another host. */
  keys?(): Iterable<string>;
  /** How the service keeps the object encrypted; absent where it says nothing. */
  readonly encryption?: StoredEncryption;
}

export interface SnapshotLocation {
  readonly snapshots: readonly FoundSnapshot[];
  readonly unmatched: readonly Facts['unmatched-artifact'][];
  readonly blindSpot: BlindSpot | null;
}

/** A location that holds copies of the storage of Vaults. */
export interface SnapshotPlace {
  readonly name: string;
  readonly tree: ArtifactTree;
  /** Whether it is stated that copies of files were made while Vault did not run. */
  readonly copiedWhileStopped: boolean;
}

export function foundSnapshot(
  fact: Snapshot,
  keys: HeldKeys,
  { encryption }: Pick<ByteReader, 'encryption'> = {},
): FoundSnapshot {
  return { fact, holds: keys.holds, keys: keys.all, ...(encryption === undefined ? {} : { encryption }) };
}

export function snapshotFact(
  location: string,
  path: string,
  reading: Omit<SnapshotReading, 'recognized' | 'what'>,
): Snapshot {
  return {
    location,
    path,
    bytes: reading.bytes,
    takenAt: reading.takenAt,
    complete: reading.complete,
    checksumsMatch: reading.checksumsMatch,
    because: reading.because,
    mountUuids: [...reading.mountUuids],
    raftServerIds: reading.raftServers.map((server) => server.id),
    ...(reading.raftServers.length === 0 ? {} : { raftServers: reading.raftServers.map((server) => ({ ...server })) }),
    raftIndex: reading.raftIndex,
    sealType: reading.sealType,
    sealShares: reading.recoveryShares ?? reading.secretShares,
    sealThreshold: reading.recoveryThreshold ?? reading.secretThreshold,
    sealKeyId: reading.sealKeyId,
  };
}
