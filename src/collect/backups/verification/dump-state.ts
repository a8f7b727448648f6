import type { Collection, Estate } from '../../estate.ts';
import type { DumpArtifact, LocationContents } from '../artifact-index.ts';
import type { ClosedArtifact } from '../closed-artifacts.ts';
import { openedClusterDumps } from '../cluster-dumps.ts';
import { indexDumps } from '../read-dumps.ts';
import { verifyArtifact } from './read-artifact.ts';
import type { Readings } from './readings.ts';
import type { VerificationMemory } from './verification-memory.ts';

/** What reading dumps takes of the estate. */
export type Dumps = Pick<Estate, 'dumps' | 'dumpsByName' | 'databaseServers'>;

/** The dumps of all locations, by what is known of them so far. */
export interface DumpState {
  /** Outputs of pg_dumpall that were read stand in it with each database inside; see {@link DumpState.refresh}. */
  current(): Dumps & { readonly readings: Readings };
  /** The contents of a location as they are known by now. */
  of(location: LocationContents['location']): LocationContents;
  /** Takes in what was read of outputs of pg_dumpall. */
  refresh(): Promise<void>;
  /** Reads one to its end and remembers it. @returns the bytes it took. @throws only when interrupted */
  read(artifact: DumpArtifact): Promise<number>;
  /** True for what reading a copy in this run threw. */
  isFailure(error: unknown): boolean;
  noteFailure(artifact: DumpArtifact | ClosedArtifact, error: unknown): void;
}

export function createDumpState(
  collection: Pick<Collection, 'asker' | 'signal'>,
  estate: Dumps,
  memory: VerificationMemory,
  isLeft: (artifact: DumpArtifact | ClosedArtifact) => boolean,
): DumpState {
  const failures = new Map<DumpArtifact | ClosedArtifact, unknown>();
  const readings: Readings = {
    async of(artifact) {
      if (failures.has(artifact)) throw failures.get(artifact);
      return memory.of(artifact);
    },
    async sumOf(file) {
      if (failures.has(file)) throw failures.get(file);
      return memory.sumOf(file);
    },
    isLeft,
  };
  let current: Dumps & { readonly readings: Readings } = { ...estate, readings };
  const { dumps: listed } = estate;
  const own: DumpState = {
    current: () => current,
    of: (location) => {
      const found = current.dumps.find((contents) => contents.location === location);
      if (found === undefined) throw new Error(`location ${location.name} was not listed`);
      return found;
    },
    async refresh() {
      const dumps = await Promise.all(
        listed.map((contents) => {
          const source = `location ${contents.location.name}`;
          return openedClusterDumps(contents, readings, (error) => collection.asker.blindSpotOf(error, source));
        }),
      );
      current = { ...current, dumps, ...indexDumps(dumps) };
    },
    async read(artifact) {
      try {
        const verification = await verifyArtifact(artifact, collection.signal);
        await memory.add(artifact, verification);
        return verification.reading?.bytesRead ?? artifact.bytes;
      } catch (error) {
        collection.signal.throwIfAborted();
        failures.set(artifact, error);
        return 0;
      }
    },
    isFailure: (error) => [...failures.values()].includes(error),
    noteFailure: (artifact, error) => failures.set(artifact, error),
  };
  return own;
}
