import { type Instant, SECOND, toMillis } from '../../../../model/instant.ts';
import { parseStartedOn } from '../../../formats/pg-dump/started-on.ts';
import type { PhysicalCopy } from '../physical-copy.ts';
import type { BackupReading } from './backup-reading.ts';

type Times = Pick<PhysicalCopy, 'startedAt' | 'stoppedAt' | 'timesFrom'>;

/**
 * Start and end of a backup, or the best lower bound of its end: each file was read after it was last written.
 *
 * pg_combinebackup writes a manifest with the times of its own run, months later perhaps, but leaves pg_control as it
 * was: where the two differ, pg_control is believed. A standby's clock says nothing of how old its data are; the last
 * checkpoint that it replayed bears the time of the primary.
 *
 * @param stopTime as a backup history file states it
 */
export function timesOf(reading: BackupReading, stopTime: string | null): Times {
  const { label, manifest, control, newestMember } = reading;
  const startedAt = instantOf(label?.startTime ?? null);
  if (label?.fromStandby === true) {
    const from = 'last checkpoint in pg_control, as a standby may lag behind';
    return { startedAt: null, stoppedAt: control?.checkpointAt ?? null, timesFrom: from };
  }
  const recorded = instantOf(stopTime);
  if (recorded !== null) return { startedAt, stoppedAt: recorded, timesFrom: 'backup history file in the WAL archive' };
  const newest = manifest?.newestModifiedAt ?? null;
  const updatedAt = control?.updatedAt ?? null;
  if (newest !== null && !isRewritten(manifest?.controlModifiedAt ?? null, updatedAt)) {
    return { startedAt, stoppedAt: newest, timesFrom: 'newest file of the manifest' };
  }
  if (updatedAt !== null) return { startedAt, stoppedAt: updatedAt, timesFrom: 'time in pg_control' };
  if (newestMember !== null) return { startedAt, stoppedAt: newestMember, timesFrom: 'newest file of the archive' };
  return { startedAt, stoppedAt: null, timesFrom: startedAt === null ? 'nothing in it tells' : 'backup_label' };
}

const SAME_TIME = 2 * SECOND;

function isRewritten(listed: Instant | null, inside: Instant | null): boolean {
  return listed !== null && inside !== null && Math.abs(toMillis(listed) - toMillis(inside)) > SAME_TIME;
}

/** Null where the zone is an abbreviation that stands for several. */
function instantOf(text: string | null): Instant | null {
  return text === null ? null : (parseStartedOn(text)?.at ?? null);
}
