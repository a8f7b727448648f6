import { systemClock } from '../../ask.ts';
import type { Collection } from '../../estate.ts';
import type { MatchedCopies } from '../physical/cluster-copies.ts';
import type { ArchiveReading } from '../physical/physical-copy.ts';
import { type VerificationAges, verificationAges } from './ages.ts';
import { clusterGroups, isDamage, linksOf, selectedCopy } from './cluster-copy-groups.ts';
import type { ClusterCopyState, ClusterPlace } from './cluster-copy-state.ts';
import { nextReading } from './next-reading.ts';
import type { ReadingPlan, Wish } from './reading-queue.ts';
import { turnOfCopy } from './remembered-store.ts';
import { type VerificationMemory, verifiedNow } from './verification-memory.ts';

type Access = Pick<Collection, 'policy'> & { readonly config: Pick<Collection['config'], 'collect'> };

/** Purposes whose repositories their own programs read through at depth `full`. */
const READ_AS_WHOLE: ReadonlySet<string> = new Set(['restic', 'borg']);

/**
 * Copies of clusters: at depth `mixed` the newest of each cluster in each location, with all that it builds on; at
 * `full` all of them, the archives of WAL, and the repositories that only their own program reads.
 */
export async function clusterCopyPlan(
  { policy, config }: Access,
  state: ClusterCopyState,
  memory: VerificationMemory,
): Promise<ReadingPlan> {
  const { depth, verification } = config.collect;
  const ages = verificationAges(policy, null, verification.everyDays, systemClock());
  const plans = state.places.map((place) =>
    depth === 'full' ? allIn(place, state, memory) : newestIn(place, state, memory, ages),
  );
  return { wishes: plans.flatMap(({ wishes }) => wishes), bytes: plans.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function newestIn(
  place: ClusterPlace,
  state: ClusterCopyState,
  memory: VerificationMemory,
  ages: VerificationAges,
): ReadingPlan {
  const current = (): MatchedCopies['copies'] =>
    state.matched().find(({ location }) => location === place.location)?.copies ?? [];
  const groupsNow = () => clusterGroups(current(), place, toServers(state), ages);

  const nextOf = (group: string, groups = groupsNow()): Wish | null => {
    const newestFirst = groups.get(group) ?? [];
    const { next } = nextReading(newestFirst.map((copy) => selectedCopy(copy, place, group, ages)));
    const copy = next === null ? undefined : newestFirst[next.index];
    if (next === null || copy === undefined) return null;
    const { label } = copy.settled;
    const links = linksOf(copy).filter((link) => needsReading(link, place, ages));
    // Without any there is nothing that reading would change.
    if (links.length === 0) return null;
    const turn = `cluster ${place.location.purpose} ${group}`;
    return {
      key: place.keyOf(label),
      bytes: bytesOf(links, place),
      isDecided: next.isDecided,
      lastReadAt: memory.turnOf(place.at, turn),
      read: async () => {
        let taken = 0;
        // Another wish may have read what both build on.
        for (const link of links) if (needsReading(link, place, ages)) taken += await state.read(place, link);
        return taken;
      },
      noteTurn: () => memory.noteTurn(place.at, turn, verifiedNow()),
      next: async () => (links.some((link) => place.failed.has(link)) ? null : nextOf(group)),
    };
  };

  const groups = groupsNow();
  const wishes = [...groups.keys()].map((group) => nextOf(group, groups)).filter((wish) => wish !== null);
  const newest = [...groups.values()].flatMap(([copy]) => (copy === undefined ? [] : linksOf(copy)));
  return { wishes, bytes: bytesOf([...new Set(newest)], place) };
}

function allIn(place: ClusterPlace, state: ClusterCopyState, memory: VerificationMemory): ReadingPlan {
  const { contents, purpose } = place.location;
  const wishFor = (key: string, turn: string, bytes: number, lastReadAt: string | null, read: Wish['read']): Wish => ({
    key,
    bytes,
    isDecided: false,
    lastReadAt: lastReadAt ?? memory.turnOf(place.at, turn),
    read,
    noteTurn: () => memory.noteTurn(place.at, turn, verifiedNow()),
    next: async () => null,
  });
  const copies = [...(contents.fullReadings ?? [])].map(([label, { bytes }]) => {
    const turn = turnOfCopy(`cluster-copy ${purpose}`, label);
    const readAt = place.read.get(label)?.verifiedAt ?? null;
    return wishFor(place.keyOf(label), turn, bytes, readAt, () => state.read(place, label));
  });
  const archives = [...(contents.archiveReadings ?? [])].map(([path, { bytes }]: readonly [string, ArchiveReading]) =>
    wishFor(place.keyOf(`archive ${path}`), `archive ${path}`, bytes, null, () => state.readArchive(place, path)),
  );
  const whole =
    READ_AS_WHOLE.has(purpose) && place.open?.tree != null
      ? [wishFor(place.keyOf(purpose), `repository ${purpose}`, 0, null, () => state.readAsWhole(place))]
      : [];
  const wishes = [...copies, ...archives, ...whole];
  return { wishes, bytes: wishes.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function needsReading(label: string, { read, failed, location }: ClusterPlace, { now, renewal }: VerificationAges) {
  if (failed.has(label) || location.contents.fullReadings?.has(label) !== true) return false;
  const known = read.get(label);
  if (known === undefined) return true;
  if (known.isNew) return false;
  return isDamage(known) || Date.parse(now) - Date.parse(known.verifiedAt) >= renewal;
}

function bytesOf(labels: readonly string[], { location }: ClusterPlace): number {
  return labels.reduce((sum, label) => sum + (location.contents.fullReadings?.get(label)?.bytes ?? 0), 0);
}

function toServers({ known }: ClusterCopyState): readonly string[] {
  return [...known.values()].map(({ server }) => server.name);
}
