import type { Collection, FileCopies, OpenLocation } from '../estate.ts';
import { readDatedCopies } from './dated-copies.ts';
import { datedCopySettings, unfittingNames } from './unfitting-names.ts';

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
