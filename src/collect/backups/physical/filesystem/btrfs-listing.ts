import { localInterval } from './local-interval.ts';
import type { ListedSnapshot, SnapshotListing } from './snapshot-listing.ts';

const ROW =
  /^ID \d+ gen \d+ cgen (\d+) top level \d+ otime (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?: parent_uuid (\S+))?(?: received_uuid \S+)?(?: uuid \S+)? path (.+)$/;

/**
 * `btrfs subvolume list -s -q PATH` (btrfs-subvolume(8)): one line for each snapshot, its time local and without a
 * zone. With `-q` the UUID of the subvolume it is of stands in it; without, nothing tells that.
 *
 * @param timeZone zone of the machine that listed them; null where none is configured
 */
export function readBtrfsListing(text: string, timeZone: string | null): SnapshotListing {
  const snapshots: ListedSnapshot[] = [];
  const unreadable: number[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [, , day, time, parent, path = ''] = ROW.exec(line) ?? [];
    if (path === '') {
      unreadable.push(index + 1);
      continue;
    }
    snapshots.push({
      name: path,
      group: path,
      source: parent === undefined || parent === '-' ? null : parent,
      createdAt: localInterval(`${day}T${time}`, timeZone),
      transaction: null,
      bytes: 0,
      invalid: null,
    });
  }
  return { snapshots, unreadable };
}
