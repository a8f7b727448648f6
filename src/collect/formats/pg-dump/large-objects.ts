import type { TableOfContents } from './archive-toc.ts';
import { DumpDamage } from './dump-reading.ts';

const GROUP = /^(\d+)(?:\.\.(\d+))?$/;
const LINE = /^\d+ (blob_\d+\.dat)$/;

/** A list of large objects that must exist. */
export interface LargeObjectList {
  readonly name: string;
  /** Data files that it must name, as far as the table of contents tells. */
  readonly mustName: readonly string[];
}

/**
 * The lists that the table of contents calls for. Up to PostgreSQL 16 it has one `BLOB` entry for each large object and
 * one list; from 17 on a list for each group, whose `BLOBS` entry states the oid of the only one or of the first and the
 * last. (The file name in a tar archive's `BLOBS` entry is no member.)
 */
export function largeObjectLists(toc: TableOfContents): readonly LargeObjectList[] {
  const single = toc.entries.flatMap(({ description, oid }) => (description === 'BLOB' && oid !== null ? [oid] : []));
  return toc.entries.flatMap(({ description, mustHaveData, dumpId, tag }) => {
    if (description !== 'BLOBS' || !mustHaveData) return [];
    const [, first, last = first] = GROUP.exec(tag) ?? [];
    const oids = first === undefined || last === undefined ? single : [first, last];
    const mustName = oids.map((oid) => `blob_${oid}.dat`);
    return [{ name: first === undefined ? 'blobs.toc' : `blobs_${dumpId}.toc`, mustName }];
  });
}

/**
 * The data files that a list names, one `OID blob_OID.dat` a line (PostgreSQL source, pg_backup_directory.c, `_EndLO`).
 * @throws DumpDamage when it is cut off or lacks an object
 */
export function parseLargeObjectList(list: LargeObjectList, text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new DumpDamage(`${list.name} is cut off inside a line`);
  const names = lines.map((line) => {
    const name = LINE.exec(line)?.[1];
    if (name === undefined) throw new DumpDamage(`${list.name} is damaged`);
    return name;
  });
  const named = new Set(names);
  const absent = list.mustName.find((name) => !named.has(name));
  if (absent !== undefined) throw new DumpDamage(`${list.name} does not name ${absent}: it is cut off`);
  return names;
}
