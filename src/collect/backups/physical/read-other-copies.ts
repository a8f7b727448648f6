import type { BlindSpot } from '../../../model/evidence.ts';
import { SourceError } from '../../../model/source-error.ts';
import { systemClock } from '../../ask.ts';
import type { Collection, OpenLocation } from '../../estate.ts';
import type { ArtifactTree } from '../../trees/artifact-tree.ts';
import { readInventory } from '../inventory/read-inventory.ts';
import { readBorgRepository } from '../repositories/borg-repository.ts';
import { readResticRepository } from '../repositories/restic-repository.ts';
import { readFilesystemSnapshots } from './filesystem/filesystem-snapshots.ts';
import type { PhysicalContents, ReadingDepth } from './physical-copy.ts';

/** Purposes whose copies are told by something else than their own bytes: a program, a listing, or somebody's word. */
export const OTHER_PURPOSES = ['restic', 'borg', 'filesystem-snapshots', 'inventory'] as const;
export type OtherPurpose = (typeof OTHER_PURPOSES)[number];

export function isOtherPurpose(purpose: string): purpose is OtherPurpose {
  return OTHER_PURPOSES.some((other) => other === purpose);
}

export interface OtherPlace {
  readonly config: OpenLocation['config'];
  readonly tree: ArtifactTree;
  readonly depth: ReadingDepth;
  /** Names of the install's databases. */
  readonly databaseNames: ReadonlySet<string>;
  /** Configured names of the servers. */
  readonly serverNames: ReadonlySet<string>;
  readonly blindSpotOf: (error: unknown) => BlindSpot;
}

type Access = Pick<Collection, 'signal' | 'secret'>;

/** @throws SourceError for settings that do not fit the purpose */
export async function readOtherCopies(
  collection: Access,
  place: OtherPlace,
  purpose: OtherPurpose,
): Promise<PhysicalContents> {
  const { config, tree, databaseNames, blindSpotOf } = place;
  const { signal } = collection;
  const timeZone = config.timeZone ?? null;
  switch (purpose) {
    case 'restic':
    case 'borg': {
      if (config.kind !== 'directory') throw unfit(config.name, purpose);
      const [reference, program] =
        purpose === 'restic'
          ? [config.restic?.password, config.restic?.program]
          : [config.borg?.passphrase, config.borg?.program];
      const secret =
        reference === undefined ? null : await collection.secret(`location ${config.name}: ${purpose}`, reference);
      const [only, ...others] = config.servers ?? [];
      const reading = {
        depth: place.depth,
        root: tree.locator,
        secret,
        program: program ?? null,
        databaseNames,
        declaredServer: only !== undefined && others.length === 0 ? only : null,
        holdsFiles: config.purposes.includes('files'),
        signal,
        blindSpotOf,
      };
      return purpose === 'restic' ? readResticRepository(tree, reading) : readBorgRepository(tree, reading);
    }
    case 'filesystem-snapshots': {
      const settings = config.filesystemSnapshots;
      if (settings === undefined) throw unfit(config.name, purpose);
      return readFilesystemSnapshots(tree, { settings, timeZone, now: systemClock(), signal, blindSpotOf });
    }
    case 'inventory': {
      const settings = config.inventory;
      if (settings === undefined) throw unfit(config.name, purpose);
      const { serverNames: servers } = place;
      const now = systemClock();
      return readInventory(tree, { settings, timeZone, servers, now, databaseNames, signal, blindSpotOf });
    }
  }
}

function unfit(location: string, purpose: OtherPurpose): SourceError {
  const message = `location ${location} lacks the settings of purpose ${purpose}`;
  return new SourceError('unsupported', message, 'See the documentation of its settings.');
}
