import { matchCopies, type PhysicalLocation } from './backups/physical/cluster-copies.ts';
import { isOtherPurpose } from './backups/physical/read-other-copies.ts';
import { installNames, readPhysicalLocations } from './backups/physical/read-physical.ts';
import type { VerificationBudget } from './backups/verification/verification-budget.ts';
import { type VerificationMemory, verifiedNow } from './backups/verification/verification-memory.ts';
import type { Collection, Estate } from './estate.ts';

/** Copies of whole clusters, some of them read in full. */
export interface ClusterReadings {
  readonly physical: Estate['physical'];
  readonly read: number;
  readonly readBytes: number;
  /** Copies of the locations that the budget left for a later run. */
  readonly left: number;
}

/**
 * Reads the copies of whole clusters in full, location by location, as copies of one repository lean on each other: those
 * read longest ago first, while the budget lasts. What the structure of all of them tells is known before.
 */
export async function readClusterCopies(
  collection: Collection,
  { locations, known, physical, databaseServers, servers }: Estate,
  memory: VerificationMemory,
  budget: VerificationBudget,
): Promise<ClusterReadings> {
  const names = installNames(databaseServers, servers);
  const contents = new Map(physical.map(({ location }) => [location, location]));
  const turns = locations
    .filter((location) => location.tree !== null)
    .map((location) => ({ location, of: physical.filter((one) => one.location.name === location.config.name) }))
    .filter(({ of }) => of.length > 0)
    .map(({ location, of }) => {
      const place = { location: { name: location.config.name, tree: { locator: location.tree?.locator ?? '' } } };
      return { location, of, place, lastReadAt: memory.turnOf(place, CLUSTERS) ?? '' };
    })
    .sort((a, b) => a.lastReadAt.localeCompare(b.lastReadAt));
  let read = 0;
  let readBytes = 0;
  let left = 0;
  for (const { location, of, place } of turns) {
    const bytes = of.reduce((sum, one) => sum + bytesOf(one.location), 0);
    const copies = of.reduce((sum, one) => sum + one.location.contents.copies.length, 0);
    if (!budget.take(bytes)) {
      left += copies;
      continue;
    }
    const whole = await readPhysicalLocations(collection, [location], names, 'full');
    for (const { location: before } of of) {
      const after = whole.find(({ purpose }) => purpose === before.purpose);
      if (after !== undefined) contents.set(before, after);
    }
    memory.noteTurn(place, CLUSTERS, verifiedNow());
    read += copies;
    readBytes += bytes;
  }
  const current = physical.map(({ location }) => contents.get(location) ?? location);
  return { physical: matchCopies(current, known), read, readBytes, left };
}

/** Stands for a database where the turn of a location of copies of clusters is noted; no subject has such a key. */
const CLUSTERS = 'clusters';

function bytesOf({ purpose, contents }: PhysicalLocation): number {
  return isOtherPurpose(purpose) ? 0 : contents.copies.reduce((sum, { bytes }) => sum + bytes, 0);
}
