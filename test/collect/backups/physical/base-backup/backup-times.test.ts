import { expect, it } from 'vitest';
import { emptyReading } from '../../../../../src/collect/backups/physical/base-backup/backup-reading.ts';
import { timesOf } from '../../../../../src/collect/backups/physical/base-backup/backup-times.ts';
import { parseBackupLabel } from '../../../../../src/collect/formats/base-backup/backup-label.ts';

const label = (zone: string, from = 'primary') =>
  parseBackupLabel(
    `START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nBACKUP FROM: ${from}\nSTART TIME: 2026-11-22 10:00:00 ${zone}\n`,
  );
const manifest = (newest: string, control: string) => ({
  version: 1 as const,
  systemIdentifier: null,
  walRanges: [],
  fileCount: 1,
  newestModifiedAt: newest,
  controlModifiedAt: control,
  algorithm: 'CRC32C' as const,
  filesWithoutChecksum: 0,
});
const control = { systemIdentifier: '1', version: 1300, timeline: 1 };
const TEN = '2026-11-22T10:00:00.000Z';
const LATER = '2026-11-22T10:05:00.000Z';
const WEEKS_LATER = '2026-12-22T10:05:00.000Z';

it('the end of a backup is what the history file states, else what its files bound', () => {
  const reading = {
    ...emptyReading(),
    label: label('UTC'),
    manifest: manifest(LATER, TEN),
    control: { ...control, updatedAt: TEN, checkpointAt: TEN },
  };
  expect(timesOf(reading, '2026-11-22 10:07:00 UTC')).toMatchObject({
    startedAt: TEN,
    stoppedAt: '2026-11-22T10:07:00.000Z',
  });
  expect(timesOf(reading, null)).toMatchObject({ startedAt: TEN, stoppedAt: LATER });
});

it('an abbreviation that stands for several zones gives no time', () => {
  expect(timesOf({ ...emptyReading(), label: label('CST') }, '2026-11-22 10:07:00 CST')).toMatchObject({
    startedAt: null,
    stoppedAt: null,
  });
  expect(timesOf({ ...emptyReading(), label: label('+02') }, null).startedAt).toBe('2026-11-22T08:00:00.000Z');
});

it('a manifest written later by pg_combinebackup does not make the data younger', () => {
  const reading = {
    ...emptyReading(),
    label: label('UTC'),
    manifest: manifest(WEEKS_LATER, WEEKS_LATER),
    control: { ...control, updatedAt: LATER, checkpointAt: TEN },
  };
  expect(timesOf(reading, null)).toMatchObject({ stoppedAt: LATER, timesFrom: 'time in pg_control' });
});

it('a standby may lag behind: its last checkpoint counts, not its clock', () => {
  const reading = {
    ...emptyReading(),
    label: label('UTC', 'standby'),
    manifest: manifest(WEEKS_LATER, WEEKS_LATER),
    control: { ...control, updatedAt: WEEKS_LATER, checkpointAt: TEN },
  };
  expect(timesOf(reading, null)).toMatchObject({ startedAt: null, stoppedAt: TEN });
  expect(timesOf({ ...reading, control: null }, null)).toMatchObject({ startedAt: null, stoppedAt: null });
});
