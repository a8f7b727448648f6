import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { readVaultSnapshot } from '../formats/vault-snapshot/read-snapshot.ts';
import type { SnapshotReading } from '../formats/vault-snapshot/snapshot-reading.ts';
import type { ArtifactTree } from '../trees/artifact-tree.ts';

/** One snapshot that was opened, with the transit keys in it. Key names stay in memory. */
export interface FoundSnapshot {
  readonly fact: Facts['provider-snapshot'];
  holds(mountUuid: string, keyName: string): boolean;
  /** Keys in it, as `<mount uuid>/<name>`; absent of one that came in a bundle of another host. */
  keys?(): Iterable<string>;
}

export interface SnapshotLocation {
  readonly snapshots: readonly FoundSnapshot[];
  readonly unmatched: readonly Facts['unmatched-artifact'][];
  readonly blindSpot: BlindSpot | null;
}

/**
 * Opens every file of a location as a raft snapshot of Vault. A file that cannot be read is a blind spot of the
 * location; what is something else is unmatched.
 */
export async function readSnapshotLocation(
  name: string,
  tree: ArtifactTree,
  blindSpotOf: (error: unknown) => BlindSpot,
  signal: AbortSignal,
): Promise<SnapshotLocation> {
  const snapshots: FoundSnapshot[] = [];
  const unmatched: Facts['unmatched-artifact'][] = [];
  let blindSpot: BlindSpot | null = null;
  try {
    for await (const file of tree.list(signal)) {
      const keys = new Map<string, number>();
      try {
        const reader = await tree.open(file.path, signal);
        try {
          const reading = await readVaultSnapshot(reader, {
            signal,
            onKey: (mount, kind, key) => {
              const id = `${mount}/${key}`;
              keys.set(id, (keys.get(id) ?? 0) | (kind === 'policy' ? 1 : 2));
            },
          });
          if (reading.recognized) {
            snapshots.push({
              fact: snapshotFact(name, file.path, reading),
              holds: (mountUuid, keyName) => keys.get(`${mountUuid}/${keyName}`) === BOTH_ENTRIES,
              keys: () => [...keys].flatMap(([id, entries]) => (entries === BOTH_ENTRIES ? [id] : [])),
            });
          } else {
            unmatched.push({
              path: file.path,
              bytes: file.bytes,
              modifiedAt: file.modifiedAt,
              what: reading.because,
              foundName: null,
            });
          }
        } finally {
          await reader.close();
        }
      } catch (error) {
        signal.throwIfAborted();
        blindSpot ??= blindSpotOf(error);
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    blindSpot = blindSpotOf(error);
  }
  return { snapshots, unmatched, blindSpot };
}

/** A key is in a snapshot where both its policy and its archive entry are. */
const BOTH_ENTRIES = 3;

function snapshotFact(location: string, path: string, reading: SnapshotReading): Facts['provider-snapshot'] {
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
    raftIndex: reading.raftIndex,
    sealType: reading.sealType,
    sealShares: reading.recoveryShares ?? reading.secretShares,
    sealThreshold: reading.recoveryThreshold ?? reading.secretThreshold,
    sealKeyId: reading.sealKeyId,
  };
}
