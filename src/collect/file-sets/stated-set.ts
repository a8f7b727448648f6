import type { StatedCopy } from '../backups/inventory/stated-copy.ts';
import type { ListedSnapshot, SnapshotSettings } from '../backups/physical/filesystem/snapshot-listing.ts';
import type { DatedCopies, DatedCopy } from '../hosts/dated-copies.ts';

/**
 * Copies of files of which nobody saw what is in them: snapshots of a file system, whose listing tells that they are there
 * and the configuration which directories lie on it; and rows of an inventory. Of grade declared, both.
 */

export function snapshotsOfDirectories(listed: readonly ListedSnapshot[], settings: SnapshotSettings): DatedCopies {
  const copies = settings.directories.flatMap(({ source, path }): readonly DatedCopy[] =>
    listed
      .filter((one) => one.source === source)
      .flatMap(({ name, createdAt, invalid }): readonly DatedCopy[] => {
        if (createdAt === null) return [];
        const because =
          invalid ?? `the listing shows it, and ${source} is stated to hold ${path}; what lies in it was not looked at`;
        const moment = createdAt.earliest;
        return [{ ...statedCopy(name, path), moment, complete: invalid === null, because }];
      }),
  );
  return { copies: newestFirst(copies), strays: [] };
}

export function statedFileCopies(stated: readonly StatedCopy[]): DatedCopies {
  const copies = stated.flatMap(({ row, path, where, moment, complete, owner, recordedAt }): readonly DatedCopy[] => {
    if (path === null) return [];
    const claims = complete === null ? '' : complete ? ', as complete' : ', as incomplete';
    const because = `it is only declared, by ${owner} on ${recordedAt.slice(0, 10)}${claims}`;
    const copy = statedCopy(`row ${row}: ${where}`, path);
    return [{ ...copy, moment: moment.notBefore, complete: complete !== false, because }];
  });
  return { copies: newestFirst(copies), strays: [] };
}

function statedCopy(name: string, path: string) {
  return {
    name,
    // Copies of one directory follow one another.
    series: path,
    files: new Map(),
    directories: new Map(),
    statedPath: path,
  } satisfies Partial<DatedCopy>;
}

function newestFirst(copies: readonly DatedCopy[]): readonly DatedCopy[] {
  return [...copies].sort((a, b) => b.moment.localeCompare(a.moment));
}
