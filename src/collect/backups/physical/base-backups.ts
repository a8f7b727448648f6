import type { BlindSpot } from '../../../model/evidence.ts';
import { SourceError } from '../../../model/source-error.ts';
import { compressionOf } from '../../formats/decompressed.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { type BackupHistory, readBackupHistory } from './base-backup/backup-history.ts';
import { type BackupAccess, type BackupReading, emptyReading, type Findings } from './base-backup/backup-reading.ts';
import type { NeededWal } from './base-backup/directory-segments.ts';
import { type Candidate, findBackups, type TarCandidate, tarFiles, totals } from './base-backup/find-backups.ts';
import { baseBackupReading } from './base-backup/full-reading.ts';
import { withNeeds } from './base-backup/incremental-needs.ts';
import { segmentsBeside, withOwnWal } from './base-backup/own-wal.ts';
import { readPlainBackup } from './base-backup/plain-backup.ts';
import { UNOPENED } from './base-backup/tar-archives.ts';
import { readSingleTar, readTarBackup } from './base-backup/tar-backup.ts';
import { type BaseBackup, type CopyPlace, toBaseBackup } from './base-backup/to-copy.ts';
import { noteUnfinished } from './base-backup/unfinished.ts';
import { unknownFiles } from './base-backup/unknown-files.ts';
import { readWalDirectories } from './base-backup/wal-directory.ts';
import type { FullReading, PhysicalContents, ReadingDepth } from './physical-copy.ts';

export interface BaseBackupOptions {
  readonly depth: ReadingDepth;
  /** Name of the configured server whose copies lie here. */
  readonly declaredServer: string | null;
  readonly signal: AbortSignal;
  blindSpotOf(error: unknown): BlindSpot;
}

/**
 * Every base backup that pg_basebackup of PostgreSQL 12 to 18 left in a location (plain, tar, or one tar written to its
 * standard output), and the WAL that lies in plain directories beside them. What belongs to a repository of
 * pgBackRest, Barman or WAL-G is left to their readers.
 *
 * @param files the listing of the location
 * @throws the signal's reason when it has fired
 */
export async function readBaseBackups(
  tree: ArtifactTree,
  files: readonly ArtifactFile[],
  { depth, declaredServer, signal, blindSpotOf }: BaseBackupOptions,
): Promise<PhysicalContents> {
  const access: BackupAccess = { tree, depth, signal };
  const found = findBackups(files);
  const unmatched = [...found.unmatched];
  let blindSpot: BlindSpot | null = null;
  const seen = async <T>(step: () => Promise<T>): Promise<T | null> => {
    try {
      return await step();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SourceError)) throw error;
      blindSpot ??= blindSpotOf(error);
      return null;
    }
  };

  const history = (await seen(() => readBackupHistory(found.others, access))) ?? NO_HISTORY;
  const backups: (BaseBackup & { readonly candidate: Candidate })[] = [];
  const fullReadings = new Map<string, FullReading>();
  const otherArchives: ArtifactFile[] = [];
  for (const candidate of found.candidates) {
    const outcome = await readCandidate(candidate, access, history, declaredServer, seen);
    if (outcome === null) continue;
    if (!('copy' in outcome)) {
      otherArchives.push(outcome);
      continue;
    }
    backups.push({ ...outcome, candidate });
    const { copy } = outcome;
    if (depth === 'full') continue;
    const readAgain = (again: Candidate) =>
      readCandidate(again, { ...access, depth: 'full' }, history, declaredServer, (step) => step());
    fullReadings.set(copy.label, baseBackupReading(candidate, copy, access, readAgain));
  }
  const wal = await seen(() => readWalDirectories(found.others, access, declaredServer, neededWal(backups)));
  const archives = wal?.archives ?? [];
  const beside = segmentsBeside(found.others);
  const compared: BaseBackup[] = [];
  for (const { candidate, ...backup } of backups) {
    const copy = await seen(() => withOwnWal(backup.copy, candidate, archives, beside, access));
    compared.push({ ...backup, copy: copy ?? backup.copy });
  }
  const singles = new Set(found.candidates.flatMap((one) => (one.as === 'single' ? [one.file] : [])));
  const unknown = unknownFiles(
    otherArchives,
    found.others.filter((file) => !singles.has(file)),
  );
  return {
    copies: withNeeds(compared),
    ...(depth === 'full' ? {} : { fullReadings }),
    archives,
    plans: [],
    unmatched: [...unmatched, ...(wal?.unmatched ?? []), ...unknown.unmatched],
    ...(unknown.mayHoldAny.length === 0 ? {} : { mayHoldAny: unknown.mayHoldAny }),
    blindSpot,
  };
}

function neededWal(backups: readonly BaseBackup[]): readonly NeededWal[] {
  return backups.flatMap(({ copy: { cluster, wal } }) => {
    if (wal === null || wal.inside || wal.firstSegment === null) return [];
    const { firstSegment } = wal;
    const lastSegment = wal.lastSegment ?? firstSegment;
    return [{ systemIdentifier: cluster.systemIdentifier, firstSegment, lastSegment }];
  });
}

const NO_HISTORY: BackupHistory = { find: () => null };

/** The archive where it is none of a base backup; null where it could not be read. */
async function readCandidate(
  candidate: Candidate,
  access: BackupAccess,
  history: BackupHistory,
  declaredServer: string | null,
  seen: <T>(step: () => Promise<T>) => Promise<T | null>,
): Promise<BaseBackup | ArtifactFile | null> {
  const reading = emptyReading();
  const findings: Findings = { problems: [], doubts: [] };
  const isOwn = await seen(async () => {
    if (candidate.as === 'single') return readSingleTar(candidate, access, reading, findings);
    if (candidate.as === 'plain') await readPlainBackup(candidate, access, reading, findings);
    else await readTarBackup(candidate, access, reading, findings);
    return true;
  });
  if (isOwn === false) return candidate.as === 'single' ? candidate.file : null;
  if (isOwn === null) {
    // What was not opened may be anything: only names that pg_basebackup alone gives make it a copy.
    if (candidate.as === 'single') return null;
    findings.doubts.unshift(UNREAD);
    reading.readToEnd = false;
  }
  if (isForeignTar(candidate, reading, findings)) {
    return candidate.base;
  }
  noteUnfinished(candidate, reading, findings);
  return toBaseBackup({ ...placeOf(candidate), declaredServer }, reading, findings, history);
}

/** An archive that is named like one of pg_basebackup and was opened, but holds something else. */
function isForeignTar(
  candidate: Candidate,
  { label, manifest }: BackupReading,
  { problems, doubts }: Findings,
): candidate is TarCandidate {
  if (candidate.as !== 'tar' || candidate.manifest !== null || candidate.wal !== null) return false;
  const opened = problems.length === 0 && !doubts.includes(UNREAD) && !doubts.includes(UNOPENED);
  return opened && label === null && manifest === null;
}

const UNREAD = 'a file of it could not be read';

function placeOf(candidate: Candidate): Omit<CopyPlace, 'declaredServer'> {
  if (candidate.as === 'single') {
    const { path, bytes, modifiedAt } = candidate.file;
    return { label: path, path, format: tarFormat(path), bytes, modifiedAt, hasWalArchive: false };
  }
  const path = candidate.root === '' ? '.' : candidate.root;
  if (candidate.as === 'plain') {
    return { label: path, path, format: 'plain', ...totals(candidate.files.values()), hasWalArchive: false };
  }
  const hasWalArchive = candidate.wal !== null;
  return { label: path, path, format: tarFormat(candidate.base.path), ...totals(tarFiles(candidate)), hasWalArchive };
}

function tarFormat(path: string): string {
  const compression = compressionOf(path);
  return compression === 'none' ? 'tar' : `tar, ${compression}`;
}
