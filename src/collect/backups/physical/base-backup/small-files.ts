import { type BackupLabel, LONGEST_LABEL, parseBackupLabel } from '../../../formats/base-backup/backup-label.ts';
import { CONTROL_FILE_BYTES, parseControlFile } from '../../../formats/base-backup/control-file.ts';
import { FormatDamage } from '../../../formats/format-damage.ts';
import type { BackupReading, Findings } from './backup-reading.ts';

/** Files that are read at every depth, with the most that is read of them. */
export const SMALL_FILES: ReadonlyMap<string, number> = new Map([
  ['backup_label', LONGEST_LABEL],
  ['global/pg_control', CONTROL_FILE_BYTES + 1],
  ['PG_VERSION', 64],
]);

/** Takes in the content of one of {@link SMALL_FILES}; damage becomes a problem of the copy. */
export function noteSmallFile(path: string, content: Uint8Array, reading: BackupReading, findings: Findings): void {
  try {
    if (path === 'backup_label') reading.label = labelOf(content);
    else if (path === 'global/pg_control') reading.control = parseControlFile(content);
    else if (path === 'PG_VERSION') reading.version = versionOf(content);
  } catch (error) {
    if (!(error instanceof FormatDamage)) throw error;
    findings.problems.push(error.message);
  }
}

function labelOf(content: Uint8Array): BackupLabel {
  return parseBackupLabel(Buffer.from(content).toString('utf8'));
}

function versionOf(content: Uint8Array): string | null {
  return /^(\d{1,3}(?:\.\d{1,3})?)\n?$/.exec(Buffer.from(content).toString('latin1'))?.[1] ?? null;
}
