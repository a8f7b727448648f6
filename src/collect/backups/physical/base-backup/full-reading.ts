import { SourceError } from '../../../../model/source-error.ts';
import { type ArtifactFile, filesBelow } from '../../../trees/artifact-tree.ts';
import { listedFiles } from '../../verification/copy-identity.ts';
import type { FullReading, PhysicalCopy } from '../physical-copy.ts';
import type { BackupAccess } from './backup-reading.ts';
import { type Candidate, findBackups, tarFiles } from './find-backups.ts';
import { directoryOf } from './paths.ts';
import type { BaseBackup } from './to-copy.ts';

/**
 * How one base backup is read in full later. Its files are listed anew then, as a data directory may have hundreds of
 * thousands.
 *
 * @param readAgain reads a candidate to its end
 */
export function baseBackupReading(
  candidate: Candidate,
  structure: PhysicalCopy,
  { tree, signal }: Pick<BackupAccess, 'tree' | 'signal'>,
  readAgain: (candidate: Candidate) => Promise<BaseBackup | ArtifactFile | null>,
): FullReading {
  const { as } = candidate;
  const place = placeOf(candidate);
  const directory = candidate.as === 'single' ? directoryOf(candidate.file.path) : candidate.root;
  return {
    identity: listedFiles(filesOf(candidate)).identity(structure),
    bytes: structure.bytes,
    async read() {
      const { candidates } = findBackups(await filesBelow(tree, directory, signal));
      const again = candidates.find((one) => one.as === as && placeOf(one) === place);
      const found = again === undefined ? null : await readAgain(again);
      if (again === undefined || found === null || !('copy' in found)) throw gone(structure.path, tree.locator);
      return { copy: found.copy, walDamage: null, identity: listedFiles(filesOf(again)).identity(structure) };
    },
  };
}

function placeOf(candidate: Candidate): string {
  return candidate.as === 'single' ? candidate.file.path : candidate.root;
}

function filesOf(candidate: Candidate): Iterable<ArtifactFile> {
  if (candidate.as === 'single') return [candidate.file];
  return candidate.as === 'plain' ? candidate.files.values() : tarFiles(candidate);
}

function gone(path: string, locator: string): SourceError {
  const remedy = 'Look whether backups are deleted while the audit runs, and let it run at another time.';
  return new SourceError(
    'unreachable',
    `${JSON.stringify(path)} in ${locator} is there no more, or is no backup`,
    remedy,
  );
}
