import { z } from 'zod';
import type { Instant } from '../../../model/instant.ts';
import { lsnPosition } from '../../../model/lsn.ts';
import { FormatDamage } from '../format-damage.ts';
import type { ChecksumAlgorithm } from './file-checksum.ts';
import { createManifestDigest } from './manifest-digest.ts';
import { type ManifestFile, parseJson, parseManifestFile } from './manifest-file.ts';
import { createManifestSplitter } from './manifest-splitter.ts';

/** WAL that must be replayed, both ends as log sequence numbers such as `0/2000028`. */
export interface WalRange {
  readonly timeline: number;
  readonly startLsn: string;
  readonly endLsn: string;
}

/** What a backup manifest says apart from its files. */
export interface BackupManifest {
  readonly version: 1 | 2;
  /** Decimal text, as it exceeds 2^53; only version 2 (PostgreSQL 17) has it. */
  readonly systemIdentifier: string | null;
  /** In the order written; usually one, several where the timeline changed while the backup ran. */
  readonly walRanges: readonly WalRange[];
  readonly fileCount: number;
  readonly newestModifiedAt: Instant | null;
  /** Of `global/pg_control`. */
  readonly controlModifiedAt: Instant | null;
  /** Null where no file has a checksum. Where they differ, the first. */
  readonly algorithm: ChecksumAlgorithm | null;
  readonly filesWithoutChecksum: number;
}

const lsn = z.string().regex(/^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/);
const range = z.strictObject({
  Timeline: z.int().positive().max(0xffff_ffff),
  'Start-LSN': lsn,
  'End-LSN': lsn,
});
const replaced = z.array(z.literal(0)).max(1);
const rest = z.strictObject({
  'PostgreSQL-Backup-Manifest-Version': z.union([z.literal(1), z.literal(2)]),
  'System-Identifier': z.number().optional(),
  Files: replaced,
  'WAL-Ranges': replaced.optional(),
  'Manifest-Checksum': z.string().regex(/^[0-9a-fA-F]{64}$/),
});
const MOST_RANGES = 1000;

/**
 * Reads a backup manifest of version 1 or 2 (PostgreSQL documentation, "Backup Manifest Format"; src/common/
 * parse_manifest.c) in bounded memory and verifies its own checksum.
 *
 * @param onFile told of each file in the order written, before it is known whether the checksum is right
 * @throws FormatDamage when it is cut off, altered, or no manifest
 */
export async function readBackupManifest(
  chunks: AsyncIterable<Uint8Array>,
  onFile: (file: ManifestFile) => void | Promise<void> = () => undefined,
): Promise<BackupManifest> {
  const digest = createManifestDigest();
  const walRanges: WalRange[] = [];
  let batch: ManifestFile[] = [];
  let [fileCount, filesWithoutChecksum] = [0, 0];
  let newestModifiedAt: Instant | null = null;
  let controlModifiedAt: Instant | null = null;
  let algorithm: ChecksumAlgorithm | null = null;
  const splitter = createManifestSplitter((array, text) => {
    if (array === 'Files') batch.push(parseManifestFile(text));
    else if (array === 'WAL-Ranges' && walRanges.length < MOST_RANGES) walRanges.push(parseRange(text));
    else throw new FormatDamage('its backup_manifest is damaged: it has a list that no manifest has');
  });
  for await (const chunk of chunks) {
    digest.write(chunk);
    splitter.write(chunk);
    const files = batch;
    batch = [];
    for (const file of files) {
      fileCount += 1;
      if (newestModifiedAt === null || file.modifiedAt > newestModifiedAt) newestModifiedAt = file.modifiedAt;
      if (file.path === 'global/pg_control') controlModifiedAt = file.modifiedAt;
      if (file.checksum === null) filesWithoutChecksum += 1;
      else algorithm ??= file.checksum.algorithm;
      const pending = onFile(file);
      if (pending !== undefined) await pending;
    }
  }
  const text = splitter.finish();
  const parsed = rest.safeParse(parseJson(text));
  if (!parsed.success) throw new FormatDamage('its backup_manifest is damaged, or of a version after 2');
  assertChecksum(digest.finish(), parsed.data['Manifest-Checksum']);
  return {
    version: parsed.data['PostgreSQL-Backup-Manifest-Version'],
    // From the text: as a number it would be rounded.
    systemIdentifier: /"System-Identifier"\s*:\s*(\d{1,20})\s*[,}]/.exec(text)?.[1] ?? null,
    walRanges,
    fileCount,
    newestModifiedAt,
    controlModifiedAt,
    algorithm,
    filesWithoutChecksum,
  };
}

function parseRange(text: string): WalRange {
  const parsed = range.safeParse(parseJson(text));
  if (!parsed.success) throw new FormatDamage('its backup_manifest is damaged: its range of WAL is none');
  const { Timeline: timeline, 'Start-LSN': startLsn, 'End-LSN': endLsn } = parsed.data;
  if (lsnPosition(endLsn) <= lsnPosition(startLsn)) {
    throw new FormatDamage('its backup_manifest is damaged: its range of WAL ends before it begins');
  }
  return { timeline, startLsn, endLsn };
}

function assertChecksum(own: { readonly sha256: string; readonly lastLine: string } | null, stated: string): void {
  if (own === null || !own.lastLine.includes('"Manifest-Checksum"')) {
    throw new FormatDamage('its backup_manifest is damaged: its last line does not state its checksum');
  }
  if (own.sha256 !== stated.toLowerCase()) {
    throw new FormatDamage('its backup_manifest is altered: its own checksum does not match');
  }
}
