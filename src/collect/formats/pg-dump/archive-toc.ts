import type { ObjectCount } from '../../../model/database-object.ts';
import type { ByteCursor } from '../byte-cursor.ts';
import type { ArchiveHeader } from './archive-header.ts';
import { createObjectCounter } from './dumped-objects.ts';
import { entryAtHand } from './entry-at-hand.ts';
import { FieldsAtHand } from './fields-at-hand.ts';
import { createKeptBound } from './kept-bound.ts';
import { isKnownToPgRestore } from './owned-kinds.ts';
import { createSequenceValues, SEQUENCE, SEQUENCE_SET, type SequenceValues } from './sequence-values.ts';
import { assertSettingsEntry, isSettingsEntry } from './settings-entries.ts';
import { isPartitionedTable, isUnlogged, parentsOf, type QualifiedName } from './sql-names.ts';
import { damagedContents, type EntryFields, entryFields } from './toc-entry.ts';
import { within } from './within.ts';

/** Archive versions whose table of contents is known: 1.12 (PostgreSQL 9) to 1.16 (17 and 18); pg_backup_archiver.h. */
const KNOWN_MINORS = { from: 12, to: 16 } as const;

const KEPT = new Set(['DATABASE', 'TABLE', 'TABLE DATA', 'ROW SECURITY']);
/** Up to PostgreSQL 16 one for each large object; only the lists of directory and tar archives are compared with them. */
const LARGE_OBJECT = new Set(['BLOB', 'BLOB METADATA']);

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
  /** Of a table, where rows are asked for: those that it is a child of; absent where there are none. */
  readonly parents?: readonly QualifiedName[];
  /** Of a table: whether PostgreSQL empties it after a crash. */
  readonly unlogged: boolean;
  /** Whether its data are COPY lines, which end in `\.` and two empty lines, rather than INSERT statements. */
  readonly copied: boolean;
  /** The COPY statement of the rows that were asked for; absent of all others. */
  readonly copyStatement?: string;
  /** Directory and tar format: how many values each of those lines has; null where that is not told. */
  readonly columns: number | null;
  /** Custom format: where its data block begins; null when pg_dump recorded no position. */
  readonly position: number | null;
  /** Directory and tar format: the file named for its data. */
  readonly fileName: string | null;
}

export interface TableOfContents {
  /** Entries with data and those that identify or list; all others are read over. */
  readonly entries: readonly TocEntry[];
  readonly objects: readonly ObjectCount[];
  readonly sequences: Pick<SequenceValues, 'lacking'>;
  /** Whether entries of these sections exist (`--section`). */
  readonly sections: { readonly preData: boolean; readonly data: boolean; readonly postData: boolean };
  /** Whether there is an owned object of a kind that is unknown: {@link isKnownToPgRestore}. */
  readonly holdsUnknownKind: boolean;
  /** Position right after the last entry. */
  readonly end: number;
}

/**
 * Reads every entry (PostgreSQL source, pg_backup_archiver.c `ReadToc`; custom: pg_backup_custom.c `_ReadExtraToc`).
 * Null, with nothing read, for a version that this reader does not know. @throws DumpDamage, ReadingLimit
 *
 * @param table name of the table whose COPY statement is wanted, in whatever schema
 */
export async function readTableOfContents(
  cursor: ByteCursor,
  header: ArchiveHeader,
  table: string | null = null,
): Promise<TableOfContents | null> {
  if (header.minor < KNOWN_MINORS.from || header.minor > KNOWN_MINORS.to) return null;
  return within('inside its table of contents', () => readEntries(cursor, header, table));
}

async function readEntries(cursor: ByteCursor, header: ArchiveHeader, table: string | null): Promise<TableOfContents> {
  const entries: TocEntry[] = [];
  const seen = new Set<number>();
  const withData = new Set<number>();
  let [largestId, largestTable] = [0, 0];
  let holdsUnknownKind = false;
  const kept = createKeptBound();
  const objects = createObjectCounter(kept);
  const sequences = createSequenceValues(kept);
  const reader = new FieldsAtHand(header.intSize);
  for (let count = 0; count < header.entryCount; count += 1) {
    const { entry, section, isKnown, definition, firstDependency } =
      nextAtHand(reader, cursor, header, table) ?? entryOf(await entryFields(cursor, header, table), header, table);
    if (entry.mustHaveData && withData.has(entry.dumpId))
      throw damagedContents('the number of an entry, which another has');
    if (entry.mustHaveData) withData.add(entry.dumpId);
    largestId = Math.max(largestId, entry.dumpId);
    // pg_restore looks these up (`buildTocEntryArrays`).
    if (entry.description === 'TABLE DATA') largestTable = Math.max(largestTable, firstDependency ?? 0);
    holdsUnknownKind ||= !isKnown;
    seen.add(section);
    objects.add(entry.description, entry.schema);
    if (entry.description === SEQUENCE) sequences.defined(entry.schema, entry.tag, definition);
    if (entry.description === SEQUENCE_SET) sequences.valueSet(entry.schema, entry.tag);
    if (!isKept(entry, header)) continue;
    kept.keep(entry.tag, entry.schema, entry.fileName ?? '');
    entries.push(entry);
  }
  if (largestTable > largestId) throw damagedContents('the table of an entry with data');
  return {
    entries,
    objects: objects.counts(),
    sequences,
    sections: { preData: seen.has(2), data: seen.has(3), postData: seen.has(4) },
    holdsUnknownKind,
    end: cursor.position(),
  };
}

function isKept({ mustHaveData, description }: TocEntry, { format }: ArchiveHeader): boolean {
  return mustHaveData || KEPT.has(description) || (format !== 'custom' && LARGE_OBJECT.has(description));
}

interface ReadEntry {
  readonly entry: TocEntry;
  readonly section: number;
  readonly isKnown: boolean;
  /** As far as it is read. */
  readonly definition: string;
  /** Of an entry TABLE DATA its table. */
  readonly firstDependency: number | null;
}

/** Moves on by one entry where all of it is at hand: no promise for it. @throws DumpDamage */
function nextAtHand(
  reader: FieldsAtHand,
  cursor: ByteCursor,
  header: ArchiveHeader,
  table: string | null,
): ReadEntry | null {
  const near = entryAtHand(reader, cursor.atHand(), header, table);
  if (near === null) return null;
  const entry = entryOf(near.fields, header, table);
  cursor.tryTake(near.length);
  return entry;
}

function entryOf(fields: EntryFields, header: ArchiveHeader, table: string | null): ReadEntry {
  const { dumpId, mustHaveData, tag, description, schema, copied, columns } = fields;
  const { section, definition, firstDependency } = fields;
  if (dumpId <= 0) throw damagedContents('the number of an entry');
  if (section < 1 || section > 4) throw damagedContents('section of an entry');
  if (isSettingsEntry(description)) assertSettingsEntry(description, definition);
  const partitioned =
    fields.relationKind === 'p'.charCodeAt(0) || (header.minor < 16 && isPartitionedTable(definition ?? ''));
  const { position, fileName } = placeOf(fields.place, mustHaveData);
  const oid = parseOid(fields.oid);
  const parents = table !== null && description === 'TABLE' ? parentsOf(definition ?? '') : [];
  const entry = {
    dumpId,
    mustHaveData,
    oid,
    tag,
    description,
    schema,
    partitioned,
    unlogged: description === 'TABLE' && isUnlogged(definition ?? ''),
    copied,
    columns,
    position,
    fileName,
    ...(parents.length === 0 ? {} : { parents }),
  };
  return {
    entry: fields.copyStatement === null ? entry : { ...entry, copyStatement: fields.copyStatement },
    section,
    isKnown: isKnownToPgRestore(description, fields.owner, fields.hasDropStatement),
    definition: definition ?? '',
    firstDependency,
  };
}

const NO_PLACE = { position: null, fileName: null } as const;

function placeOf(place: EntryFields['place'], mustHaveData: boolean): Pick<TocEntry, 'position' | 'fileName'> {
  if (typeof place === 'string' || place === null) {
    if (place !== null && /[/\\]/.test(place)) throw damagedContents('file of an entry');
    return { position: null, fileName: place === '' ? null : place };
  }
  const state = place[0] ?? 0;
  const NOT_SET = 1;
  const SET = 2;
  if (state < NOT_SET || state > 3) throw damagedContents('data position of an entry');
  if (mustHaveData && state !== SET && state !== NOT_SET) {
    throw damagedContents('an entry with data is marked as one without');
  }
  if (!mustHaveData || state !== SET) return NO_PLACE;
  let position = 0;
  for (let at = place.length - 1; at > 0; at -= 1) position = position * 256 + (place[at] ?? 0);
  return { position, fileName: null };
}

function parseOid(text: string): number | null {
  if (!/^\d{1,10}$/.test(text)) return null;
  const oid = Number(text);
  return oid > 0 && oid <= 0xffff_ffff ? oid : null;
}
