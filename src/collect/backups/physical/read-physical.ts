import type { BlindSpot } from '../../../model/evidence.ts';
import type { Collection, OpenLocation } from '../../estate.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { readBarmanCatalog } from './barman-catalog.ts';
import { readBaseBackups } from './base-backups.ts';
import type { PhysicalLocation } from './cluster-copies.ts';
import { readPgBackRestRepository } from './pgbackrest-repository.ts';
import type { PhysicalContents } from './physical-copy.ts';
import { readWalGRepository } from './wal-g-repository.ts';

/** Purposes of locations that hold copies of whole clusters. */
export const PHYSICAL_PURPOSES = ['base-backups', 'pgbackrest', 'barman', 'wal-g'] as const;
type PhysicalPurpose = (typeof PHYSICAL_PURPOSES)[number];

type Access = Pick<Collection, 'asker' | 'signal' | 'secret'>;

/** Reads every location that holds copies of whole clusters; one that cannot be read stays in the list with its reason. */
export async function readPhysicalLocations(
  collection: Access,
  locations: readonly OpenLocation[],
): Promise<readonly PhysicalLocation[]> {
  const read = locations.flatMap((location) =>
    PHYSICAL_PURPOSES.filter((purpose) => location.config.purposes.includes(purpose)).map(async (purpose) => ({
      name: location.config.name,
      purpose,
      locator: location.tree?.locator ?? location.config.name,
      servers: location.config.servers ?? null,
      contents: await contentsOf(collection, location, purpose),
    })),
  );
  return Promise.all(read);
}

async function contentsOf(
  collection: Access,
  { config, tree, blindSpot }: OpenLocation,
  purpose: PhysicalPurpose,
): Promise<PhysicalContents> {
  const blindSpotOf = (error: unknown): BlindSpot => collection.asker.blindSpotOf(error, `location ${config.name}`);
  if (tree === null) return unread(blindSpot);
  try {
    return await readAs(collection, { config, tree, blindSpotOf }, purpose);
  } catch (error) {
    collection.signal.throwIfAborted();
    return unread(blindSpotOf(error));
  }
}

interface Place {
  readonly config: OpenLocation['config'];
  readonly tree: ArtifactTree;
  readonly blindSpotOf: (error: unknown) => BlindSpot;
}

async function readAs(
  collection: Access,
  { config, tree, blindSpotOf }: Place,
  purpose: PhysicalPurpose,
): Promise<PhysicalContents> {
  const { signal } = collection;
  // What is inside tells whose these copies are; the configuration only narrows it down.
  const options = { depth: 'structure', declaredServer: null, signal, blindSpotOf } as const;
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
      return readPgBackRestRepository(tree, { ...options, passphrase });
    }
    case 'barman':
      return readBarmanCatalog(tree, options);
    case 'wal-g':
      return readWalGRepository(tree, options);
  }
}

function unread(blindSpot: BlindSpot | null): PhysicalContents {
  return { copies: [], archives: [], plans: [], unmatched: [], blindSpot };
}
