import { z } from 'zod';
import type { Instant } from '../../../model/instant.ts';
import { SourceError } from '../../../model/source-error.ts';
import { DEFAULT_SEGMENT_BYTES, isSegmentName } from '../wal-segments.ts';
import { zonedTime } from '../zoned-time.ts';
import { type PythonLiteral, parsePythonLiteral } from './python-literal.ts';

/** One backup as its `backup.info` describes it. Null: the file says None, or was written by a release without the field. */
export interface BackupInfo {
  /** EMPTY, STARTED, WAITING_FOR_WALS, DONE, SYNCING, FAILED (barman/infofile.py, class BackupInfo), or a newer word. */
  readonly status: string;
  /** `postgres`, `rsync…`, `snapshot…`. */
  readonly mode: string | null;
  readonly serverName: string | null;
  /** Decimal text: it exceeds 2^53. */
  readonly systemIdentifier: string | null;
  readonly timeline: number | null;
  /** `server_version_num`, e.g. 150020. */
  readonly version: number | null;
  readonly beginTime: Instant | null;
  readonly endTime: Instant | null;
  /** True where a time is written without its distance from UTC and is left out for that. */
  readonly timesWithoutZone: boolean;
  readonly beginWal: string | null;
  readonly endWal: string | null;
  readonly beginLsn: string | null;
  readonly endLsn: string | null;
  /** Bytes of all files of the backup when it was finished, and of those not shared with another one by hard links. */
  readonly size: number | null;
  readonly deduplicatedSize: number | null;
  readonly segmentBytes: number;
  readonly compression: string | null;
  readonly encryption: string | null;
  readonly tablespaceOids: readonly number[];
  /** The backup that this incremental one is based on (Barman 3.11 and later). */
  readonly parentId: string | null;
}

/** A name of `YYYYMMDDTHHMMSS` in the local time of the machine. */
export const BACKUP_ID = /^\d{8}T\d{6}$/;

const optional = <T extends z.ZodType<unknown, string>>(schema: T) =>
  z
    .union([z.literal('None').transform(() => null), schema])
    .optional()
    .transform((value) => value ?? null);
const word = z.string().min(1).max(4096);
const integer = z.string().regex(/^\d{1,15}$/);
const count = optional(integer.transform(Number));
const segment = optional(z.string().refine(isSegmentName));
const lsn = optional(z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/));
const isSegmentSize = (bytes: number) => bytes >= 2 ** 20 && bytes <= 2 ** 30 && Number.isInteger(Math.log2(bytes));

/** Release 1 wrote `status`; `timeline` and `version` come after it in the alphabet in every release. */
const fields = z.object({
  status: z.string().regex(/^[A-Z_]{1,40}$/),
  timeline: z.union([z.literal('None'), integer]).transform((text) => (text === 'None' ? null : Number(text))),
  version: z.union([z.literal('None'), integer]).transform((text) => (text === 'None' ? null : Number(text))),
  mode: optional(word),
  server_name: optional(word),
  systemid: optional(z.string().regex(/^\d{1,20}$/)),
  begin_time: optional(word),
  end_time: optional(word),
  begin_wal: segment,
  end_wal: segment,
  begin_xlog: lsn,
  end_xlog: lsn,
  size: count,
  deduplicated_size: count,
  xlog_segment_size: optional(integer.transform(Number).refine(isSegmentSize)),
  compression: optional(word),
  encryption: optional(word),
  tablespaces: optional(z.string()),
  parent_backup_id: optional(z.string().regex(BACKUP_ID)),
});

/** Enough for any `backup.info`: its longest fields list included configuration files and tablespaces. */
export const LARGEST_BACKUP_INFO = 16 * 1024 * 1024;

/**
 * Reads a `backup.info`: one `name=value` a line, `None` for null, Python literals for what is more than text
 * (barman/infofile.py, class FieldListFile). Lines are sorted by name and the last one ends in a line feed, so a file
 * that was cut off lacks its last fields.
 *
 * @throws SourceError when it is damaged or cut off; the message has no value of it
 */
export function parseBackupInfo(bytes: Uint8Array): BackupInfo {
  const parsed = fields.safeParse(Object.fromEntries(lines(bytes)));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0] ?? 'a field');
    throw malformed(`${name} is missing or is none that Barman writes`);
  }
  const found = parsed.data;
  const times = [found.begin_time, found.end_time].map((text) => (text === null ? null : time(text)));
  return {
    status: found.status,
    mode: found.mode,
    serverName: found.server_name,
    systemIdentifier: found.systemid,
    timeline: found.timeline,
    version: found.version,
    beginTime: times[0] ?? null,
    endTime: times[1] ?? null,
    timesWithoutZone:
      (found.begin_time !== null && times[0] === null) || (found.end_time !== null && times[1] === null),
    beginWal: found.begin_wal,
    endWal: found.end_wal,
    beginLsn: found.begin_xlog,
    endLsn: found.end_xlog,
    size: found.size,
    deduplicatedSize: found.deduplicated_size,
    segmentBytes: found.xlog_segment_size ?? DEFAULT_SEGMENT_BYTES,
    compression: found.compression,
    encryption: found.encryption,
    tablespaceOids: found.tablespaces === null ? [] : tablespaceOids(found.tablespaces),
    parentId: found.parent_backup_id,
  };
}

function lines(bytes: Uint8Array): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const text = decoded(bytes);
  if (!text.endsWith('\n')) throw malformed('it does not end in a line feed: it is empty or was cut off');
  for (const [index, line] of text.slice(0, -1).split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    if (equals < 1) throw malformed(`line ${index + 1} is no name=value`);
    found.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  return found;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw malformed('it is no UTF-8 text', error);
  }
}

function time(text: string): Instant | null {
  try {
    return zonedTime(text);
  } catch (error) {
    throw malformed('begin_time or end_time is no time', error);
  }
}

/** `[('name', 16387, '/location'), …]` */
function tablespaceOids(text: string): readonly number[] {
  let literal: PythonLiteral;
  try {
    literal = parsePythonLiteral(text);
  } catch (error) {
    throw malformed('tablespaces is no Python literal', error);
  }
  const parsed = tablespaceList.safeParse(literal);
  if (!parsed.success) throw malformed('tablespaces is no list of (name, oid, location)');
  return parsed.data.items.map(({ items }) => Number(items[1].number));
}

const tablespaceList = z.object({
  items: z.array(z.object({ items: z.tuple([z.string(), z.object({ number: integer }), z.string()]) })),
});

function malformed(what: string, cause?: unknown): SourceError {
  return new SourceError('malformed', `backup.info is damaged: ${what}`, REMEDY, cause === undefined ? {} : { cause });
}

const REMEDY = 'Look at the backup with "barman show-backup"; if Barman cannot read it either, take a new one.';
