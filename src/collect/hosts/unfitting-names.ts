import type { LocationConfig } from '../../config/location-schema.ts';
import type { BlindSpot } from '../../model/evidence.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';
import type { DatedCopySettings } from './dated-copies.ts';

/** How the dated file copies of a location are laid out. */
export function datedCopySettings({ files, timeZone }: LocationConfig): DatedCopySettings {
  return {
    timeFormat: files?.timeFormat ?? 'YYYY-MM-DDTHH-mm-ssZ',
    completionMarker: files?.completionMarker ?? null,
    sourceRoot: files?.sourceRoot ?? '/',
    timeZone: timeZone ?? null,
  };
}

/**
 * Why nothing can be said of the file copies of a location in which something lies and no name fits the configured format:
 * it may hold good copies under other names. Null where nothing lies there that could be one.
 *
 * @param others files that belong to no dated copy, where there is no dated copy at all
 */
export function unfittingNames(
  { name, purposes }: Pick<LocationConfig, 'name' | 'purposes'>,
  { timeFormat }: DatedCopySettings,
  others: readonly Pick<ArtifactFile, 'path'>[],
): BlindSpot | null {
  // A file at the top of a location with several purposes is no directory of a copy, but something else's.
  const seen = others.find(({ path }) => path.includes('/')) ?? (purposes.length === 1 ? others[0] : undefined);
  if (seen === undefined) return null;
  const example = seen.path.split('/', 1)[0] ?? seen.path;
  return {
    reason: 'malformed',
    detail: `nothing in location ${name} is named by files.timeFormat ${timeFormat}; ${example} lies there`,
    remedy:
      'Set files.timeFormat to how the copies are named. For a mirror without dates in its names set files.layout: mirror, with a completion marker; for dated tar archives files.layout: archives.',
  };
}
