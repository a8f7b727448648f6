import type { ObjectCount } from '../../../model/database-object.ts';
import type { ByteCursor } from '../byte-cursor.ts';
import { type ArchiveHeader, readInt, readText } from './archive-header.ts';
import { DumpDamage } from './dump-reading.ts';
import { createObjectCounter } from './dumped-objects.ts';
import { isKnownToPgRestore } from './owned-kinds.ts';
import { assertSettingsEntry, isSettingsEntry } from './settings-entries.ts';
import { isPartitionedTable } from './sql-names.ts';
import { within } from './within.ts';

/** Archive versions whose table of contents is known: 1.12 (PostgreSQL 9) to 1.16 (17 and 18); pg_backup_archiver.h. */
const KNOWN_MINORS = { from: 12, to: 16 } as const;

const DEFINITION_TAIL = 64 * 1024;
const KEPT = new Set(['DATABASE', 'TABLE', 'TABLE DATA', 'BLOB', 'BLOB METADATA', 'ROW SECURITY']);
/** As `%d` prints the number of an entry. */
const DEPENDENCY = /^[1-9]\d{0,9}$/;
const LARGEST_ID = 2 ** 31 - 1;
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
  /** Whether there is an owned object of a kind that is unknown: {@link isKnownToPgRestore}. */
  readonly holdsUnknownKind: boolean;
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
    const withData = new Set<number>();
    let [largestId, largestTable] = [0, 0];
    let holdsUnknownKind = false;
    const objects = createObjectCounter();
    for (let count = 0; count < header.entryCount; count += 1) {
      const { entry, section, isKnown, firstDependency } = await readEntry(cursor, header);
      if (entry.mustHaveData && withData.has(entry.dumpId))
        throw damagedContents('the number of an entry, which another has');
      if (entry.mustHaveData) withData.add(entry.dumpId);
      largestId = Math.max(largestId, entry.dumpId);
      // pg_restore looks these up (`buildTocEntryArrays`).
      if (entry.description === 'TABLE DATA') largestTable = Math.max(largestTable, firstDependency ?? 0);
      holdsUnknownKind ||= !isKnown;
      seen.add(section);
      objects.add(entry.description, entry.schema);
      if (entry.mustHaveData || KEPT.has(entry.description)) entries.push(entry);
    }
    if (largestTable > largestId) throw damagedContents('the table of an entry with data');
    return {
      entries,
      objects: objects.counts(),
      sections: { preData: seen.has(2), data: seen.has(3), postData: seen.has(4) },
      holdsUnknownKind,
      end: cursor.position(),
    };
  });
}

interface ReadEntry {
  readonly entry: TocEntry;
  readonly section: number;
  readonly isKnown: boolean;
  /** Of an entry TABLE DATA its table. */
  readonly firstDependency: number | null;
}

async function readEntry(cursor: ByteCursor, header: ArchiveHeader): Promise<ReadEntry> {
  const { intSize, minor } = header;
  const dumpId = await readInt(cursor, intSize);
  if (dumpId <= 0) throw damagedContents('the number of an entry');
  const mustHaveData = (await readInt(cursor, intSize)) !== 0;
  await readRequired(cursor, intSize);
  const oid = await readRequired(cursor, intSize);
  const tag = await readRequired(cursor, intSize);
  const description = await readRequired(cursor, intSize);
  const section = await readInt(cursor, intSize);
  if (section < 1 || section > 4) throw damagedContents('section of an entry');
  const definition = await readDefinition(cursor, intSize, description);
  const hasDropStatement = (await readTail(cursor, intSize, true)) !== '';
  const copied = (await readTail(cursor, intSize, true)) !== '';
  const schema = (await readText(cursor, intSize)) ?? '';
  await readText(cursor, intSize);
  if (minor >= 14) await readText(cursor, intSize);
  const relationKind = minor >= 16 ? await readInt(cursor, intSize) : 0;
  const owner = await readText(cursor, intSize);
  await readRequired(cursor, intSize);
  const firstDependency = await readDependencies(cursor, intSize);
  const partitioned = relationKind === 'p'.charCodeAt(0) || (minor < 16 && isPartitionedTable(definition));
  const place = await readPlace(cursor, header, mustHaveData);
  return {
    entry: { dumpId, mustHaveData, oid: parseOid(oid), tag, description, schema, partitioned, copied, ...place },
    section,
    isKnown: isKnownToPgRestore(description, owner, hasDropStatement),
    firstDependency,
  };
}

/** A text that pg_dump never leaves out and pg_restore takes to be there. @throws DumpDamage, InputEnds */
async function readRequired(cursor: ByteCursor, intSize: number): Promise<string> {
  const text = await readText(cursor, intSize);
  if (text === null) throw damagedContents('an entry lacks what each has');
  return text;
}

/** Numbers of entries, also of such as were not dumped, up to a null text. Returns the first. @throws DumpDamage, InputEnds */
async function readDependencies(cursor: ByteCursor, intSize: number): Promise<number | null> {
  let first: number | null = null;
  for (;;) {
    const text = await readText(cursor, intSize);
    if (text === null) return first;
    if (!DEPENDENCY.test(text) || Number(text) > LARGEST_ID) throw damagedContents('dependency of an entry');
    first ??= Number(text);
  }
}

/** What is looked at of the statement that makes an object. @throws DumpDamage, InputEnds */
async function readDefinition(cursor: ByteCursor, intSize: number, description: string): Promise<string> {
  if (!isSettingsEntry(description)) return readTail(cursor, intSize, description === 'TABLE');
  const definition = await readText(cursor, intSize);
  assertSettingsEntry(description, definition);
  return '';
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
    if (fileName !== null && /[/\\]/.test(fileName)) throw damagedContents('file of an entry');
    return { position: null, fileName: fileName === '' ? null : fileName };
  }
  const [state = 0, ...offset] = await cursor.take(1 + header.offsetSize);
  const NOT_SET = 1;
  const SET = 2;
  if (state < NOT_SET || state > 3) throw damagedContents('data position of an entry');
  if (mustHaveData && state !== SET && state !== NOT_SET) {
    throw damagedContents('an entry with data is marked as one without');
  }
  const position = offset.reduceRight((sum, byte) => sum * 256 + byte, 0);
  return { position: mustHaveData && state === SET ? position : null, fileName: null };
}

function parseOid(text: string | null): number | null {
  if (text === null || !/^\d{1,10}$/.test(text)) return null;
  const oid = Number(text);
  return oid > 0 && oid <= 0xffff_ffff ? oid : null;
}

function damagedContents(part: string): DumpDamage {
  return new DumpDamage(`its table of contents is damaged (${part})`);
}
