import { type ByteCursor, InputEnds } from '../byte-cursor.ts';
import { type ArchiveHeader, assertNameLength, decodeIntAt, readInt, readText } from './archive-header.ts';
import { DumpDamage } from './dump-reading.ts';

const DEFINITION_TAIL = 64 * 1024;
const utf8 = new TextDecoder('utf-8');

/** What one entry of a table of contents holds, as far as it is looked at. */
export interface EntryFields {
  readonly dumpId: number;
  readonly mustHaveData: boolean;
  readonly oid: string | null;
  readonly tag: string;
  readonly description: string;
  readonly section: number;
  /** Of a table, the last part of its definition; else empty. */
  readonly definition: string;
  readonly copied: boolean;
  readonly schema: string;
  readonly relationKind: number;
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
  await readText(cursor, intSize);
  const oid = await readText(cursor, intSize);
  const tag = (await readText(cursor, intSize)) ?? '';
  const description = (await readText(cursor, intSize)) ?? '';
  const section = sectionOf(await readInt(cursor, intSize));
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
  const place = header.format === 'custom' ? await cursor.take(1 + header.offsetSize) : await readText(cursor, intSize);
  return { dumpId, mustHaveData, oid, tag, description, section, definition, copied, schema, relationKind, place };
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
  /** Moves past a text. @returns its length, negative for null */
  const pass = (): number => {
    const length = int();
    assertNameLength(length);
    if (length > 0) forward(length);
    return length;
  };
  const text = (): string | null => {
    const length = pass();
    return length < 0 ? null : utf8.decode(bytes.subarray(at - length, at));
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
    pass();
    const oid = text();
    const tag = text() ?? '';
    const description = text() ?? '';
    const section = sectionOf(int());
    const definition = tail(description === 'TABLE');
    tail(false);
    const copied = tail(true) !== '';
    const schema = text() ?? '';
    pass();
    if (minor >= 14) pass();
    const relationKind = minor >= 16 ? int() : 0;
    pass();
    pass();
    while (pass() >= 0) {
      // Dependencies, up to a null text.
    }
    const place = format === 'custom' ? bytes.subarray(forward(1 + offsetSize) - 1 - offsetSize, at) : text();
    const fields = {
      dumpId,
      mustHaveData,
      oid,
      tag,
      description,
      section,
      definition,
      copied,
      schema,
      relationKind,
      place,
    };
    return { fields, length: at };
  } catch (error) {
    if (error instanceof InputEnds) return null;
    throw error;
  }
}

function sectionOf(section: number): number {
  if (section < 1 || section > 4) throw new DumpDamage('its table of contents is damaged (section of an entry)');
  return section;
}
