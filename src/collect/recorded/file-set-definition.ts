import type { LocationConfig } from '../../config/location-schema.ts';
import { settingsDigest } from './settings-digest.ts';

/** Purposes that say what the copies of files in a location are. */
const OF_SETS = ['restic', 'borg', 'filesystem-snapshots', 'inventory'] as const;

/**
 * A digest of what decides which copies of files a location holds, and from where their paths are seen: what was read by
 * other settings tells nothing under these.
 */
export function fileSetDefinition(config: LocationConfig): string {
  const { purposes, files, timeZone, filesystemSnapshots, inventory } = config;
  return settingsDigest({
    path: config.kind === 'directory' ? config.path : null,
    purposes: OF_SETS.filter((one) => purposes.includes(one)),
    files,
    timeZone,
    filesystemSnapshots,
    inventory,
  });
}
