import type { DiskFacts } from '../model/facts/stores.ts';
import { bytesText } from '../model/text.ts';

/** What a store lies on, to be read behind what it is: `; no mount of its own, ext4, 12.3 GiB (31 %) and 95 % of inodes free`. */
export function diskText(disk: DiskFacts | undefined): string {
  if (disk === undefined) return '';
  const { ownMount, fileSystem, freeBytes, totalBytes, freeInodes, totalInodes } = disk;
  const space = freeBytes === null ? [] : [`${bytesText(freeBytes)}${share(freeBytes, totalBytes, ' (', ')')}`];
  const inodes = freeInodes === null ? [] : [share(freeInodes, totalInodes, '', ' of inodes')];
  const free = [...space, ...inodes].filter((text) => text !== '');
  return [
    ownMount ? '; a mount of its own' : '; no mount of its own',
    ...(fileSystem === null ? [] : [fileSystem]),
    ...(free.length === 0 ? [] : [`${free.join(' and ')} free`]),
  ].join(', ');
}

/** Rounded down, so that a little is never told as more. */
function share(part: number, whole: number | null, before: string, after: string): string {
  return whole === null || whole === 0 ? '' : `${before}${Math.floor((part / whole) * 100)} %${after}`;
}
