import type { Collection, FileCopies, OpenLocation } from '../estate.ts';
import { readDatedCopies } from './dated-copies.ts';

/** Lists every location that holds dated file copies. */
export async function readFileCopies(
  collection: Collection,
  locations: readonly OpenLocation[],
): Promise<readonly FileCopies[]> {
  return Promise.all(
    locations
      .filter((location) => location.config.purposes.includes('files'))
      .map(async (location): Promise<FileCopies> => {
        const settings = {
          timeFormat: location.config.files?.timeFormat ?? 'YYYY-MM-DDTHH-mm-ssZ',
          completionMarker: location.config.files?.completionMarker ?? null,
          sourceRoot: location.config.files?.sourceRoot ?? '/',
          timeZone: location.config.timeZone ?? null,
        };
        if (location.tree === null) return { location, settings, copies: null, blindSpot: location.blindSpot };
        try {
          return {
            location,
            settings,
            copies: await readDatedCopies(location.tree, settings, collection.signal),
            blindSpot: null,
          };
        } catch (error) {
          collection.signal.throwIfAborted();
          const blindSpot = collection.asker.blindSpotOf(error, `location ${location.config.name}`);
          return { location, settings, copies: null, blindSpot };
        }
      }),
  );
}
