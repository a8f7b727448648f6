import { InputEnds } from '../byte-cursor.ts';
import type { ArchiveHeader } from './archive-header.ts';
import { columnsIn, LONGEST_COPY } from './copied-columns.ts';
import type { FieldsAtHand } from './fields-at-hand.ts';
import { isSettingsEntry } from './settings-entries.ts';
import {
  DEFINITION_TAIL,
  dependencyIn,
  type EntryFields,
  isDefinitionRead,
  required,
  TABLE_DATA,
} from './toc-entry.ts';

const utf8 = new TextDecoder('utf-8');

/**
 * The fields of an entry where all their bytes are at hand, and how many these are; null where some are not. An install with
 * many dumps has millions of fields: a promise for each, or a text of which nothing is asked, would take most of the
 * time.
 *
 * @param reader of the archive
 * @param table as of `entryFields`
 * @throws DumpDamage
 */
export function entryAtHand(
  reader: FieldsAtHand,
  bytes: Uint8Array,
  { minor, format, offsetSize }: ArchiveHeader,
  table: string | null,
): { readonly fields: EntryFields; readonly length: number } | null {
  reader.begin(bytes);
  try {
    const dumpId = reader.int();
    const mustHaveData = reader.int() !== 0;
    if (reader.pass() < 0) required(null);
    const oid = required(reader.text());
    const tag = required(reader.text());
    const description = required(reader.text());
    const section = reader.int();
    const definition = isSettingsEntry(description)
      ? reader.text()
      : tailAtHand(reader, bytes, isDefinitionRead(description));
    const hasDropStatement = passLong(reader) > 0;
    const isAsked = tag === table && description === TABLE_DATA;
    const copyLength = passLong(reader);
    const copyEnd = reader.position();
    const copied = copyLength > 0;
    const isCounted = copied && format !== 'custom' && copyLength <= LONGEST_COPY;
    const columns = isCounted ? columnsIn(bytes.subarray(copyEnd - copyLength, copyEnd)) : null;
    const copyStatement = isAsked && copied ? utf8.decode(bytes.subarray(copyEnd - copyLength, copyEnd)) : null;
    const schema = reader.text() ?? '';
    reader.pass();
    if (minor >= 14) reader.pass();
    const relationKind = minor >= 16 ? reader.int() : 0;
    const owner = reader.text();
    if (reader.pass() < 0) required(null);
    let firstDependency: number | null = null;
    for (let length = reader.pass(); length >= 0; length = reader.pass()) {
      const end = reader.position();
      const dependency = dependencyIn(bytes, end - length, end);
      firstDependency ??= dependency;
    }
    const place = format === 'custom' ? placeAtHand(reader, bytes, offsetSize) : reader.text();
    const fields = {
      dumpId,
      mustHaveData,
      oid,
      tag,
      description,
      section,
      definition,
      hasDropStatement,
      copied,
      copyStatement,
      columns,
      schema,
      relationKind,
      owner,
      firstDependency,
      place,
    };
    return { fields, length: reader.position() };
  } catch (error) {
    if (error instanceof InputEnds) return null;
    throw error;
  }
}

/** Moves past a text of whatever length. @returns its length, 0 where there is none */
function passLong(reader: FieldsAtHand): number {
  const length = reader.int();
  if (length <= 0) return 0;
  reader.forward(length);
  return length;
}

function tailAtHand(reader: FieldsAtHand, bytes: Uint8Array, wanted: boolean): string {
  const length = passLong(reader);
  const end = reader.position();
  return wanted && length > 0 ? utf8.decode(bytes.subarray(end - Math.min(length, DEFINITION_TAIL), end)) : '';
}

function placeAtHand(reader: FieldsAtHand, bytes: Uint8Array, offsetSize: number): Uint8Array {
  const end = reader.forward(1 + offsetSize);
  return bytes.subarray(end - 1 - offsetSize, end);
}
