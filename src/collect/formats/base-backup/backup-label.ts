import { FormatDamage } from '../format-damage.ts';

/** What the file `backup_label` of a base backup says, or the history file that archiving keeps of it (`….backup`). */
export interface BackupLabel {
  readonly startLsn: string;
  /** Name of the WAL segment that it begins in. */
  readonly startSegment: string;
  /** Null before PostgreSQL 11. */
  readonly startTimeline: number | null;
  /** `YYYY-MM-DD HH:MM:SS ZONE` in the server's `log_timezone`, as written. */
  readonly startTime: string | null;
  readonly label: string | null;
  readonly fromStandby: boolean;
  /** The start of the backup that this one is incremental to. */
  readonly incrementalFrom: { readonly lsn: string; readonly timeline: number } | null;
  /** In history files only. */
  readonly stopLsn: string | null;
  readonly stopTime: string | null;
}

/** Longer than any real one: label and paths are bounded by the server. */
export const LONGEST_LABEL = 64 * 1024;

const START = /^([0-9A-F]{1,8}\/[0-9A-F]{1,8}) \(file ([0-9A-F]{24})\)$/i;
const LSN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}/i;

/**
 * Lines of `KEY: value` (PostgreSQL source, `build_backup_content` in xlogbackup.c).
 * @throws FormatDamage when its first line is not there or a number in it is none
 */
export function parseBackupLabel(text: string): BackupLabel {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^([A-Z ]+): (.*)$/.exec(line.trimEnd()) ?? [];
    if (key !== undefined && value !== undefined && !values.has(key)) values.set(key, value);
  }
  const [, startLsn, startSegment] = START.exec(values.get('START WAL LOCATION') ?? '') ?? [];
  if (startLsn === undefined || startSegment === undefined) throw damaged();
  const from = values.get('INCREMENTAL FROM LSN');
  if (from !== undefined && LSN.exec(from)?.[0] !== from) throw damaged();
  return {
    startLsn,
    startSegment: startSegment.toUpperCase(),
    startTimeline: timeline(values.get('START TIMELINE')),
    startTime: values.get('START TIME') ?? null,
    label: values.get('LABEL') ?? null,
    fromStandby: values.get('BACKUP FROM') === 'standby',
    incrementalFrom:
      from === undefined ? null : { lsn: from, timeline: timeline(values.get('INCREMENTAL FROM TLI')) ?? 1 },
    stopLsn: LSN.exec(values.get('STOP WAL LOCATION') ?? '')?.[0] ?? null,
    stopTime: values.get('STOP TIME') ?? null,
  };
}

/** The name that archiving gives the history file of the backup (`BackupHistoryFileName` in xlog_internal.h). */
export function historyFileName({ startLsn, startSegment }: BackupLabel, segmentBytes: number): string {
  const offset = Number.parseInt(startLsn.slice(startLsn.indexOf('/') + 1), 16) % segmentBytes;
  return `${startSegment}.${offset.toString(16).toUpperCase().padStart(8, '0')}.backup`;
}

function timeline(text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value < 1 || value > 0xffff_ffff) throw damaged();
  return value;
}

function damaged(): FormatDamage {
  return new FormatDamage('its backup_label is damaged');
}
