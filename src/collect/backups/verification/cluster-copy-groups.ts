import { MINUTE, toMillis } from '../../../model/instant.ts';
import type { MatchedCopies } from '../physical/cluster-copies.ts';
import { isOld, isOldEnough, type VerificationAges } from './ages.ts';
import type { ClusterPlace } from './cluster-copy-state.ts';
import type { SelectedCopy } from './next-reading.ts';
import type { ClusterVerification } from './verification-memory.ts';

type MatchedCopy = MatchedCopies['copies'][number];

/** Copies that do not tell their cluster before they are read in full; no server has an empty name. */
export const UNTOLD = '';
const CLOCKS = 5 * MINUTE;

/**
 * The copies of one place that can be read in full, newest first, for each server that they may be of; those whose
 * structure does not tell their cluster by themselves. Copies of others than the install's servers are left out.
 */
export function clusterGroups(
  copies: readonly MatchedCopy[],
  { location }: Pick<ClusterPlace, 'location'>,
  servers: readonly string[],
  { now }: Pick<VerificationAges, 'now'>,
): ReadonlyMap<string, readonly MatchedCopy[]> {
  const { contents } = location;
  const untold = new Set(
    contents.copies
      .filter(({ cluster }) => cluster.systemIdentifier === null && cluster.endpoints.length === 0)
      .filter(({ cluster }) => cluster.declaredServer === null)
      .map(({ label }) => label),
  );
  const readable = copies
    .filter(({ settled }) => settled.kind !== 'continuous' && contents.fullReadings?.has(settled.label) === true)
    .filter(({ settled: { moment } }) => moment === null || toMillis(moment.notBefore) <= toMillis(now) + CLOCKS)
    .toSorted((a, b) => orderOf(b).localeCompare(orderOf(a)) || a.settled.label.localeCompare(b.settled.label));
  const groups = new Map<string, readonly MatchedCopy[]>();
  for (const server of servers) {
    const own = readable.filter((copy) => copy.servers.includes(server) && !untold.has(copy.settled.label));
    if (own.length > 0) groups.set(server, own);
  }
  const without = readable.filter(({ settled }) => untold.has(settled.label));
  if (without.length > 0) groups.set(UNTOLD, without);
  return groups;
}

/** The copy and all that it builds on, what is built on first. */
export function linksOf({ settled }: MatchedCopy): readonly string[] {
  return [...new Set([...settled.builtOn].reverse().concat(settled.label))];
}

/** Whether a reading found damage. */
export function isDamage({ copy, walDamage }: Pick<ClusterVerification, 'copy' | 'walDamage'>): boolean {
  return copy.integrity === 'incomplete' || walDamage !== null;
}

/** A copy as far as it is chosen by that. */
export function selectedCopy(
  copy: MatchedCopy,
  { read, location }: Pick<ClusterPlace, 'read' | 'location'>,
  group: string,
  ages: VerificationAges,
): SelectedCopy {
  const { settled, vouching } = copy;
  const links = linksOf(copy).map((label) => read.get(label));
  const readings = links.filter((link) => link !== undefined);
  // The WAL of what it builds on is not needed to restore it.
  const isDamaged =
    readings.some((one) => one.copy.integrity === 'incomplete') ||
    (read.get(settled.label)?.walDamage ?? null) !== null;
  const isRead = isDamaged || (readings.length > 0 && readings.length === links.length);
  const structure = vouching?.byStructure.integrity ?? structureIn(copy, location, isRead);
  const nameAgrees = group === UNTOLD ? null : true;
  const isStill = isRead && !readings.some((one) => isOld(one, ages));
  return {
    structure: { integrity: structure, holdsAll: true, nameAgrees },
    verified: isStill ? { integrity: settled.integrity, holdsAll: true, nameAgrees: true } : null,
    isDue: isStill && readings.some((one) => isOldEnough(one, ages, isDamage(one))),
    hasChecksum: false,
    isReadWithOthers: false,
  };
}

/** What the copy is without any reading, where none vouches for it. */
function structureIn(
  { settled }: MatchedCopy,
  { contents }: ClusterPlace['location'],
  isRead: boolean,
): SelectedCopy['structure']['integrity'] {
  if (!isRead) return settled.integrity;
  return contents.copies.find(({ label }) => label === settled.label)?.integrity ?? settled.integrity;
}

function orderOf({ settled: { moment, copy } }: MatchedCopy): string {
  return `${moment?.notBefore ?? copy.modifiedAt} ${copy.modifiedAt}`;
}
