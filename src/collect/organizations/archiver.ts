import { z } from 'zod';
import type { Facts } from '../../model/facts.ts';
import { SourceError } from '../../model/source-error.ts';
import { timelineOf } from '../../model/wal-segments.ts';
import { segmentOfLsn } from '../formats/wal-segments.ts';
import type { Answer } from '../postgres/read-each.ts';
import { catalogueStatement } from '../postgres/statement.ts';
import * as is from './column-values.ts';
import { onlyRow } from './server-facts.ts';

/** How a server archives its WAL, or why it did not tell. */
export type ArchiverReading = { readonly facts: Facts['archiver'] } | { readonly blind: SourceError };

/**
 * Everything here is open to a role without a grant (PostgreSQL documentation, "pg_stat_archiver", "Backup Control
 * Functions"). archive_command is never asked for: it may hold credentials. A standby writes no WAL of its own.
 */
export const ARCHIVER = catalogueStatement(
  'archiver',
  `SELECT pg_catalog.current_setting('archive_mode') AS mode,
          pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size')) AS segment_bytes,
          a.last_archived_wal,
          a.last_archived_time,
          a.last_failed_wal,
          a.last_failed_time,
          a.failed_count,
          a.stats_reset,
          CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_current_wal_lsn() END AS current_position,
          CASE WHEN NOT pg_catalog.pg_is_in_recovery()
               THEN pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) END AS current_file
   FROM pg_catalog.pg_stat_archiver AS a`,
);

/** pg_control_checkpoint() is open to every role unless a managed service withholds it; hence a statement of its own. */
export const CHECKPOINT = catalogueStatement(
  'latest checkpoint',
  'SELECT redo_wal_file, checkpoint_time FROM pg_catalog.pg_control_checkpoint()',
);

const segment = z.string().regex(/^[0-9A-F]{24}$/);

const archiverRow = z
  .object({
    mode: is.oneOf('off', 'on', 'always').schema,
    segment_bytes: is.count.schema.refine((bytes) => bytes > 0),
    last_archived_wal: z.string().max(64).nullable(),
    last_archived_time: is.instant.schema.nullable(),
    last_failed_wal: z.string().max(64).nullable(),
    last_failed_time: is.instant.schema.nullable(),
    failed_count: is.count.schema,
    stats_reset: is.instant.schema.nullable(),
    current_position: z
      .string()
      .regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/)
      .nullable(),
    current_file: segment.nullable(),
  })
  .transform((row): Facts['archiver'] => ({
    mode: row.mode,
    lastArchivedWal: row.last_archived_wal,
    lastArchivedAt: row.last_archived_time,
    lastFailedWal: row.last_failed_wal,
    lastFailedAt: row.last_failed_time,
    failedCount: row.failed_count,
    // At the very start of a segment, releases before 17 name the one before it (release notes of PostgreSQL 17).
    currentWal:
      row.current_position === null || row.current_file === null
        ? null
        : segmentOfLsn(row.current_position, timelineOf(row.current_file), row.segment_bytes),
    segmentBytes: row.segment_bytes,
    statisticsSince: row.stats_reset,
  }));

const checkpointRow = z.object({ redo_wal_file: segment, checkpoint_time: is.instant.schema });

/** What the two statements told. An answer that is not PostgreSQL's is a blind spot here and nowhere else. */
export function readArchiver(archiver: Answer, checkpoint: Answer): ArchiverReading {
  if (!archiver.ok) return { blind: archiver.error };
  try {
    const facts = onlyRow(archiver.rows, archiverRow, 'how it archives its WAL');
    if (!checkpoint.ok) return { facts };
    const row = onlyRow(checkpoint.rows, checkpointRow, 'its latest checkpoint');
    return { facts: { ...facts, checkpointWal: row.redo_wal_file, checkpointAt: row.checkpoint_time } };
  } catch (error) {
    if (error instanceof SourceError) return { blind: error };
    throw error;
  }
}

/**
 * The timeline that a server writes, of which copies of it are or were; null where it does not tell. A standby writes
 * none, and its latest checkpoint may be of one that its primary has left.
 */
export function timelineWritten(reading: ArchiverReading): number | null {
  const segment = segmentWritten(reading);
  return segment === null ? null : timelineOf(segment);
}

/** The segment that a server is writing; null likewise. */
export function segmentWritten(reading: ArchiverReading): string | null {
  return 'facts' in reading ? reading.facts.currentWal : null;
}
