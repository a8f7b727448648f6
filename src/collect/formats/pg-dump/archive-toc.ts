import type { ObjectCount } from '../../../model/database-object.ts';
import type { ByteCursor } from '../byte-cursor.ts';
import { type ArchiveHeader, readInt, readText } from './archive-header.ts';
import { DumpDamage } from './dump-reading.ts';
import { createObjectCounter } from './dumped-objects.ts';
import { isPartitionedTable } from './sql-names.ts';
import { within } from './within.ts';

/** Archive versions whose table of contents is known: 1.12 (PostgreSQL 9) to 1.16 (17 and 18); pg_backup_archiver.h. */
const KNOWN_MINORS = { from: 12, to: 16 } as const;

const DEFINITION_TAIL = 64 * 1024;
const KEPT = new Set(['DATABASE', 'TABLE', 'TABLE DATA', 'BLOB', 'BLOB METADATA', 'ROW SECURITY']);
const utf8 = new TextDecoder('utf-8');

export interface TocEntry {
  readonly dumpId: number;
  /** pg_dump's `hadDumper`: the archive must hold data for this entry. */
  readonly mustHaveData: boolean;
  /** Of the object in its catalogue (`pg_database` for DATABASE, `pg_class` for TABLE and TABLE DATA). */
  readonly oid: number | null;
  readonly tag: string;
  readonly description: string;
  readonly schema: string;
  readonly partitioned: boolean;
  /** Whether its data are COPY lines, which end in `\.` and two empty lines, rather than INSERT statements. */
  readonly copied: boolean;
  /** Custom format: where its data block begins; null when pg_dump recorded no position. */
  readonly position: number | null;
  /** Directory and tar format: the file named for its data. */
  readonly fileName: string | null;
}

export interface TableOfContents {
  /** Entries with data and those that identify or list; all others are read over. */
  readonly entries: readonly TocEntry[];
  readonly objects: readonly ObjectCount[];
  /** Whether entries of these sections exist (`--section`). */
  readonly sections: { readonly preData: boolean; readonly data: boolean; readonly postData: boolean };
  /** Position right after the last entry. */
  readonly end: number;
}

/**
 * Reads every entry (PostgreSQL source, pg_backup_archiver.c `ReadToc`; custom: pg_backup_custom.c `_ReadExtraToc`).
 * Null, with nothing read, for a version that this reader does not know. @throws DumpDamage
 */
export async function readTableOfContents(cursor: ByteCursor, header: ArchiveHeader): Promise<TableOfContents | null> {
  if (header.minor < KNOWN_MINORS.from || header.minor > KNOWN_MINORS.to) return null;
  return within('inside its table of contents', async () => {
    const entries: TocEntry[] = [];
    const seen = new Set<number>();
    const objects = createObjectCounter();
    for (let count = 0; count < header.entryCount; count += 1) {
      const { entry, section } = await readEntry(cursor, header);
      seen.add(section);
      objects.add(entry.description, entry.schema);
      if (entry.mustHaveData || KEPT.has(entry.description)) entries.push(entry);
    }
    return {
      entries,
      objects: objects.counts(),
      sections: { preData: seen.has(2), data: seen.has(3), postData: seen.has(4) },
      end: cursor.position(),
    };
  });
}

async function readEntry(cursor: ByteCursor, header: ArchiveHeader): Promise<{ entry: TocEntry; section: number }> {
  const { intSize, minor } = header;
  const dumpId = await readInt(cursor, intSize);
  const mustHaveData = (await readInt(cursor, intSize)) !== 0;
  await readText(cursor, intSize);
  const oid = await readText(cursor, intSize);
  const tag = (await readText(cursor, intSize)) ?? '';
  const description = (await readText(cursor, intSize)) ?? '';
  const section = await readInt(cursor, intSize);
  if (section < 1 || section > 4) throw new DumpDamage('its table of contents is damaged (section of an entry)');
  const definition = await readTail(cursor, intSize, description === 'TABLE');
  await readTail(cursor, intSize, false);
  const copied = (await readTail(cursor, intSize, true)) !== '';
  const schema = (await readText(cursor, intSize)) ?? '';
  await readText(cursor, intSize);
  if (minor >= 14) await readText(cursor, intSize);
  const relationKind = minor >= 16 ? await readInt(cursor, intSize) : 0;
  await readText(cursor, intSize);
  await readText(cursor, intSize);
  while ((await readText(cursor, intSize)) !== null) {
    // Dependencies, up to a null text.
  }
  const partitioned = relationKind === 'p'.charCodeAt(0) || (minor < 16 && isPartitionedTable(definition));
  const place = await readPlace(cursor, header, mustHaveData);
  return {
    entry: { dumpId, mustHaveData, oid: parseOid(oid), tag, description, schema, partitioned, copied, ...place },
    section,
  };
}

/** The last part of a long text, enough to see how it ends, or nothing of it. */
async function readTail(cursor: ByteCursor, intSize: number, wanted: boolean): Promise<string> {
  const length = await readInt(cursor, intSize);
  if (length <= 0) return '';
  const kept = wanted ? Math.min(length, DEFINITION_TAIL) : 0;
  await cursor.skip(length - kept);
  return utf8.decode(await cursor.take(kept));
}

async function readPlace(
  cursor: ByteCursor,
  header: ArchiveHeader,
  mustHaveData: boolean,
): Promise<{ position: number | null; fileName: string | null }> {
  if (header.format !== 'custom') {
    const fileName = await readText(cursor, header.intSize);
    return { position: null, fileName: fileName === '' ? null : fileName };
  }
  const [state = 0, ...offset] = await cursor.take(1 + header.offsetSize);
  const NOT_SET = 1;
  const SET = 2;
  if (state < NOT_SET || state > 3)
    throw new DumpDamage('its table of contents is damaged (data position of an entry)');
  if (mustHaveData && state !== SET && state !== NOT_SET) {
    throw new DumpDamage('its table of contents is damaged (an entry with data is marked as one without)');
  }
  const position = offset.reduceRight((sum, byte) => sum * 256 + byte, 0);
  return { position: mustHaveData && state === SET ? position : null, fileName: null };
}

function parseOid(text: string | null): number | null {
  if (text === null || !/^\d{1,10}$/.test(text)) return null;
  const oid = Number(text);
  return oid > 0 && oid <= 0xffff_ffff ? oid : null;
}
