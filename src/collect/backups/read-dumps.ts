import type { Collection, Estate, OpenLocation } from '../estate.ts';
import { type DumpArtifact, type LocationContents, readLocation } from './artifact-index.ts';
import { closedArtifacts } from './closed-artifacts.ts';
import { unreadArtifacts } from './unread-artifacts.ts';

/** Reads the structure of every dump in the locations that hold some. */
export async function readDumps(
  collection: Collection,
  locations: readonly OpenLocation[],
  names: ReadonlySet<string>,
): Promise<readonly LocationContents[]> {
  return Promise.all(
    locations
      .filter((location) => location.config.purposes.includes('dumps'))
      .map(async ({ config, tree, blindSpot }): Promise<LocationContents> => {
        const place = { name: config.name, timeZone: config.timeZone ?? null, servers: config.servers ?? null };
        if (tree === null) {
          const location = { ...place, tree: UNOPENED };
          return {
            location,
            artifacts: [],
            globals: [],
            dumpsByPath: new Map(),
            insideClusters: new Map(),
            closed: closedArtifacts([]),
            unread: unreadArtifacts(location, [], names),
            unmatched: [],
            blindSpot,
            fileCount: 0,
          };
        }
        const describe = (error: unknown) => collection.asker.blindSpotOf(error, `location ${config.name}`);
        return readLocation({ ...place, tree }, names, describe, collection.signal);
      }),
  );
}

/** Stands for a location that could not be opened; nothing is ever asked of it. */
const UNOPENED: NonNullable<OpenLocation['tree']> = {
  locator: 'not opened',
  list: () => {
    throw new Error('the location was not opened');
  },
  open: () => Promise.reject(new Error('the location was not opened')),
  close: () => Promise.resolve(),
};

/** Dumps by the names inside and claimed. */
export function indexDumps(dumps: readonly LocationContents[]): Pick<Estate, 'dumpsByName'> {
  const dumpsByName = new Map<string, DumpArtifact[]>();
  const add = (index: Map<string, DumpArtifact[]>, key: string, artifact: DumpArtifact) => {
    const list = index.get(key);
    if (list === undefined) index.set(key, [artifact]);
    else list.push(artifact);
  };
  for (const artifact of dumps.flatMap((contents) => contents.artifacts)) {
    const names = new Set([artifact.reading.databaseName, artifact.claimedName].filter((name) => name !== null));
    for (const name of names) add(dumpsByName, name, artifact);
  }
  return { dumpsByName };
}
