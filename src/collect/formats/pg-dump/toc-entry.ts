import type { ByteCursor } from '../byte-cursor.ts';
import { type ArchiveHeader, readInt, readText } from './archive-header.ts';
import { columnsIn, LONGEST_COPY } from './copied-columns.ts';
import { DumpDamage } from './dump-reading.ts';
import { SEQUENCE } from './sequence-values.ts';
import { isSettingsEntry } from './settings-entries.ts';

export const DEFINITION_TAIL = 64 * 1024;
/** A number of 32 bits has as many digits at most. */
const MOST_DIGITS = 10;
export const TABLE_DATA = 'TABLE DATA';
const LARGEST_ID = 2 ** 31 - 1;
const DIGIT_0 = 0x30;
const utf8 = new TextDecoder('utf-8');

/** What one entry of a table of contents holds, as far as it is looked at. */
export interface EntryFields {
  readonly dumpId: number;
  readonly mustHaveData: boolean;
  readonly oid: string;
  readonly tag: string;
  readonly description: string;
  readonly section: number;
  /** Of a table or a sequence, the last part of its definition; of a setting all of it, null where there is none; else empty. */
  readonly definition: string | null;
  readonly hasDropStatement: boolean;
  readonly copied: boolean;
  /** Of the rows of the table that is asked for, their COPY statement; null of all else, and where they are no COPY lines. */
  readonly copyStatement: string | null;
  /** How many columns the COPY statement names; null where it was not asked: a block of a custom archive names its table. */
  readonly columns: number | null;
  readonly schema: string;
  readonly relationKind: number;
  readonly owner: string | null;
  /** Of an entry TABLE DATA its table. */
  readonly firstDependency: number | null;
  /** Custom format: state and offset of its data. Else the name of its file. */
  readonly place: Uint8Array | string | null;
}

/**
 * The fields of an entry in their order (PostgreSQL source, pg_backup_archiver.c, `ReadToc`), by a cursor that may have
 * to wait for them. @throws DumpDamage, InputEnds
 *
 * @param table name of the table whose COPY statement is kept; null: of none
 */
export async function entryFields(
  cursor: ByteCursor,
  header: ArchiveHeader,
  table: string | null,
): Promise<EntryFields> {
  const { intSize, minor } = header;
  const dumpId = await readInt(cursor, intSize);
  const mustHaveData = (await readInt(cursor, intSize)) !== 0;
  required(await readText(cursor, intSize));
  const oid = required(await readText(cursor, intSize));
  const tag = required(await readText(cursor, intSize));
  const description = required(await readText(cursor, intSize));
  const section = await readInt(cursor, intSize);
  const definition = isSettingsEntry(description)
    ? await readText(cursor, intSize)
    : await readTail(cursor, intSize, isDefinitionRead(description));
  const hasDropStatement = await passText(cursor, intSize);
  const isAsked = tag === table && description === TABLE_DATA;
  const copyStatement = isAsked ? await readText(cursor, intSize) : null;
  const copy = isAsked ? copyTold(copyStatement, header) : await passCopy(cursor, header);
  const schema = (await readText(cursor, intSize)) ?? '';
  await readText(cursor, intSize);
  if (minor >= 14) await readText(cursor, intSize);
  const relationKind = minor >= 16 ? await readInt(cursor, intSize) : 0;
  const owner = await readText(cursor, intSize);
  required(await readText(cursor, intSize));
  let firstDependency: number | null = null;
  for (let text = await readText(cursor, intSize); text !== null; text = await readText(cursor, intSize)) {
    const dependency = dependencyIn(Buffer.from(text), 0, text.length);
    firstDependency ??= dependency;
  }
  const place = header.format === 'custom' ? await cursor.take(1 + header.offsetSize) : await readText(cursor, intSize);
  const text = { oid, tag, description, definition, schema, owner, copyStatement };
  return { ...text, ...copy, dumpId, mustHaveData, section, hasDropStatement, relationKind, firstDependency, place };
}

/** Definitions that tell more than their name: whether a table is partitioned, and what is unlogged. */
export function isDefinitionRead(description: string): boolean {
  return description === 'TABLE' || description === SEQUENCE;
}

/** The last part of a long text, enough to see how it ends, or nothing of it. */
async function readTail(cursor: ByteCursor, intSize: number, wanted: boolean): Promise<string> {
  const length = await readInt(cursor, intSize);
  if (length <= 0) return '';
  const kept = wanted ? Math.min(length, DEFINITION_TAIL) : 0;
  await cursor.skip(length - kept);
  return utf8.decode(await cursor.take(kept));
}

/** Moves past a long text. @returns whether there is any */
async function passText(cursor: ByteCursor, intSize: number): Promise<boolean> {
  const length = await readInt(cursor, intSize);
  if (length > 0) await cursor.skip(length);
  return length > 0;
}

function copyTold(statement: string | null, { format }: ArchiveHeader): Pick<EntryFields, 'copied' | 'columns'> {
  const copied = (statement ?? '') !== '';
  return { copied, columns: copied && format !== 'custom' ? columnsIn(Buffer.from(statement ?? '')) : null };
}

async function passCopy(
  cursor: ByteCursor,
  { intSize, format }: ArchiveHeader,
): Promise<Pick<EntryFields, 'copied' | 'columns'>> {
  if (format === 'custom') return { copied: await passText(cursor, intSize), columns: null };
  const length = await readInt(cursor, intSize);
  if (length <= 0) return { copied: false, columns: null };
  if (length <= LONGEST_COPY) return { copied: true, columns: columnsIn(await cursor.take(length)) };
  await cursor.skip(length);
  return { copied: true, columns: null };
}

/** A text that pg_dump never leaves out and pg_restore takes to be there. @throws DumpDamage */
export function required(text: string | null): string {
  if (text === null) throw damagedContents('an entry lacks what each has');
  return text;
}

/** The number of an entry, also of one that was not dumped, as `%d` prints it. @throws DumpDamage */
export function dependencyIn(bytes: Uint8Array, from: number, end: number): number {
  let number = 0;
  for (let at = from; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - DIGIT_0;
    const isDigit = digit >= (at === from ? 1 : 0) && digit <= 9;
    if (!isDigit) throw damagedContents('dependency of an entry');
    number = number * 10 + digit;
  }
  const length = end - from;
  if (length === 0 || length > MOST_DIGITS || number > LARGEST_ID) throw damagedContents('dependency of an entry');
  return number;
}

export function damagedContents(part: string): DumpDamage {
  return new DumpDamage(`its table of contents is damaged (${part})`);
}
