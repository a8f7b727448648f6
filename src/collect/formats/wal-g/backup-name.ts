/**
 * Names of WAL-G's backups (wal-g, internal/databases/postgres/backup.go, `patternPgBackupName`): `base_`, the first
 * WAL segment, `_D_` and the first segment of the backup that a delta is based on; WAL-E adds an offset of 8 digits.
 */
const NAME = /^base_([0-9A-F]{24})(?:_D_([0-9A-F]{24}))?(?:_[0-9A-F]{8})?$/;

/** What the name of a backup tells. */
export interface BackupName {
  readonly firstSegment: string;
  /** First segment of the backup that it is based on; null for a full one. */
  readonly baseSegment: string | null;
}

/** Null for every other name. */
export function parseBackupName(name: string): BackupName | null {
  const [, firstSegment, baseSegment = null] = NAME.exec(name) ?? [];
  return firstSegment === undefined ? null : { firstSegment, baseSegment };
}
