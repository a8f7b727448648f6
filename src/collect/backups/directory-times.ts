import type { Moment } from '../../model/facts.ts';
import { DAY, MINUTE, toMillis } from '../../model/instant.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';

/** Names that pg_dump gives to what it writes after `toc.dat` (PostgreSQL source, pg_backup_directory.c). */
const DATA_FILE = /^(?:(?:blob_)?\d+\.dat(?:\.gz|\.lz4|\.zst)?|blobs(?:_\d+)?\.toc)$/;
/** Tolerance between the clocks of the dumping machine and of the storage. */
const CLOCKS = 5 * MINUTE;
/** How long the first data file of a run may take after its `toc.dat`. */
const LONGEST_FIRST = DAY;

/**
 * What the times of the files of a directory dump say against all of them being of one run; null where nothing does.
 * pg_dump writes `toc.dat` when it has read the catalogue, and every data file after it (PostgreSQL source,
 * pg_backup_directory.c, `_CloseArchive`). A copy may make files younger, and none older than the run.
 *
 * @param moment when the run started, by its `toc.dat`
 */
export function mixedRuns(files: readonly ArtifactFile[], moment: Moment | null): string | null {
  const contents = files.find(({ path }) => path === 'toc.dat');
  const [oldest] = files
    .filter(({ path }) => DATA_FILE.test(path))
    .sort((a, b) => a.modifiedAt.localeCompare(b.modifiedAt));
  if (oldest === undefined || contents === undefined) return null;
  const { path, modifiedAt } = oldest;
  const written = toMillis(modifiedAt);
  if (moment !== null && written < toMillis(moment.notBefore) - CLOCKS) {
    return `${path} was written on ${modifiedAt}, before the start that its toc.dat tells (${moment.notBefore}): files of several runs may lie in it`;
  }
  if (written > toMillis(contents.modifiedAt) + LONGEST_FIRST) {
    return `no data file in it is from less than a day after its toc.dat (${contents.modifiedAt}): files of several runs may lie in it`;
  }
  return null;
}
