import type { BackupInfo } from '../../formats/barman/backup-info.ts';
import type { BackupFiles, ServerFiles } from './barman-listing.ts';
import type { BarmanVerdict } from './barman-verdict.ts';
import type { PhysicalCopy } from './physical-copy.ts';

/** What {@link barmanCopy} puts together. `info` is null where `backup.info` is damaged. */
export interface BarmanBackup {
  readonly server: ServerFiles;
  readonly files: BackupFiles;
  readonly info: BackupInfo | null;
  /** What the catalogue says of the whole server, for a backup that does not tell. */
  readonly identifierOfServer: string | null;
  readonly verdict: BarmanVerdict & { readonly readToEnd: boolean };
  /** Ids of the backups it is based on, nearest first. */
  readonly ancestors: readonly string[];
  readonly declaredServer: string | null;
}

/** How copies of one catalogue are called: with the server's name in front where it holds several servers. */
export function barmanLabel(server: string, id: string): string {
  return server === '' ? id : `${server}/${id}`;
}

export function barmanPath(server: string, id: string): string {
  return server === '' ? `base/${id}` : `${server}/base/${id}`;
}

/** Translates one backup of the catalogue. Its times are those that Barman wrote with their distance from UTC. */
export function barmanCopy(backup: BarmanBackup): PhysicalCopy {
  const { server, files, info, verdict, ancestors, declaredServer } = backup;
  const isSnapshot = info?.mode?.startsWith('snapshot') === true;
  return {
    label: barmanLabel(server.name, files.id),
    path: barmanPath(server.name, files.id),
    method: 'barman',
    format: formatOf(info, files),
    kind: isSnapshot ? 'snapshot' : ancestors.length > 0 ? 'incremental' : 'full',
    needs: ancestors.map((id) => barmanLabel(server.name, id)),
    cluster: {
      systemIdentifier: info === null ? backup.identifierOfServer : info.systemIdentifier,
      endpoints: [],
      declaredServer,
    },
    timeline: info?.timeline ?? null,
    databases: databasesOf(files),
    startedAt: info?.beginTime ?? null,
    stoppedAt: info?.endTime ?? null,
    timesFrom: info?.timesWithoutZone === true ? 'backup.info, where a time has no zone' : 'backup.info',
    wal: walOf(info, files),
    serverVersion: versionText(info?.version ?? null),
    toolVersion: null,
    bytes: files.bytes + ((files.info ?? files.metaInfo)?.bytes ?? 0),
    modifiedAt: files.newest,
    ...verdict,
    encrypted: isEncrypted(info, files),
    lockedUntil: null,
    domain: null,
  };
}

function formatOf(info: BackupInfo | null, files: BackupFiles): string {
  const words = [files.archives.size > 0 ? 'tar' : 'plain'];
  if (info?.mode != null) words.push(info.mode);
  if (info?.compression != null) words.push(info.compression);
  if (isEncrypted(info, files)) words.push('encrypted');
  const { size = null, deduplicatedSize = null } = info ?? {};
  if (size !== null && deduplicatedSize !== null && deduplicatedSize < size) {
    words.push(`${size - deduplicatedSize} bytes shared with other backups by hard links`);
  }
  return words.join(', ');
}

function isEncrypted(info: BackupInfo | null, files: BackupFiles): boolean {
  return (info !== null && info.encryption !== null) || [...files.archives].some((name) => name.endsWith('.gpg'));
}

/** Directories `base/OID` and `TABLESPACE/PG_…/OID`; archives hide them. */
function databasesOf(files: BackupFiles): PhysicalCopy['databases'] {
  if (files.archives.size > 0 || files.databaseOids.size === 0) return null;
  return [...files.databaseOids].sort((a, b) => a - b).map((oid) => ({ oid, name: null }));
}

function walOf(info: BackupInfo | null, files: BackupFiles): PhysicalCopy['wal'] {
  if (info === null || (info.beginWal === null && info.beginLsn === null)) return null;
  const { beginLsn, endLsn, beginWal, endWal } = info;
  // Barman takes base backups without WAL; what lies in pg_wal got there otherwise, and counts only if it is all.
  const inside = beginWal !== null && beginWal === endWal && files.insideSegments.has(beginWal);
  return { startLsn: beginLsn, stopLsn: endLsn, firstSegment: beginWal, lastSegment: endWal, inside };
}

/** `server_version_num` as people write it (PostgreSQL documentation, "Preset Options"): 150020 is 15.20, 90624 is 9.6.24. */
export function versionText(number: number | null): string | null {
  if (number === null || number < 70_000) return null;
  const major = Math.floor(number / 10_000);
  if (major >= 10) return `${major}.${number % 10_000}`;
  return `${major}.${Math.floor(number / 100) % 100}.${number % 100}`;
}
