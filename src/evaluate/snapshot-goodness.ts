import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { MINUTE, toMillis } from '../model/instant.ts';
import { CLOCK_TOLERANCE_MINUTES } from './copies.ts';

type Snapshot = Facts['provider-snapshot'];
type LiveVault = Observation<'provider-state'>;

/**
 * Whether a snapshot is whole and of the live Vault. The unique ids of secrets-engine mounts are made at mount time, and
 * storage paths begin with them: one without any that is known to be of this Vault is of another. A clone, which was restored from a snapshot of
 * the live Vault, has the same ids; only its raft tells it apart. None of it proves who made the file.
 */
export function goodness(
  { value: snapshot }: Observation<'provider-snapshot'>,
  live: LiveVault | undefined,
  sameVault: ReadonlySet<string>,
): readonly [Truth, string] {
  if (!snapshot.complete || !snapshot.checksumsMatch) {
    return isOfUntold(snapshot)
      ? ['unknown', `${snapshot.because}; ${ofUntold(snapshot)}`]
      : ['fails', snapshot.because];
  }
  const mounts = live?.value.mounts ?? null;
  if (live === undefined || mounts === null || mounts.length === 0) {
    return ['unknown', 'it is whole, and the live Vault does not tell its mounts to compare it with'];
  }
  if (!mounts.some((mount) => snapshot.mountUuids.includes(mount.uuid))) {
    return goodnessWithoutKeys(snapshot, live, sameVault);
  }
  return goodnessOfOwn(snapshot, live, 'it holds the mounts of this Vault');
}

/**
 * Mounts of the live Vault, and of every whole snapshot that holds keys of this install: what is mounted beside them is
 * mounted in the same Vault.
 */
export function mountsOfSameVault(
  snapshots: readonly Observation<'provider-snapshot'>[],
  live: LiveVault | undefined,
): ReadonlySet<string> {
  const own = (live?.value.mounts ?? []).map(({ uuid }) => uuid);
  const ofKeys = snapshots.filter(
    ({ value }) => value.complete && value.checksumsMatch && own.some((uuid) => value.mountUuids.includes(uuid)),
  );
  return new Set([...own, ...(live?.value.otherMounts ?? []), ...ofKeys.flatMap(({ value }) => value.mountUuids)]);
}

/** One that holds no mount with keys of this install: such a mount has no entries in a snapshot while it is empty. */
function goodnessWithoutKeys(
  snapshot: Snapshot,
  live: LiveVault,
  sameVault: ReadonlySet<string>,
): readonly [Truth, string] {
  if (snapshot.mountUuids.some((uuid) => sameVault.has(uuid))) {
    return goodnessOfOwn(
      snapshot,
      live,
      'it holds mounts of this Vault, and nothing of the one that keeps the keys of this install, which was empty or not there',
    );
  }
  // Of a Vault that was made anew on the same servers, the older snapshots name them, too.
  if (snapshot.raftServers !== undefined && comparedServers(snapshot, live.value) === 'shared') {
    return [
      'unknown',
      'it names servers of the raft cluster of this Vault, and holds none of the mounts that it shows: it is from before they were made, or of a Vault that ran on these servers before',
    ];
  }
  if (isOfUntold(snapshot)) return ['unknown', `it holds none of the mounts of this Vault; ${ofUntold(snapshot)}`];
  if (snapshot.mountUuids.length === 0 && snapshot.storage === 'file') {
    return [
      'fails',
      'it holds no entry of any secrets engine (logical/), so none of the keys of this install: it is a part of a copy, or of another Vault',
    ];
  }
  // Mounts that were made anew have other ids, and what was copied before may be all that there is of their keys.
  const isAllKnown =
    sameVault.size > (live.value.mounts ?? []).length || comparedServers(snapshot, live.value) !== 'untold';
  if (snapshot.storage === 'file' && !isAllKnown) {
    return [
      'unknown',
      'it holds none of the mounts that keep the keys of this install, and nothing else is known by which to tell whether it is of another Vault, or of this one from before these mounts were made; keep it until that is known',
    ];
  }
  return [
    'fails',
    'it is a snapshot of another Vault: it holds none of the mounts that keep the keys of this install, and nothing else that is known to be of this Vault',
  ];
}

/** Whether it may be of another provider, which keeps its own in the same location and did not tell its mounts. */
export function isOfUntold({ mayBeOf = [] }: Snapshot): boolean {
  return mayBeOf.length > 0;
}

function ofUntold({ mayBeOf = [] }: Snapshot): string {
  const [others, keep, their, them] =
    mayBeOf.length === 1 ? [mayBeOf[0], 'keeps', 'its', 'it'] : [mayBeOf.join(', '), 'keep', 'their', 'them'];
  return `it may be of ${others}, which ${keep} ${their} snapshots in the same location and did not tell ${their} mounts: let the audit ask ${them}, or give each Vault a location of its own`;
}

/** @param mounts what shows it to be of this Vault, as a clause */
function goodnessOfOwn(snapshot: Snapshot, live: LiveVault, mounts: string): readonly [Truth, string] {
  if (snapshot.storage === 'file') return goodnessOfFiles(snapshot, mounts);
  const servers = comparedServers(snapshot, live.value);
  const branched = branchedOff(snapshot, live, servers);
  if (branched !== null) {
    return ['unknown', `${mounts}, and ${branched}`];
  }
  // A clone of a cluster has its mounts, and its servers are all that tells it apart.
  if (servers === 'untold' && snapshot.raftServerIds.length > 0 && live.value.storageType === 'raft') {
    return ['unknown', `${mounts}, and ${SERVERS_UNTOLD}`];
  }
  return servers === 'shared'
    ? ['holds', `it is whole, its checksums match, ${mounts} and it names servers of its raft cluster`]
    : ['holds', `it is whole, its checksums match and ${mounts}, which a clone of it would, too`];
}

/** Files are copied one after the other: while Vault writes, each may be of another moment. */
function goodnessOfFiles({ copiedWhileStopped, lackingTerm }: Snapshot, mounts: string): readonly [Truth, string] {
  const copy = `it is a copy of files, whole as far as it shows without checksums, and ${mounts}`;
  if (lackingTerm !== undefined) {
    return [
      'unknown',
      `${copy}; its files are of several moments: core/keyring is older than entries from before the barrier key of term ${lackingTerm}, with which others are encrypted, and may not open these`,
    ];
  }
  if (copiedWhileStopped === true) return ['holds', `${copy}; that Vault was stopped while it was made is stated`];
  return [
    'unknown',
    `${copy}; whether Vault was stopped while it was made is not stated, and a copy of a running one may open nothing`,
  ];
}

/** Whether raft servers of a snapshot are servers of the live cluster; *untold* where one of the two names none. */
type ComparedServers = 'shared' | 'other-addresses' | 'foreign' | 'untold';

/**
 * Servers come and go one after the other, so one in common suffices. It has both its id and its address in common: a clone
 * is often configured with the same ids, or with the same names on another network, and a raft keeps a server's address
 * until it is removed, or all of them are set anew (`peers.json`).
 */
function comparedServers(snapshot: Snapshot, live: LiveVault['value']): ComparedServers {
  const servers = live.raftServers ?? [];
  const ids = snapshot.raftServerIds;
  if (servers.length === 0 || ids.length === 0) return 'untold';
  const known = servers.filter(({ id }) => ids.includes(id));
  if (known.length === 0) return 'foreign';
  const named = snapshot.raftServers;
  const isShared =
    named === undefined ||
    known.some((server) => named.some(({ id, address }) => id === server.id && address === server.address));
  return isShared ? 'shared' : 'other-addresses';
}

const SERVERS_UNTOLD =
  'a clone of it would, too: the live Vault does not tell the servers of its raft cluster to compare with (sys/storage/raft/configuration)';
const OF_CLONE = 'may be of a clone of it, not of itself';
/** A cluster that was made anew, and restored from an older snapshot, goes on from there. */
const OF_OTHER_HISTORY =
  'is of another history than the live one: of a clone, or from before this Vault was rolled back';

/** What shows that a snapshot is of a history that the live Vault does not have, as a clause; null where nothing does. */
function branchedOff(snapshot: Snapshot, live: LiveVault, servers: ComparedServers): string | null {
  if (servers === 'foreign') return `${OF_CLONE}: none of its raft servers is one of the live cluster`;
  if (servers === 'other-addresses') {
    return `${OF_CLONE}: its raft servers have other addresses than those of the live cluster`;
  }
  const { raftIndex, takenAt, indexBehind } = snapshot;
  const { raftAppliedIndex, raftTerm } = live.value;
  // One that was taken since the live Vault was asked may be ahead of what it told.
  const wasThere =
    takenAt !== null && toMillis(takenAt) <= toMillis(live.collectedAt) - CLOCK_TOLERANCE_MINUTES * MINUTE;
  if (raftAppliedIndex !== null && raftIndex !== null && wasThere && raftIndex > raftAppliedIndex) {
    return `${OF_OTHER_HISTORY}: its raft index ${raftIndex} is ahead of the live cluster, which has applied ${raftAppliedIndex}`;
  }
  // A raft that was made anew counts its terms from the beginning, also where a snapshot of an older one was restored into it.
  if (raftTerm !== undefined && snapshot.raftTerm !== undefined && wasThere && snapshot.raftTerm > raftTerm) {
    return `${OF_OTHER_HISTORY}: its raft term ${snapshot.raftTerm} is ahead of the live cluster, which is in term ${raftTerm}; take a new snapshot`;
  }
  // An older snapshot that is ahead of the live cluster is the odd one itself.
  if (indexBehind === undefined || (raftAppliedIndex !== null && indexBehind.raftIndex > raftAppliedIndex)) return null;
  const { path, location } = indexBehind;
  return `${OF_CLONE}: its raft index ${raftIndex ?? 'unknown'} is behind ${indexBehind.raftIndex} of the older ${path} in ${location}, and a raft never goes back`;
}
