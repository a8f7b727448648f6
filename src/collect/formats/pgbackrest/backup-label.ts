/**
 * Labels of backups: `YYYYMMDD-HHMMSSF` for a full one, and the full one's label, `_`, a second such time and `D` or `I`
 * for a differential or incremental one (pgBackRest user guide, "Backup Concepts"). The times are local to the host
 * that made it, without a zone, so they date nothing.
 */
const LABEL = /^(\d{8}-\d{6}F)(?:_\d{8}-\d{6}([DI]))?$/;

export interface BackupLabel {
  readonly kind: 'full' | 'differential' | 'incremental';
  /** The label of the full backup it builds on; its own for a full one. */
  readonly full: string;
}

/** What a label says; null when it is none. */
export function parseBackupLabel(label: string): BackupLabel | null {
  const match = LABEL.exec(label);
  if (match === null) return null;
  const [, full = '', letter] = match;
  if (letter === undefined) return { kind: 'full', full };
  return { kind: letter === 'D' ? 'differential' : 'incremental', full };
}
