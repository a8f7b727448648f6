import { toInstant } from '../../../../model/instant.ts';
import type { ListedSnapshot, SnapshotListing } from './snapshot-listing.ts';

/**
 * `zfs list -Hp -t snapshot -o name,creation,used[,createtxg]`: no header, one tab between columns, exact numbers,
 * creation in seconds since 1970 (OpenZFS, zfs-list(8) `-H`, `-p`; zfsprops(7)). Snapshots of `zfs snapshot -r` bear one
 * name and are made in one transaction (zfs-snapshot(8)).
 */
export function readZfsListing(text: string): SnapshotListing {
  const snapshots: ListedSnapshot[] = [];
  const unreadable: number[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    const [name = '', creation = '', used = '-', transaction] = line.split('\t');
    const at = name.lastIndexOf('@');
    const isRow = at > 0 && /^\d{1,11}$/.test(creation) && /^(\d{1,15}|-)$/.test(used);
    if (!isRow || (transaction !== undefined && !/^\d{1,20}$/.test(transaction))) {
      unreadable.push(index + 1);
      continue;
    }
    const createdAt = toInstant(Number(creation) * 1000);
    snapshots.push({
      name,
      group: name.slice(at + 1),
      source: name.slice(0, at),
      createdAt: { earliest: createdAt, latest: createdAt },
      transaction: transaction ?? null,
      bytes: used === '-' ? 0 : Number(used),
      invalid: null,
    });
  }
  return { snapshots, unreadable };
}
