import { z } from 'zod';
import type { Instant } from '../../../model/instant.ts';
import { SourceError } from '../../../model/source-error.ts';
import { jsonScanner } from '../json-scanner.ts';
import { zonedTime } from '../zoned-time.ts';

/**
 * What WAL-G writes about a finished backup, from its sentinel or its `metadata.json` (wal-g,
 * internal/databases/postgres/backup_sentinel_dto.go: BackupSentinelDto, BackupSentinelDtoV2, ExtendedMetadataDto).
 * Null: not told.
 */
export interface Sentinel {
  /** 1 for sentinels without a version of their own. */
  readonly version: number;
  /** Log sequence numbers as PostgreSQL writes them. */
  readonly startLsn: string | null;
  readonly finishLsn: string | null;
  readonly timeline: number | null;
  /** `server_version_num`. */
  readonly postgresVersion: number | null;
  /** Decimal text: it is an unsigned number of 64 bits. */
  readonly systemIdentifier: string | null;
  readonly compressedSize: number | null;
  readonly startTime: Instant | null;
  readonly finishTime: Instant | null;
  readonly isPermanent: boolean | null;
  /** Names of the backups that a delta is based on: the one before, and the full one. */
  readonly deltaFrom: string | null;
  readonly deltaFullName: string | null;
  /** True where the backup was taken without `files_metadata.json`. */
  readonly withoutFilesMetadata: boolean;
}

const MAX_64_BITS = 2n ** 64n - 1n;
const NULL = z.literal('null').transform(() => null);
const u64 = z.string().refine((text) => /^\d{1,20}$/.test(text) && BigInt(text) <= MAX_64_BITS);
const optional = <T extends z.ZodType<unknown, string>>(schema: T) =>
  z
    .union([NULL, schema])
    .optional()
    .transform((value) => value ?? null);
const integer = optional(
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
);
const lsn = optional(u64.transform((text) => lsnText(BigInt(text))));
const flag = optional(z.enum(['true', 'false']).transform((text) => text === 'true'));
const time = optional(
  z.string().transform((text, context) => {
    try {
      // Go's zero time stands for none.
      return text.startsWith('0001-01-01') ? null : zonedTime(text);
    } catch {
      context.addIssue('not a time');
      return z.NEVER;
    }
  }),
);
const name = optional(z.string().min(1).max(200));

const fields = z.object({
  Version: integer,
  LSN: lsn,
  FinishLSN: lsn,
  Timeline: integer,
  PgVersion: integer,
  SystemIdentifier: optional(u64),
  CompressedSize: integer,
  StartTime: time,
  FinishTime: time,
  IsPermanent: flag,
  DeltaFrom: name,
  DeltaFullName: name,
  FilesMetadataDisabled: flag,
});

/** `metadata.json` says the same in other words. */
const METADATA_NAMES = new Map([
  ['start_lsn', 'LSN'],
  ['finish_lsn', 'FinishLSN'],
  ['timeline', 'Timeline'],
  ['pg_version', 'PgVersion'],
  ['system_identifier', 'SystemIdentifier'],
  ['compressed_size', 'CompressedSize'],
  ['start_time', 'StartTime'],
  ['finish_time', 'FinishTime'],
  ['is_permanent', 'IsPermanent'],
]);

/**
 * Reads a sentinel or a `metadata.json` in bounded memory: sentinels of releases before 1.1 hold the list of all files.
 *
 * @throws SourceError when it is damaged; the message has no value of it
 */
export async function readSentinel(
  chunks: AsyncIterable<Uint8Array>,
  kind: 'sentinel' | 'metadata.json',
): Promise<Sentinel> {
  const found = new Map<string, string>();
  const scanner = jsonScanner(`the ${kind}`, {
    scalar: (path, _kind, text) => {
      const [member = ''] = path;
      found.set(kind === 'sentinel' ? member : (METADATA_NAMES.get(member) ?? ''), text);
    },
    enter: (path) => path.length === 0,
  });
  for await (const chunk of chunks) scanner.push(chunk);
  scanner.end();
  const parsed = fields.safeParse(Object.fromEntries(found));
  if (!parsed.success) {
    const member = String(parsed.error.issues[0]?.path[0] ?? 'a member');
    const remedy =
      'Look at the backup with "wal-g backup-list --detail"; if WAL-G cannot read it either, take a new one.';
    throw new SourceError('malformed', `the ${kind} is damaged: ${member} is none that WAL-G writes`, remedy);
  }
  const values = parsed.data;
  return {
    version: values.Version ?? 1,
    startLsn: values.LSN,
    finishLsn: values.FinishLSN,
    timeline: values.Timeline,
    postgresVersion: values.PgVersion,
    systemIdentifier: values.SystemIdentifier,
    compressedSize: values.CompressedSize,
    startTime: values.StartTime,
    finishTime: values.FinishTime,
    isPermanent: values.IsPermanent,
    deltaFrom: values.DeltaFrom,
    deltaFullName: values.DeltaFullName,
    withoutFilesMetadata: values.FilesMetadataDisabled ?? false,
  };
}

function lsnText(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffff_ffffn).toString(16)}`.toUpperCase();
}
