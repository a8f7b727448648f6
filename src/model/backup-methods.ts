/** A tool whose copies are read. */
export interface BackupTool {
  /** How plans write it. */
  readonly named: RegExp;
  /** Purpose of the locations that hold its copies. */
  readonly purpose: string;
  /** Methods that its copies bear. */
  readonly leaves: readonly string[];
}

/** Tools that copy whole clusters, or keep files of others. */
const TOOLS: readonly BackupTool[] = [
  { named: /pg_?base_?backup/i, purpose: 'base-backups', leaves: ['pg_basebackup'] },
  { named: /pg_?backrest/i, purpose: 'pgbackrest', leaves: ['pgbackrest'] },
  { named: /barman/i, purpose: 'barman', leaves: ['barman'] },
  { named: /wal-?_?g\b/i, purpose: 'wal-g', leaves: ['wal-g'] },
  { named: /restic/i, purpose: 'restic', leaves: ['restic'] },
  { named: /\bborg/i, purpose: 'borg', leaves: ['borg'] },
  {
    named: /\bzfs\b|\blvm\b|\bbtrfs\b|file.?system.?snapshot/i,
    purpose: 'filesystem-snapshots',
    leaves: ['filesystem-snapshot'],
  },
  {
    named: /\brds\b|aurora|aws.?backup|\bebs\b|managed/i,
    purpose: 'managed-backups',
    leaves: ['rds-snapshot', 'rds-automated-backup', 'aws-backup', 'ebs-snapshot'],
  },
];

/** The tools that the method of a plan names; none for dumps, and for words that nobody knows. */
export function toolsNamed(method: string): readonly BackupTool[] {
  return TOOLS.filter(({ named }) => named.test(method));
}

/** Whether a plan's method is pg_dump or pg_dumpall, however it is written. */
export function isDumpMethod(method: string): boolean {
  return /pg_?dump(all)?\b/i.test(method);
}
