import { bytesText } from '../../../model/text.ts';
import { parseBackupName } from '../../formats/wal-g/backup-name.ts';
import type { Sentinel } from '../../formats/wal-g/sentinel.ts';
import type { PhysicalCopy } from './physical-copy.ts';
import type { WalGBackupFiles } from './wal-g-listing.ts';

/** By WAL-G's own rules, from its sentinel and the names and sizes of objects. */
export type WalGVerdict = Pick<PhysicalCopy, 'integrity' | 'integrityBecause'>;

/**
 * WAL-G uploads the sentinel when everything else is uploaded (wal-g, backup_push_handler.go, createAndPushBackup) and
 * records in it how many bytes it sent as parts; it keeps no checksum of them. Numbers of parts may have gaps: a queue
 * that got nothing to pack leaves its number out.
 *
 * @param sentinel null where there is none; a text where it is damaged
 */
export function judgeWalGBackup(sentinel: Sentinel | string | null, files: WalGBackupFiles): WalGVerdict {
  if (sentinel === null) {
    return incomplete('it has no sentinel, which is uploaded last: it is being taken, was broken off, or lost it');
  }
  if (typeof sentinel === 'string') return incomplete(sentinel);
  if (sentinel.deltaFrom === null && parseBackupName(files.name)?.baseSegment != null) {
    return incomplete('its name says that it is a delta, and its sentinel does not name what it is based on');
  }
  if (files.parts === 0) return incomplete('its sentinel is there and none of its parts');
  if (files.emptyPart !== null) return incomplete('one of its parts has no byte in it');
  if (files.controlPart === null && needsControlPart(sentinel, files)) {
    return incomplete('pg_control.tar is missing among its parts: WAL-G refuses to restore it');
  }
  if (sentinel.version >= 2 && !sentinel.withoutFilesMetadata && files.filesMetadata === null) {
    return incomplete('files_metadata.json is missing: WAL-G refuses to restore it');
  }
  const recorded = sentinel.compressedSize ?? 0;
  if (recorded === 0) return unproven('its sentinel records no size that its parts could be compared with');
  const [has, should] = [bytesText(files.partBytes), bytesText(recorded)];
  if (files.partBytes < recorded) {
    const missing = bytesText(recorded - files.partBytes);
    return incomplete(`its parts have ${has} of the ${should} that were uploaded: ${missing} are missing`);
  }
  if (files.partBytes > recorded) {
    return unproven(
      `its parts have ${has} and its sentinel records ${should}: parts copied from an earlier backup are not counted in it`,
    );
  }
  return {
    integrity: 'complete',
    integrityBecause: `its sentinel, uploaded last, is there, and its parts have the ${should} that were uploaded, to the byte; whether they are the same bytes nothing tells, as WAL-G keeps no checksum`,
  };
}

/** Backups of WAL-E have no part of its own for it (wal-g, backup.go, IsPgControlRequired). */
function needsControlPart(sentinel: Sentinel, files: WalGBackupFiles): boolean {
  return sentinel.deltaFrom !== null || !/^base_[0-9A-F]{24}_[0-9A-F]{8}$/.test(files.name);
}

function incomplete(integrityBecause: string): WalGVerdict {
  return { integrity: 'incomplete', integrityBecause };
}

function unproven(integrityBecause: string): WalGVerdict {
  return { integrity: 'unproven', integrityBecause };
}
