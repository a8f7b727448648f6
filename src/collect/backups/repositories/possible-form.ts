import { OTHER_NAME } from '../closed-artifacts.ts';
import type { PossibleForm } from '../possible-copy.ts';

const PACKED = '(?:\\.[a-z0-9]{1,5}){0,3}$';
/** Endings of what dumps a database, with what may wrap it. */
const DUMP = new RegExp(
  `\\.(?:dump|dmp|sql|psql|pgsql|pgdump|backup|bak|custom)${PACKED}|(?:^|[^a-z])(?:pg_?dump(?:all)?|dumpall)(?:[^a-z]|$)`,
  'i',
);
const ARCHIVE = new RegExp(`\\.(?:tar|t[gbx]z2?|tzst)${PACKED}`, 'i');
/** pg_basebackup -Ft: base.tar, and the archives beside it. */
const BASE_BACKUP = /^base[^/]*\.(?:tar|t[gbx]z)/i;
/** pgBackRest 2: archive.info, backup.info, backup.manifest. Barman 3: backup.info, xlog.db. WAL-G: the sentinel of a backup. */
const REPOSITORY = /^(?:(?:archive|backup)\.info|backup\.manifest|xlog\.db|.*_backup_stop_sentinel\.json)$/;
/** What restic and Borg call standard input, unless they are told another name. */
const STANDARD_INPUT = 'stdin';
/** A name without an ending, or with that of what packs or encrypts. */
const UNTOLD = /^[^.]+(?:\.(?:gz|zst|xz|bz2|lz4|lzo|gpg|pgp|age|enc|aes))*$/i;

/**
 * What a file in a snapshot may be that nothing ties to a database, by its path alone; null where its name tells that it
 * is no copy of one, or tells nothing.
 */
export function possibleForm(path: string): PossibleForm | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (path.replace(/^\/+/, '') === STANDARD_INPUT) return 'standard-input';
  if (REPOSITORY.test(name)) return 'repository';
  if (OTHER_NAME.test(path)) return null;
  if (BASE_BACKUP.test(name)) return 'base-backup';
  if (DUMP.test(name)) return 'dump';
  return ARCHIVE.test(name) ? 'archive' : null;
}

/** Whether the only file of a snapshot looks as if a program had written it to standard input, under a name of its own. */
export function isFromStandardInput(path: string): boolean {
  const inside = path.replace(/^\/+/, '');
  return !inside.includes('/') && UNTOLD.test(inside) && !OTHER_NAME.test(inside);
}
