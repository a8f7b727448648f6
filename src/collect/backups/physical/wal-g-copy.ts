import { parseBackupName } from '../../formats/wal-g/backup-name.ts';
import type { Sentinel } from '../../formats/wal-g/sentinel.ts';
import { DEFAULT_SEGMENT_BYTES, segmentOfLsn, timelineOf } from '../../formats/wal-segments.ts';
import { versionText } from './barman-copy.ts';
import type { PhysicalCopy } from './physical-copy.ts';
import type { WalGBackupFiles } from './wal-g-listing.ts';
import type { WalGVerdict } from './wal-g-verdict.ts';

/** What {@link walGCopy} puts together. Null: not there, or damaged. */
export interface WalGBackup {
  readonly prefix: string;
  readonly files: WalGBackupFiles;
  readonly sentinel: Sentinel | null;
  readonly metadata: Sentinel | null;
  readonly verdict: WalGVerdict;
  /** Names of the backups it is based on, nearest first. */
  readonly ancestors: readonly string[];
  readonly databases: PhysicalCopy['databases'];
  readonly encrypted: boolean | null;
  readonly declaredServer: string | null;
}

/** How copies of one repository are called: with the prefix in front where it is not the root. */
export function walGLabel(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}/${name}`;
}

/**
 * Translates one backup. WAL-G writes its times in UTC; the end is that of the upload, moments after the server ended
 * the backup. `metadata.json` fills in what the sentinels of earlier releases do not say, and alone knows whether the
 * backup was marked permanent later.
 */
export function walGCopy(backup: WalGBackup): PhysicalCopy {
  const { prefix, files, sentinel, metadata, ancestors } = backup;
  const startedAt = sentinel?.startTime ?? metadata?.startTime ?? null;
  const stoppedAt = sentinel?.finishTime ?? metadata?.finishTime ?? null;
  const name = parseBackupName(files.name);
  const nameTimeline = name === null ? null : timelineOf(name.firstSegment);
  const isDelta = ancestors.length > 0 || (name !== null && name.baseSegment !== null);
  return {
    label: walGLabel(prefix, files.name),
    path: walGLabel(prefix, `basebackups_005/${files.name}`),
    method: 'wal-g',
    format: formatOf(backup),
    kind: isDelta ? 'incremental' : 'full',
    needs: ancestors.map((ancestor) => walGLabel(prefix, ancestor)),
    cluster: {
      systemIdentifier: sentinel?.systemIdentifier ?? metadata?.systemIdentifier ?? null,
      endpoints: [],
      declaredServer: backup.declaredServer,
    },
    timeline: sentinel?.timeline ?? nameTimeline,
    databases: backup.databases,
    startedAt,
    stoppedAt,
    timesFrom: sentinel?.finishTime != null ? 'the sentinel' : 'metadata.json',
    wal: walOf(backup),
    serverVersion: versionText(sentinel?.postgresVersion ?? metadata?.postgresVersion ?? null),
    toolVersion: null,
    bytes: files.bytes,
    modifiedAt: files.newest,
    ...backup.verdict,
    readToEnd: false,
    encrypted: backup.encrypted,
    lockedUntil: null,
    domain: null,
  };
}

/** Sizes that `initdb --wal-segsize` allows, the usual one first: the one by which the start lies in the segment of the name. */
export function segmentBytesOf(name: string, startLsn: string | null): number | null {
  const first = parseBackupName(name)?.firstSegment;
  if (first === undefined || startLsn === null) return null;
  const sizes = [DEFAULT_SEGMENT_BYTES, ...Array.from({ length: 11 }, (_, power) => 2 ** (20 + power))];
  return sizes.find((bytes) => segmentOfLsn(startLsn, timelineOf(first), bytes) === first) ?? null;
}

function walOf({ files, sentinel }: WalGBackup): PhysicalCopy['wal'] {
  const name = parseBackupName(files.name);
  if (name === null || sentinel === null) return null;
  const { startLsn, finishLsn } = sentinel;
  const bytes = segmentBytesOf(files.name, startLsn);
  const timeline = timelineOf(name.firstSegment);
  const lastSegment = finishLsn === null || bytes === null ? null : segmentOfLsn(finishLsn, timeline, bytes, 'stop');
  return { startLsn, stopLsn: finishLsn, firstSegment: name.firstSegment, lastSegment, inside: false };
}

function formatOf({ files, sentinel, metadata, encrypted }: WalGBackup): string {
  const words = ['tar'];
  const compression = files.controlPart?.path.split('.').at(-1) ?? '';
  if (compression !== '' && compression !== 'tar') words.push(compression);
  if (encrypted === true) words.push('encrypted');
  if (metadata?.isPermanent ?? sentinel?.isPermanent ?? false) words.push('permanent');
  return words.join(', ');
}
