import type { ArtifactFile } from '../../../trees/artifact-tree.ts';
import { OTHER_NAME } from '../../closed-artifacts.ts';
import type { PossibleCopy } from '../../possible-copy.ts';
import type { PhysicalContents } from '../physical-copy.ts';
import { unmatchedList } from '../unmatched-list.ts';
import { nameOf } from './paths.ts';

/** Endings of what encrypts or packs, so that what is inside does not show. */
const CLOSED = /\.(?:gpg|pgp|asc|age|enc|aes|7z|zip|rar|tar|tgz|tbz2?|txz|tzst|gz|zst|bz2|xz|lz4|lzo|br)$/i;
/** Of a base backup in tar archives, what brings nothing back without its base.tar. */
const COMPANION = /^(?:pg_wal\.t[^/]*|backup_manifest(?:\..*)?|\d{1,10}\.t(?:ar|gz)[^/]*)$/;
/** Told by the reader of WAL, or by that of base backups. */
const TOLD = /^(?:[0-9A-F]{24}|[0-9A-F]{8}\.history)(?:\.|$)|^backup_manifest(?:\.tmp)?$/;

/** More are as one: how many there are is told by the list of unmatched files. */
const MOST_POSSIBLE = 10_000;

/**
 * What lies in a location of base backups and is neither one nor WAL. Encrypted or packed files may be base backups all the
 * same, which nobody can or does look into; everything is told, so that nothing is passed over in silence.
 *
 * @param archives tar archives that were looked at and do not begin as pg_basebackup begins one
 * @param others what is in no base backup and in no repository of another tool, archives left out
 */
export function unknownFiles(
  archives: readonly ArtifactFile[],
  others: readonly ArtifactFile[],
): Required<Pick<PhysicalContents, 'unmatched' | 'mayHoldAny'>> {
  const list = unmatchedList();
  const mayHoldAny: PossibleCopy[] = [];
  const note = (file: ArtifactFile, what: string): void => {
    list.add(file, what, '');
    const name = nameOf(file.path);
    const isPossible = file.bytes > 0 && CLOSED.test(name) && !COMPANION.test(name) && !OTHER_NAME.test(file.path);
    if (isPossible && mayHoldAny.length < MOST_POSSIBLE) {
      mayHoldAny.push({ path: file.path, snapshot: null, form: 'packed' });
    }
  };
  for (const file of archives)
    note(file, 'a tar archive that does not begin with backup_label, which is not looked into');
  for (const file of others.filter(({ path }) => !TOLD.test(nameOf(path)))) {
    const isClosed = CLOSED.test(nameOf(file.path));
    note(file, isClosed ? 'encrypted or packed, and not looked into' : 'no part of a base backup, and no WAL');
  }
  return { unmatched: list.facts(), mayHoldAny };
}
