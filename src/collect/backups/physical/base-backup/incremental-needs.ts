import type { PhysicalCopy } from '../physical-copy.ts';
import { type BaseBackup, sameLsn } from './to-copy.ts';

/**
 * Finds for every incremental backup the one that it is an increment of: the one that began where it says, on the
 * timeline it says, of the same cluster (PostgreSQL source, `check_backup_label_files` in pg_combinebackup.c). One that
 * is not among them is named by its start, so that the chain is seen to be broken.
 */
export function withNeeds(backups: readonly BaseBackup[]): readonly PhysicalCopy[] {
  return backups.map((backup) => {
    const { copy, incrementalFrom } = backup;
    if (copy.kind !== 'incremental') return copy;
    if (incrementalFrom === null) return { ...copy, needs: ['a backup that its backup_label does not name'] };
    const { lsn, timeline } = incrementalFrom;
    const prior = backups.filter(
      (other) =>
        other !== backup &&
        other.startLsn !== null &&
        sameLsn(other.startLsn, lsn) &&
        other.copy.timeline === timeline &&
        other.copy.cluster.systemIdentifier === copy.cluster.systemIdentifier,
    );
    const best = prior.find(({ copy: { integrity } }) => integrity === 'complete') ?? prior[0];
    return { ...copy, needs: [best?.copy.label ?? `the backup that began at ${lsn} on timeline ${timeline}`] };
  });
}
