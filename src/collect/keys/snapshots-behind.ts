import type { Facts } from '../../model/facts.ts';
import { MINUTE, toMillis } from '../../model/instant.ts';

type Snapshot = Facts['provider-snapshot'];
type Ahead = NonNullable<Snapshot['indexBehind']>;

/** Servers take snapshots in turn, each by its own clock. */
const CLOCKS = 5 * MINUTE;

/**
 * Snapshots that were taken later than another from one of the same raft servers, at a lower index. The index of a raft
 * only rises, also by a restore (package hashicorp/raft, `restoreUserSnapshot`), so no single history has both.
 *
 * @returns by the snapshot, the older one whose index is the next above its own
 */
export function snapshotsBehind(snapshots: readonly Snapshot[]): ReadonlyMap<Snapshot, Ahead> {
  const dated = snapshots
    .flatMap((snapshot) => {
      const { takenAt, raftIndex, complete, checksumsMatch } = snapshot;
      const tells = takenAt !== null && raftIndex !== null && complete && checksumsMatch;
      return tells ? [{ snapshot, takenAt: toMillis(takenAt), raftIndex }] : [];
    })
    .sort((a, b) => a.takenAt - b.takenAt);
  const behind = new Map<Snapshot, Ahead>();
  let highest = 0;
  for (const { snapshot, takenAt, raftIndex } of dated) {
    if (raftIndex < highest) {
      const [ahead] = dated
        .filter(
          (one) =>
            one.raftIndex > raftIndex &&
            one.takenAt < takenAt - CLOCKS &&
            one.snapshot.raftServerIds.some((id) => snapshot.raftServerIds.includes(id)),
        )
        .sort((a, b) => a.raftIndex - b.raftIndex);
      if (ahead !== undefined) {
        const { location, path } = ahead.snapshot;
        behind.set(snapshot, { location, path, raftIndex: ahead.raftIndex });
      }
    }
    highest = Math.max(highest, raftIndex);
  }
  return behind;
}

export function withIndexBehind(snapshot: Snapshot, behind: ReadonlyMap<Snapshot, Ahead>): Snapshot {
  const ahead = behind.get(snapshot);
  return ahead === undefined ? snapshot : { ...snapshot, indexBehind: ahead };
}
