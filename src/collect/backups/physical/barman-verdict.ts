import { bytesText } from '../../../model/text.ts';
import type { BackupInfo } from '../../formats/barman/backup-info.ts';
import { firstMissingSegment } from './archived-segments.ts';
import type { BackupFiles } from './barman-listing.ts';
import type { PhysicalCopy } from './physical-copy.ts';

/** By Barman's own rules, from its catalogue and the names and sizes of files. */
export type BarmanVerdict = Pick<PhysicalCopy, 'integrity' | 'integrityBecause' | 'beingTaken'>;

/**
 * Barman sums up the backup's directory when the copy is done (barman/backup.py, backup_fsync_and_set_sizes), with a
 * `backup.info` in it that was not longer than the last one by more than the name of its state. Files that it adds
 * later, such as annotations, only make the sum larger.
 */
const ROOM_FOR_STATE = 256;

const UNFINISHED = new Map([
  ['FAILED', 'Barman records that the backup failed'],
  ['EMPTY', 'Barman records the backup as EMPTY: it has not begun to copy'],
  ['STARTED', 'Barman records the backup as STARTED: it is being taken, or was broken off'],
  ['SYNCING', 'Barman records the backup as SYNCING: it is being fetched from another Barman, or that was broken off'],
]);

/** @param archived tells whether a WAL segment is in the server's `wals/` */
export function judgeBarmanBackup(
  info: BackupInfo,
  files: BackupFiles,
  archived: (segment: string) => boolean,
): BarmanVerdict {
  const unfinished = UNFINISHED.get(info.status);
  if (unfinished !== undefined) {
    return info.status === 'FAILED' ? incomplete(unfinished) : { ...incomplete(unfinished), beingTaken: true };
  }
  if (info.status !== 'DONE' && info.status !== 'WAITING_FOR_WALS') {
    return unproven(`Barman records the backup as ${info.status}, a state that this program does not know`);
  }
  const damage = missingParts(info, files);
  if (damage !== null) return damage;
  if (info.status === 'DONE') return complete('Barman records it as DONE', info, files);
  return judgeWaiting(info, files, archived);
}

function missingParts(info: BackupInfo, files: BackupFiles): BarmanVerdict | null {
  if (info.mode?.startsWith('snapshot') === true) {
    return unproven('its files are snapshots of disks that lie with the provider, not here');
  }
  if (files.files === 0) return incomplete('its directory holds no file but backup.info');
  if (files.archives.size > 0) {
    if (![...files.archives].some((name) => /(^|\/)(base|data)(_\d{4})?\.tar/.test(name))) {
      return incomplete('the archive with its data directory, base.tar, is missing');
    }
    const lost = info.tablespaceOids.find((oid) => ![...files.archives].some((name) => tarOf(name) === String(oid)));
    if (lost !== undefined) return incomplete(`the archive of its tablespace ${lost} is missing`);
  } else if ((files.controlFile?.bytes ?? 0) === 0)
    return incomplete('global/pg_control is missing in its data directory');
  else if (!files.hasBackupLabel) return incomplete('backup_label is missing in its data directory');
  if (info.size === null) return unproven('its backup.info records no size that the files could be compared with');
  const least = info.size - (files.info?.bytes ?? 0) - ROOM_FOR_STATE;
  // Archives are encrypted after they were summed up, and get larger by that.
  if (files.bytes >= least) return null;
  return incomplete(`its files hold ${info.size - files.bytes} bytes less than Barman recorded when it was finished`);
}

function judgeWaiting(info: BackupInfo, files: BackupFiles, archived: (segment: string) => boolean): BarmanVerdict {
  const waiting = 'Barman records it as WAITING_FOR_WALS';
  if (info.beginWal === null || info.endWal === null) {
    return incomplete(`${waiting}, and does not record which WAL it needs`);
  }
  const isThere = (name: string) => archived(name) || files.insideSegments.has(name);
  let missing: string | null;
  try {
    missing = firstMissingSegment(info.beginWal, info.endWal, info.segmentBytes, isThere);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return incomplete('its backup.info is damaged: begin_wal and end_wal are no range');
  }
  if (missing !== null) {
    const because = `${waiting}: its files are there, and WAL segment ${missing} that makes them consistent is not`;
    return { ...incomplete(because), beingTaken: true };
  }
  return complete(`${waiting}, and all WAL it waits for is archived by now`, info, files);
}

function tarOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).split('.')[0] ?? '';
}

function complete(state: string, info: BackupInfo, files: BackupFiles): BarmanVerdict {
  const what = files.archives.size > 0 ? 'its archives are' : 'pg_control and backup_label are';
  const size = bytesText(info.size ?? 0);
  return {
    integrity: 'complete',
    integrityBecause: `${state}; ${what} there, and its files add up to the ${size} that it recorded; its catalogue has no checksum of what is in them`,
  };
}

function incomplete(integrityBecause: string): BarmanVerdict {
  return { integrity: 'incomplete', integrityBecause };
}

function unproven(integrityBecause: string): BarmanVerdict {
  return { integrity: 'unproven', integrityBecause };
}
