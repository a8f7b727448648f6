import { type ByteCursor, InputEnds } from '../byte-cursor.ts';
import {
  type ArchiveHeader,
  assertNameLength,
  assertNoZeroByte,
  decodeIntAt,
  readInt,
  readText,
} from './archive-header.ts';
import { DumpDamage } from './dump-reading.ts';
import { isSettingsEntry } from './settings-entries.ts';

const DEFINITION_TAIL = 64 * 1024;
/** As `%d` prints the number of an entry. */
const DEPENDENCY = /^[1-9]\d{0,9}$/;
const LARGEST_ID = 2 ** 31 - 1;
const utf8 = new TextDecoder('utf-8');

/** What one entry of a table of contents holds, as far as it is looked at. */
export interface EntryFields {
  readonly dumpId: number;
  readonly mustHaveData: boolean;
  readonly oid: string;
  readonly tag: string;
  readonly description: string;
  readonly section: number;
  /** Of a table, the last part of its definition; of a setting all of it, null where there is none; else empty. */
  readonly definition: string | null;
  readonly hasDropStatement: boolean;
  readonly copied: boolean;
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
 */
export async function entryFields(cursor: ByteCursor, header: ArchiveHeader): Promise<EntryFields> {
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
    : await readTail(cursor, intSize, description === 'TABLE');
  const hasDropStatement = (await readTail(cursor, intSize, true)) !== '';
  const copied = (await readTail(cursor, intSize, true)) !== '';
  const schema = (await readText(cursor, intSize)) ?? '';
  await readText(cursor, intSize);
  if (minor >= 14) await readText(cursor, intSize);
  const relationKind = minor >= 16 ? await readInt(cursor, intSize) : 0;
  const owner = await readText(cursor, intSize);
  required(await readText(cursor, intSize));
  let firstDependency: number | null = null;
  for (let text = await readText(cursor, intSize); text !== null; text = await readText(cursor, intSize)) {
    const dependency = dependencyOf(text);
    firstDependency ??= dependency;
  }
  const place = header.format === 'custom' ? await cursor.take(1 + header.offsetSize) : await readText(cursor, intSize);
  const text = { oid, tag, description, definition, schema, owner };
  return { ...text, dumpId, mustHaveData, section, hasDropStatement, copied, relationKind, firstDependency, place };
}

/** The last part of a long text, enough to see how it ends, or nothing of it. */
async function readTail(cursor: ByteCursor, intSize: number, wanted: boolean): Promise<string> {
  const length = await readInt(cursor, intSize);
  if (length <= 0) return '';
  const kept = wanted ? Math.min(length, DEFINITION_TAIL) : 0;
  await cursor.skip(length - kept);
  return utf8.decode(await cursor.take(kept));
}

/**
 * The same fields where all their bytes are at hand, and how many these are; null where some are not. An install with
 * many dumps has millions of fields, and a promise for each would take most of the time.
 *
 * @throws DumpDamage
 */
export function entryAtHand(
  bytes: Uint8Array,
  { intSize, minor, format, offsetSize }: ArchiveHeader,
): { readonly fields: EntryFields; readonly length: number } | null {
  let at = 0;
  const forward = (length: number): number => {
    at += length;
    if (at > bytes.length) throw new InputEnds();
    return at;
  };
  const int = (): number => {
    const end = forward(intSize + 1);
    return decodeIntAt(bytes, end - intSize - 1, end);
  };
  const text = (): string | null => {
    const length = int();
    if (length < 0) return null;
    assertNameLength(length);
    const end = forward(length);
    const name = bytes.subarray(end - length, end);
    assertNoZeroByte(name);
    return utf8.decode(name);
  };
  const tail = (wanted: boolean): string => {
    const length = int();
    if (length <= 0) return '';
    const end = forward(length);
    return wanted ? utf8.decode(bytes.subarray(end - Math.min(length, DEFINITION_TAIL), end)) : '';
  };
  try {
    const dumpId = int();
    const mustHaveData = int() !== 0;
    required(text());
    const oid = required(text());
    const tag = required(text());
    const description = required(text());
    const section = int();
    const definition = isSettingsEntry(description) ? text() : tail(description === 'TABLE');
    const hasDropStatement = tail(true) !== '';
    const copied = tail(true) !== '';
    const schema = text() ?? '';
    text();
    if (minor >= 14) text();
    const relationKind = minor >= 16 ? int() : 0;
    const owner = text();
    required(text());
    let firstDependency: number | null = null;
    for (let next = text(); next !== null; next = text()) {
      const dependency = dependencyOf(next);
      firstDependency ??= dependency;
    }
    const place = format === 'custom' ? bytes.subarray(forward(1 + offsetSize) - 1 - offsetSize, at) : text();
    const texts = { oid, tag, description, definition, schema, owner };
    const rest = { dumpId, mustHaveData, section, hasDropStatement, copied, relationKind, firstDependency, place };
    return { fields: { ...texts, ...rest }, length: at };
  } catch (error) {
    if (error instanceof InputEnds) return null;
    throw error;
  }
}

/** A text that pg_dump never leaves out and pg_restore takes to be there. @throws DumpDamage */
function required(text: string | null): string {
  if (text === null) throw damagedContents('an entry lacks what each has');
  return text;
}

/** The number of an entry, also of one that was not dumped. @throws DumpDamage */
function dependencyOf(text: string): number {
  if (!DEPENDENCY.test(text) || Number(text) > LARGEST_ID) throw damagedContents('dependency of an entry');
  return Number(text);
}

export function damagedContents(part: string): DumpDamage {
  return new DumpDamage(`its table of contents is damaged (${part})`);
}
