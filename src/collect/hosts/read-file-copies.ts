import type { LocationConfig } from '../../config/schema.ts';
import type { BlindSpot } from '../../model/evidence.ts';
import type { Collection, FileCopies, OpenLocation } from '../estate.ts';
import { readDatedCopies } from './dated-copies.ts';
import { datedCopySettings, unfittingNames } from './unfitting-names.ts';

/** Whether copies of files are in the snapshots of a program, and not in dated directories. */
export function isRepositoryOfFiles({ purposes }: Pick<LocationConfig, 'purposes'>): boolean {
  return purposes.includes('files') && (purposes.includes('restic') || purposes.includes('borg'));
}

/** Listing every file of every snapshot takes hours: of those single ones are looked for. */
function notListed({ name }: Pick<LocationConfig, 'name'>): BlindSpot {
  return {
    reason: 'unsupported',
    detail: `location ${name}: whether a snapshot holds a whole directory of files is not looked into; files that were drawn are looked for in it (FILE-8)`,
    remedy: 'Keep dated copies of the directory as well, or attest restores from the snapshots.',
  };
}

/** Lists every location that holds dated file copies. */
export async function readFileCopies(
  collection: Pick<Collection, 'asker' | 'signal'>,
  locations: readonly OpenLocation[],
): Promise<readonly FileCopies[]> {
  return Promise.all(
    locations
      .filter((location) => location.config.purposes.includes('files'))
      .map(async (location): Promise<FileCopies> => {
        const settings = datedCopySettings(location.config);
        if (isRepositoryOfFiles(location.config)) {
          return { location, settings, copies: null, blindSpot: location.blindSpot ?? notListed(location.config) };
        }
        if (location.tree === null) return { location, settings, copies: null, blindSpot: location.blindSpot };
        try {
          const copies = await readDatedCopies(location.tree, settings, collection.signal);
          const blindSpot = copies.copies.length > 0 ? null : unfittingNames(location.config, settings, copies.strays);
          return { location, settings, copies, blindSpot };
        } catch (error) {
          collection.signal.throwIfAborted();
          const blindSpot = collection.asker.blindSpotOf(error, `location ${location.config.name}`);
          return { location, settings, copies: null, blindSpot };
        }
      }),
  );
}
