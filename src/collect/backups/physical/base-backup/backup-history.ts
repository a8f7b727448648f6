import { type BackupLabel, LONGEST_LABEL, parseBackupLabel } from '../../../formats/base-backup/backup-label.ts';
import { FormatDamage } from '../../../formats/format-damage.ts';
import type { ArtifactFile } from '../../../trees/artifact-tree.ts';
import { type BackupAccess, withFile } from './backup-reading.ts';
import { nameOf } from './paths.ts';

/** The history files that archiving keeps of base backups: the only place that states when one ended. */
export interface BackupHistory {
  /** The one of that name that is of the same backup, or null. */
  find(name: string, of: BackupLabel): BackupLabel | null;
}

const NAME = /^[0-9A-F]{24}\.[0-9A-F]{8}\.backup$/;

/**
 * Reads every backup history file of a listing. Damaged ones are left out: they are needed for nothing else.
 * @throws SourceError when one cannot be read
 */
export async function readBackupHistory(files: readonly ArtifactFile[], access: BackupAccess): Promise<BackupHistory> {
  const byName = new Map<string, BackupLabel[]>();
  for (const { path, bytes } of files) {
    const name = nameOf(path);
    if (!NAME.test(name) || bytes > LONGEST_LABEL) continue;
    const content = await withFile(access, path, (reader) => reader.read(0, LONGEST_LABEL));
    try {
      const label = parseBackupLabel(Buffer.from(content).toString('utf8'));
      byName.set(name, [...(byName.get(name) ?? []), label]);
    } catch (error) {
      if (!(error instanceof FormatDamage)) throw error;
    }
  }
  return {
    // Another cluster's may have the same name: start time and label make it the same backup.
    find: (name, of) =>
      byName.get(name)?.find((one) => one.startTime === of.startTime && one.label === of.label) ?? null,
  };
}
