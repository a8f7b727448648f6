import { counted, instantText } from '../../../model/text.ts';
import type { PossibleCopy, PossibleForm } from '../possible-copy.ts';
import type { ListedSnapshot, RepositoryMethod } from './repository-contents.ts';

const WORDS: Readonly<Record<PossibleForm, string>> = {
  'standard-input': 'a file from standard input',
  dump: 'files that are called like dumps',
  'base-backup': 'archives that are called like a base backup',
  archive: 'archives',
  'data-directory': 'what looks like a data directory of PostgreSQL',
  repository: 'what looks like a repository of pgBackRest, Barman or WAL-G',
  packed: 'files that are encrypted or packed',
};

/**
 * Which snapshots hold what may be a copy of any database, and what that looks like; null where none does. No path is
 * told: it may name another organization.
 *
 * @param possible newest snapshot first
 */
export function unopenedSnapshots(possible: readonly PossibleCopy[]): string | null {
  const bySnapshot = Map.groupBy(
    possible.filter(({ snapshot }) => snapshot !== null),
    ({ snapshot }) => snapshot,
  );
  const [newest, ...others] = bySnapshot;
  if (newest === undefined) return null;
  const [snapshot, inside] = newest;
  const forms = [...new Set(inside.map(({ form }) => WORDS[form]))].join(', ');
  const more =
    others.length === 0
      ? ''
      : `; ${counted(others.length, 'other snapshot')} ${others.length === 1 ? 'holds' : 'hold'} such, too`;
  return `${snapshot} holds ${forms}, which may hold one${more}`;
}

/** The same of each file, for the list of unmatched files. */
export const UNOPENED_INSIDE: Readonly<Record<PossibleForm, string>> = {
  'standard-input': 'file from standard input, which may be a dump of any database',
  dump: 'dump by its name, of no database of the install',
  'base-backup': 'archive that is called like a base backup',
  archive: 'archive, which may hold a dump or a base backup',
  'data-directory': 'looks like a data directory of PostgreSQL',
  repository: 'looks like a file of a repository of pgBackRest, Barman or WAL-G',
  packed: 'encrypted or packed',
};

/** A snapshot as it may be told to everybody: ids of restic are random; archives of Borg are named by people, who may name an organization. */
export function snapshotWords(method: RepositoryMethod, { label, takenAt }: ListedSnapshot): string {
  return method === 'restic'
    ? `the restic snapshot ${label} of ${instantText(takenAt)}`
    : `the Borg archive of ${instantText(takenAt)}`;
}
