import type { Instant } from '../../../../model/instant.ts';
import type { BackupLabel } from '../../../formats/base-backup/backup-label.ts';
import type { BackupManifest } from '../../../formats/base-backup/backup-manifest.ts';
import type { ControlFile } from '../../../formats/base-backup/control-file.ts';
import { FormatDamage } from '../../../formats/format-damage.ts';
import type { ArtifactTree } from '../../../trees/artifact-tree.ts';
import { StoredChecksumMismatch } from '../../../trees/stored-checksum-mismatch.ts';
import type { ReadingDepth } from '../physical-copy.ts';

/** What is needed to read any base backup. */
export interface BackupAccess {
  readonly tree: ArtifactTree;
  readonly depth: ReadingDepth;
  readonly signal: AbortSignal;
}

/** What one base backup says about itself, filled in while it is read, so that damage takes nothing away from it. */
export interface BackupReading {
  label: BackupLabel | null;
  manifest: BackupManifest | null;
  control: ControlFile | null;
  /** Content of PG_VERSION. */
  version: string | null;
  /** System identifier in the WAL that lies in it. */
  walSystemIdentifier: string | null;
  /** Object ids of the databases it has directories of; null where its files were not listed. */
  databases: Set<number> | null;
  /** Segments in its pg_wal with their sizes; null where they were not listed. */
  segments: Map<string, number> | null;
  hasIncrementalFiles: boolean;
  /** Newest time of a file inside, by the clock of the server; only tar archives keep it. */
  newestMember: Instant | null;
  readToEnd: boolean;
}

export function emptyReading(): BackupReading {
  return {
    label: null,
    manifest: null,
    control: null,
    version: null,
    walSystemIdentifier: null,
    databases: null,
    segments: null,
    hasIncrementalFiles: false,
    newestMember: null,
    readToEnd: false,
  };
}

/** What speaks against a copy, as sentence parts. One problem makes it incomplete, one doubt leaves it unproven. */
export interface Findings {
  readonly problems: string[];
  readonly doubts: string[];
}

/** Notes what the path of a file inside tells: the databases, and whether files are increments of others. */
export function notePath(reading: BackupReading, path: string): void {
  const segments = path.split('/');
  const inTablespace = segments[0] === 'pg_tblspc' && segments.length === 5;
  const inDatabase = segments[0] === 'base' && segments.length === 3;
  if (!inTablespace && !inDatabase && segments[0] !== 'global') return;
  if (segments.at(-1)?.startsWith('INCREMENTAL.') === true) reading.hasIncrementalFiles = true;
  const oid = segments.at(-2) ?? '';
  // Object ids have 32 bits; a directory of temporary files has no number.
  if (segments[0] !== 'global' && /^[1-9]\d{0,9}$/.test(oid)) reading.databases?.add(Number(oid));
}

/** Opens a file for as long as `use` takes. */
export async function withFile<T>(
  { tree, signal }: BackupAccess,
  path: string,
  use: (reader: Awaited<ReturnType<ArtifactTree['open']>>) => Promise<T>,
): Promise<T> {
  const reader = await tree.open(path, signal);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

/** Damage met in a step becomes a problem of the copy. */
export async function problemOf(findings: Findings, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof FormatDamage || error instanceof StoredChecksumMismatch)) throw error;
    findings.problems.push(error.message);
  }
}
