import type { BlindSpot } from '../../../model/evidence.ts';
import { systemClock } from '../../ask.ts';
import type { Collection, OpenLocation } from '../../estate.ts';
import { recordedIn } from '../../recorded/recorded-location.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { notingTree } from '../archived-objects.ts';
import { withArchived } from './archived-copies.ts';
import { type AwsBackupsSession, startAwsBackups } from './aws/read-aws-backups.ts';
import { readBarmanCatalog } from './barman-catalog.ts';
import { readBaseBackups } from './base-backups.ts';
import type { PhysicalLocation } from './cluster-copies.ts';
import { readPgBackRestLocation } from './pgbackrest-location.ts';
import type { PhysicalContents, ReadingDepth } from './physical-copy.ts';
import { isOtherPurpose, OTHER_PURPOSES, type OtherPurpose, readOtherCopies } from './read-other-copies.ts';
import { readWalGRepository } from './wal-g-repository.ts';

/** Purposes of locations that hold copies of whole clusters. */
export const PHYSICAL_PURPOSES = [
  'base-backups',
  'pgbackrest',
  'barman',
  'wal-g',
  'managed-backups',
  ...OTHER_PURPOSES,
] as const;
type PhysicalPurpose = Exclude<(typeof PHYSICAL_PURPOSES)[number], 'managed-backups'>;

type Access = Pick<Collection, 'asker' | 'signal' | 'secret'>;

/** Names that only the install knows, for what tells a database or server by its name. */
export interface InstallNames {
  readonly databases: ReadonlySet<string>;
  readonly servers: ReadonlySet<string>;
}
const NO_NAMES: InstallNames = { databases: new Set(), servers: new Set() };

/** The names of one install. */
export function installNames(
  databases: ReadonlyMap<string, unknown>,
  servers: readonly { readonly name: string }[],
): InstallNames {
  return { databases: new Set(databases.keys()), servers: new Set(servers.map(({ name }) => name)) };
}

/**
 * Reads every location that holds copies of whole clusters; one that cannot be read stays in the list with its reason.
 *
 * @param depth how far their copies are read, whatever the configuration says
 */
export async function readPhysicalLocations(
  collection: Access,
  locations: readonly OpenLocation[],
  names: InstallNames = NO_NAMES,
  depth: ReadingDepth = 'structure',
): Promise<readonly PhysicalLocation[]> {
  const accounts = new Map(locations.flatMap((location) => accountOf(collection, location)));
  const read = locations.flatMap((location) =>
    PHYSICAL_PURPOSES.filter((purpose) => location.config.purposes.includes(purpose)).map(async (purpose) => ({
      name: location.config.name,
      purpose,
      locator: location.tree?.locator ?? location.aws?.locator ?? location.config.name,
      servers: location.config.servers ?? null,
      contents:
        purpose === 'managed-backups'
          ? await managedContents(collection, location, accounts)
          : await contentsOf(collection, location, purpose, names, depth),
    })),
  );
  return Promise.all(read);
}

type Accounts = ReadonlyMap<OpenLocation, AwsBackupsSession>;

function accountOf(
  { asker, signal }: Access,
  location: OpenLocation,
): readonly (readonly [OpenLocation, AwsBackupsSession])[] {
  const { config, aws } = location;
  if (aws === undefined || config.kind !== 'aws') return [];
  const session = startAwsBackups(aws, {
    backupVaults: config.backupVaults ?? null,
    volumes: config.volumes,
    signal,
    blindSpotOf: (error) => asker.blindSpotOf(error, `location ${config.name}`),
    now: systemClock,
  });
  return [[location, session]];
}

/** Copies that were taken to another region are matched with the databases of the region they come from. */
async function managedContents(
  { asker, signal }: Access,
  location: OpenLocation,
  accounts: Accounts,
): Promise<PhysicalContents> {
  const session = accounts.get(location);
  if (session === undefined) return unread(location.blindSpot);
  try {
    const others = [...accounts.values()].filter((other) => other !== session);
    const elsewhere = await Promise.all(others.map((other) => other.databases()));
    return await session.contents(elsewhere.flat());
  } catch (error) {
    signal.throwIfAborted();
    return unread(asker.blindSpotOf(error, `location ${location.config.name}`));
  } finally {
    location.aws?.close();
  }
}

async function contentsOf(
  collection: Access,
  { config, tree, blindSpot }: OpenLocation,
  purpose: PhysicalPurpose,
  names: InstallNames,
  depth: ReadingDepth,
): Promise<PhysicalContents> {
  const blindSpotOf = (error: unknown): BlindSpot => collection.asker.blindSpotOf(error, `location ${config.name}`);
  if (tree === null) return unread(blindSpot);
  const recorded = recordedIn(tree);
  if (recorded !== null)
    return recorded.physical.get(purpose) ?? unread(recorded.failure ?? notRecorded(config.name, purpose));
  try {
    if (isOtherPurpose(purpose)) {
      const place = {
        config,
        tree,
        depth,
        databaseNames: names.databases,
        serverNames: names.servers,
        blindSpotOf,
      } as const;
      return await readOtherCopies(collection, place, purpose);
    }
    const noting = notingTree(tree);
    const place = { config, tree: noting.tree, depth, blindSpotOf };
    const contents = withArchived(await readAs(collection, place, purpose), noting.archived);
    return noting.linked.size === 0 ? contents : { ...contents, linked: noting.linked };
  } catch (error) {
    collection.signal.throwIfAborted();
    return unread(blindSpotOf(error));
  }
}

interface Place {
  readonly config: OpenLocation['config'];
  readonly tree: ArtifactTree;
  readonly depth: ReadingDepth;
  readonly blindSpotOf: (error: unknown) => BlindSpot;
}

async function readAs(
  collection: Access,
  { config, tree, depth, blindSpotOf }: Place,
  purpose: Exclude<PhysicalPurpose, OtherPurpose>,
): Promise<PhysicalContents> {
  const { signal } = collection;
  // What is inside tells whose these copies are; the configuration only narrows it down.
  const options = { depth, declaredServer: null, signal, blindSpotOf } as const;
  switch (purpose) {
    case 'base-backups': {
      const files: ArtifactFile[] = [];
      for await (const file of tree.list(signal)) files.push(file);
      return readBaseBackups(tree, files, options);
    }
    case 'pgbackrest': {
      const reference = config.pgbackrest?.passphrase;
      const passphrase =
        reference === undefined ? null : await collection.secret(`location ${config.name}: passphrase`, reference);
      return readPgBackRestLocation(tree, config.pgbackrest?.info ?? null, { ...options, passphrase });
    }
    case 'barman':
      return readBarmanCatalog(tree, options);
    case 'wal-g':
      return readWalGRepository(tree, options);
  }
}

function notRecorded(location: string, purpose: string): BlindSpot {
  return {
    reason: 'unsupported',
    detail: `location ${location}: ${purpose} was not read where the location was collected`,
    remedy: 'Write a new plan, which names what is needed for it, and collect by it: recoverage plan, collect --plan.',
  };
}

function unread(blindSpot: BlindSpot | null): PhysicalContents {
  return { copies: [], archives: [], plans: [], unmatched: [], blindSpot };
}
