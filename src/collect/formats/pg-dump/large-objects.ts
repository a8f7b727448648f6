import type { TableOfContents } from './archive-toc.ts';
import { DumpDamage } from './dump-reading.ts';

const GROUP = /^(\d+)(?:\.\.(\d+))?$/;
const LINE = /^(\d+) (blob_\d+\.dat)$/;

/** Whether a file lists large objects: `blobs.toc`, from PostgreSQL 17 on `blobs_DUMPID.toc`. */
export function isLargeObjectList(name: string): boolean {
  return /^blobs(?:_\d+)?\.toc$/.test(name);
}

/** The data files that a list of large objects names, one `OID blob_OID.dat` a line. @throws DumpDamage */
export function parseLargeObjectList(name: string, text: string): readonly string[] {
  if (text !== '' && !text.endsWith('\n')) throw new DumpDamage(`${name} is cut off inside a line`);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const fileName = LINE.exec(line)?.[2];
      if (fileName === undefined) throw new DumpDamage(`${name} is damaged`);
      return fileName;
    });
}

/**
 * The data files that the table of contents itself calls for: up to PostgreSQL 16 one `BLOB` entry for each large
 * object; from 17 on groups, whose `BLOBS` entry states the oid of the only one or of the first and the last.
 */
export function largeObjectFiles(toc: TableOfContents): readonly string[] {
  return toc.entries.flatMap(({ description, oid, tag }) => {
    if (description === 'BLOB' && oid !== null) return [`blob_${oid}.dat`];
    const group = description === 'BLOBS' ? GROUP.exec(tag) : null;
    return group === null ? [] : group.slice(1).flatMap((end) => (end === undefined ? [] : [`blob_${end}.dat`]));
  });
}

/** The lists of large objects that must exist. A tar archive's entry states another name, which is no member. */
export function largeObjectLists(toc: TableOfContents): readonly string[] {
  return toc.entries.flatMap(({ description, mustHaveData, dumpId, tag }) => {
    if (description !== 'BLOBS' || !mustHaveData) return [];
    return [GROUP.test(tag) ? `blobs_${dumpId}.toc` : 'blobs.toc'];
  });
}
