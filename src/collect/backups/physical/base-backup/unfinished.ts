import type { BackupReading, Findings } from './backup-reading.ts';
import type { Candidate } from './find-backups.ts';

/**
 * Adds what follows from files that are not there: pg_basebackup writes `global/pg_control` after all other files and
 * gives the manifest its name when all is done, so that a run that was stopped leaves neither.
 */
export function noteUnfinished(candidate: Candidate, reading: BackupReading, findings: Findings): void {
  if (reading.manifest !== null || findings.problems.length > 0) return;
  const { problems, doubts } = findings;
  if (candidate.as === 'plain') {
    const { files } = candidate;
    if (files.has('backup_manifest')) return;
    if (files.has('backup_manifest.tmp')) problems.push(STOPPED_BEFORE_MANIFEST);
    else if (!files.has('global/pg_control')) {
      problems.push('it has neither a manifest nor pg_control, which is copied last: the backup was stopped');
    } else doubts.push(NO_MANIFEST);
    return;
  }
  if (candidate.as === 'tar' && candidate.isUnfinished) problems.push(STOPPED_BEFORE_MANIFEST);
  else if (candidate.as === 'tar' && candidate.manifest !== null) return;
  else if (reading.databases !== null && reading.control === null) {
    problems.push('it has neither a manifest nor pg_control, which is copied last: the backup was stopped');
  } else doubts.push(NO_MANIFEST);
}

const STOPPED_BEFORE_MANIFEST =
  'its manifest still has the name that it has while the backup runs: the backup runs yet, or was stopped';
const NO_MANIFEST = 'it has no manifest: nothing tells which files belong to it';
