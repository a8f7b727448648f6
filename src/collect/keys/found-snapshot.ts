import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Instant } from '../../model/instant.ts';
import type { FileCopyReading } from '../formats/vault-snapshot/file-copy.ts';
import type { SnapshotReading } from '../formats/vault-snapshot/snapshot-reading.ts';
import type { ArtifactTree, ByteReader, StoredEncryption } from '../trees/artifact-tree.ts';
import type { HeldKeys } from './held-keys.ts';

type Snapshot = Facts['provider-snapshot'];

/** One snapshot that was opened, with the transit keys in it. Key names stay in memory. */
export interface FoundSnapshot {
  readonly fact: Snapshot;
  holds(mountUuid: string, keyName: string): boolean;
  /**
   * Of a copy of files, when Vault last wrote the file with the key's versions: a later version is not in it. Null where
   * nothing tells, and of other snapshots, which are of one moment.
   */
  writtenAt(mountUuid: string, keyName: string): Instant | null;
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
  /** Whether files there can bear the time at which Vault wrote them: an object in a bucket bears that of its upload. */
  readonly keepsFileTimes: boolean;
}

export function foundSnapshot(
  fact: Snapshot,
  keys: HeldKeys,
  { encryption }: Pick<ByteReader, 'encryption'> = {},
): FoundSnapshot {
  return {
    fact,
    holds: keys.holds,
    // Where the copy has no time, those of its files may all be of the copying.
    writtenAt: fact.takenAt === null ? () => null : keys.writtenAt,
    keys: keys.all,
    ...(encryption === undefined ? {} : { encryption }),
  };
}

/** The fact of a copy of files. */
export function fileCopyFact(
  { name, copiedWhileStopped }: SnapshotPlace,
  path: string,
  reading: FileCopyReading,
): Snapshot {
  const { lackingTerm } = reading;
  const fact = { ...snapshotFact(name, path, reading), storage: 'file' as const, copiedWhileStopped };
  return lackingTerm === null ? fact : { ...fact, lackingTerm };
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
    ...(reading.raftTerm === null ? {} : { raftTerm: reading.raftTerm }),
    sealType: reading.sealType,
    sealShares: reading.recoveryShares ?? reading.secretShares,
    sealThreshold: reading.recoveryThreshold ?? reading.secretThreshold,
    sealKeyId: reading.sealKeyId,
  };
}
