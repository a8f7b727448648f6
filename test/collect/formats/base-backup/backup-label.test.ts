import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyFileName, parseBackupLabel } from '../../../../src/collect/formats/base-backup/backup-label.ts';
import { FormatDamage } from '../../../../src/collect/formats/format-damage.ts';

const LABEL = `START WAL LOCATION: 0/C000028 (file 00000001000000000000000C)
CHECKPOINT LOCATION: 0/C000060
BACKUP METHOD: streamed
BACKUP FROM: primary
START TIME: 2026-11-22 15:12:39 UTC
LABEL: nightly: of the shop
START TIMELINE: 1
`;

describe('backup_label', () => {
  it('tells where and when the backup began', () => {
    const label = parseBackupLabel(LABEL);
    expect(label).toEqual({
      startLsn: '0/C000028',
      startSegment: '00000001000000000000000C',
      startTimeline: 1,
      startTime: '2026-11-22 15:12:39 UTC',
      label: 'nightly: of the shop',
      fromStandby: false,
      incrementalFrom: null,
      stopLsn: null,
      stopTime: null,
    });
    expect(historyFileName(label, 16 * 1024 * 1024)).toBe('00000001000000000000000C.00000028.backup');
  });

  it('tells what it is an increment of, and the history file when it ended', () => {
    const text = `${LABEL}INCREMENTAL FROM LSN: 0/2000028\nINCREMENTAL FROM TLI: 3\n`;
    expect(parseBackupLabel(text).incrementalFrom).toEqual({ lsn: '0/2000028', timeline: 3 });
    const history = `${LABEL}STOP WAL LOCATION: 0/C000100 (file 00000001000000000000000C)\nSTOP TIME: 2026-11-22 15:13:00 UTC\n`;
    expect(parseBackupLabel(history)).toMatchObject({ stopLsn: '0/C000100', stopTime: '2026-11-22 15:13:00 UTC' });
  });

  it('of a standby says so', () => {
    expect(parseBackupLabel(LABEL.replace('primary', 'standby')).fromStandby).toBe(true);
  });

  it('is damaged without its first line, or with numbers that are none', () => {
    for (const text of [
      '',
      LABEL.slice(20),
      LABEL.replace('TIMELINE: 1', 'TIMELINE: 99999999999'),
      `${LABEL}INCREMENTAL FROM LSN: x\n`,
    ]) {
      expect(() => parseBackupLabel(text)).toThrow(FormatDamage);
    }
  });

  it('of any text is read or damaged', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...LABEL.split('\n'))), { maxLength: 9 }), (lines) => {
        try {
          parseBackupLabel(lines.join('\n'));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatDamage);
        }
      }),
    );
  });
});
