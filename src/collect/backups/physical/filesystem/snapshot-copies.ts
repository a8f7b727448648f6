import type { Instant } from '../../../../model/instant.ts';
import type { PhysicalCopy } from '../physical-copy.ts';
import type { UnmatchedList } from '../unmatched-list.ts';
import type { ListedSnapshot, SnapshotSettings } from './snapshot-listing.ts';

type Verdict = readonly [PhysicalCopy['integrity'], string];

/**
 * The snapshots of the configured sources as copies of the server's cluster. Of several sources those of one name are
 * one copy, if they were made in one transaction: PostgreSQL 15 manual, "File System Level Backup", asks for all file
 * systems at the same instant. Snapshots of other sources are other data.
 *
 * @param listedAt when the listing was written
 */
export function snapshotCopies(
  snapshots: readonly ListedSnapshot[],
  settings: SnapshotSettings,
  listedAt: Instant,
  unmatched: UnmatchedList,
): readonly PhysicalCopy[] {
  const own = snapshots.filter((snapshot) => sourceOf(snapshot, settings) !== null);
  for (const snapshot of snapshots) {
    if (snapshot.source !== null || sourceOf(snapshot, settings) !== null) continue;
    const found = { path: snapshot.name, bytes: snapshot.bytes, modifiedAt: listedAt };
    unmatched.add(found, 'snapshot whose source the listing does not tell', '');
  }
  const groups = settings.sources.length === 1 ? own.map((one) => [one]) : [...Map.groupBy(own, groupOf).values()];
  return groups.flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : [copyOf(first, members, settings, listedAt)];
  });
}

function groupOf({ group }: ListedSnapshot): string {
  return group;
}

/** The configured source that a snapshot is of; null for another. Of Btrfs a path prefix may stand for the UUID. */
function sourceOf({ source, name }: ListedSnapshot, { sources, format }: SnapshotSettings): string | null {
  const prefix = (one: string) => format === 'btrfs' && (name === one || name.startsWith(`${one.replace(/\/$/, '')}/`));
  return sources.find((one) => one === source || prefix(one)) ?? null;
}

function copyOf(
  first: ListedSnapshot,
  members: readonly ListedSnapshot[],
  settings: SnapshotSettings,
  listedAt: Instant,
): PhysicalCopy {
  const label = members.length > 1 ? `@${first.group}` : first.name;
  const [integrity, integrityBecause] = verdictOf(members, settings);
  const times = members.flatMap(({ createdAt }) => (createdAt === null ? [] : [createdAt]));
  const earliest = times.map((time) => time.earliest).sort()[0] ?? null;
  const latest =
    times
      .map((time) => time.latest)
      .sort()
      .at(-1) ?? null;
  const isExact = earliest !== null && earliest === latest;
  // What the listing tells was there when it was written, whatever its clock times can mean.
  const bounded = latest === null || latest > listedAt ? listedAt : latest;
  return {
    label,
    path: label,
    method: 'filesystem-snapshot',
    format: settings.format,
    kind: 'snapshot',
    needs: [],
    cluster: { systemIdentifier: null, endpoints: [], declaredServer: settings.server ?? null },
    timeline: null,
    databases: null,
    startedAt: earliest,
    stoppedAt: isExact ? earliest : null,
    timesFrom: `the listing of ${settings.format}`,
    wal: null,
    serverVersion: null,
    toolVersion: null,
    bytes: members.reduce((sum, { bytes }) => sum + bytes, 0),
    modifiedAt: isExact ? earliest : bounded,
    integrity,
    integrityBecause,
    readToEnd: false,
    // The listing does not tell of the disks below.
    encrypted: null,
    lockedUntil: null,
    domain: null,
  };
}

function verdictOf(members: readonly ListedSnapshot[], settings: SnapshotSettings): Verdict {
  const invalid = members.find((member) => member.invalid !== null);
  if (invalid?.invalid != null) return ['incomplete', invalid.invalid];
  const present = new Set(members.map((member) => sourceOf(member, settings)));
  const lacking = settings.sources.find((source) => !present.has(source));
  if (lacking !== undefined) return ['incomplete', `it lacks the snapshot of ${lacking}`];
  if (members.length > 1) {
    const transactions = new Set(members.map(({ transaction }) => transaction));
    const times = new Set(members.map(({ createdAt }) => createdAt?.earliest ?? null));
    const isOne = transactions.size === 1 && !transactions.has(null);
    if (!isOne && (times.size > 1 || transactions.size > 1)) {
      return ['incomplete', 'its parts were made one after another, and so are of no one moment'];
    }
    if (!isOne) return ['unproven', 'nothing tells that its parts were made in one transaction (createtxg)'];
  }
  if (!settings.holdsEverything) {
    return ['unproven', 'the configuration does not say that data directory, WAL and tablespaces are all in it'];
  }
  return [
    'complete',
    'the listing has it, and the configuration says that data directory, WAL and tablespaces are in it',
  ];
}
