import type { Collection, Estate, OpenLocation } from '../../estate.ts';
import { type MatchedCopies, matchCopies, type PhysicalLocation } from '../physical/cluster-copies.ts';
import type { FullReading, PhysicalContents } from '../physical/physical-copy.ts';
import { installNames, readPhysicalLocations } from '../physical/read-physical.ts';
import { LEFT } from '../survey-copies.ts';
import type { CopyIdentity } from './copy-identity.ts';
import { type ClusterVerification, type VerificationMemory, verifiedNow } from './verification-memory.ts';

type Access = Pick<Collection, 'asker' | 'signal' | 'secret'>;

/** What reading copies of clusters takes of the estate. */
export type ClusterCopies = Pick<Estate, 'physical' | 'known' | 'locations' | 'databaseServers' | 'servers'>;

/** One place that holds copies of whole clusters, and what was read of them in full. */
export interface ClusterPlace {
  /** As it is known by now. */
  location: PhysicalLocation;
  /** Where its turns are noted. */
  readonly at: Pick<CopyIdentity, 'location'>;
  readonly open: OpenLocation | undefined;
  readonly read: Map<string, ClusterVerification>;
  /** Labels of copies, and paths of archives, that could not be read in this run, or were changed meanwhile. */
  readonly failed: Set<string>;
  /** What a wish for a copy is known by. */
  keyOf(label: string): string;
}

/** The copies of clusters of all places. */
export interface ClusterCopyState {
  readonly places: readonly ClusterPlace[];
  /** Takes in what earlier runs read. */
  recall(): Promise<void>;
  matched(): readonly MatchedCopies[];
  readonly known: Estate['known'];
  /** Reads one copy by itself and remembers it. @returns the bytes it took. @throws only when interrupted */
  read(place: ClusterPlace, label: string): Promise<number>;
  /** Reads an archive of WAL. @returns likewise. @throws likewise */
  readArchive(place: ClusterPlace, path: string): Promise<number>;
  /** Reads all of a repository that is read by its own program. @throws likewise */
  readAsWhole(place: ClusterPlace): Promise<number>;
}

export function createClusterCopyState(
  collection: Access,
  {
    physical,
    known,
    locations,
    databaseServers,
    servers,
  }: Pick<Estate, 'physical' | 'known' | 'locations' | 'databaseServers' | 'servers'>,
  memory: VerificationMemory,
  isLeft: (key: string) => boolean,
): ClusterCopyState {
  const { asker, signal } = collection;
  const places = physical.map(({ location }): ClusterPlace => {
    const at = { location: { name: location.name, tree: { locator: location.locator } } };
    const open = locations.find(({ config }) => config.name === location.name);
    const keyOf = (label: string): string => `${location.name}\0${location.purpose}\0${label}`;
    return { location, at, open, read: new Map(), failed: new Set(), keyOf };
  });
  const stateOf = ({ location, at }: ClusterPlace, label: string, { identity }: Pick<FullReading, 'identity'>) => ({
    ...at,
    purpose: location.purpose,
    label,
    identity,
  });
  const change = (place: ClusterPlace, changed: Partial<PhysicalContents>): void => {
    place.location = { ...place.location, contents: { ...place.location.contents, ...changed } };
  };
  /** What could not be read leaves the answer incomplete. */
  const reading = async (place: ClusterPlace, label: string, read: () => Promise<number>): Promise<number> => {
    try {
      return await read();
    } catch (error) {
      signal.throwIfAborted();
      place.failed.add(label);
      const { blindSpot } = place.location.contents;
      change(place, { blindSpot: blindSpot ?? asker.blindSpotOf(error, `location ${place.location.name}`) });
      return 0;
    }
  };

  return {
    places,
    known,
    async recall() {
      for (const place of places) {
        for (const [label, full] of place.location.contents.fullReadings ?? []) {
          const found = await memory.clusterCopyOf(stateOf(place, label, full));
          if (found !== null) place.read.set(label, found);
        }
      }
    },
    matched: () => {
      const byLocation = new Map(places.map((place) => [place.location, place]));
      const current = places.map(({ location }) => location);
      const readIn = (location: PhysicalLocation) => byLocation.get(location)?.read ?? new Map();
      const failedIn = (location: PhysicalLocation) => byLocation.get(location)?.failed ?? new Set<string>();
      return matchCopies(current, known, readIn, failedIn).map((one) => {
        const place = byLocation.get(one.location);
        return place === undefined ? one : withBudget(one, place, isLeft);
      });
    },
    read: (place, label) =>
      reading(place, label, async () => {
        const full = place.location.contents.fullReadings?.get(label);
        if (full === undefined) return 0;
        const { copy, walDamage, identity } = await full.read();
        const verification = { copy, walDamage, verifiedAt: verifiedNow() };
        // What was read is another copy than the one that was listed: the next audit looks at it.
        if (identity === full.identity) {
          place.read.set(label, { ...verification, isNew: true });
          await memory.addClusterCopy(stateOf(place, label, full), verification);
        } else place.failed.add(label);
        return full.bytes;
      }),
    readArchive: (place, path) =>
      reading(place, path, async () => {
        const { archives, unmatched, archiveReadings } = place.location.contents;
        const full = archiveReadings?.get(path);
        if (full === undefined) return 0;
        const found = await full.read();
        const others = archives.filter((archive) => archive.path !== path);
        // Most of what the reading comes across was listed before.
        const known = new Set(unmatched.map((one) => `${one.path}\0${one.what}`));
        const more = found.unmatched.filter((one) => !known.has(`${one.path}\0${one.what}`));
        change(place, { archives: [...others, ...found.archives], unmatched: [...unmatched, ...more] });
        return full.bytes;
      }),
    readAsWhole: async (place) => {
      const { open, location } = place;
      if (open === undefined) return 0;
      const only = { ...open, config: { ...open.config, purposes: [location.purpose] } } as OpenLocation;
      const [found] = await readPhysicalLocations(collection, [only], installNames(databaseServers, servers), 'full');
      if (found !== undefined) place.location = found;
      return 0;
    },
  };
}

/** What the budget left is told of the copy itself. */
function withBudget(one: MatchedCopies, place: ClusterPlace, isLeft: (key: string) => boolean): MatchedCopies {
  const copies = one.copies.map((copy) => {
    const { settled, vouching } = copy;
    if (settled.kind === 'continuous') return copy;
    if (settled.integrity === 'incomplete' || !isLeft(place.keyOf(settled.label))) return copy;
    if (vouching === null) {
      return { ...copy, settled: { ...settled, integrityBecause: `${settled.integrityBecause}; ${LEFT}` } };
    }
    // Where the reading that still vouches for it turns out too old, this is why there is no newer one.
    const byStructure = { ...vouching.byStructure, because: `${vouching.byStructure.because}; ${LEFT}` };
    return { ...copy, vouching: { ...vouching, byStructure } };
  });
  return { ...one, copies };
}
