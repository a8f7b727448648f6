import { counted } from '../../../model/text.ts';
import { DumpDamage } from './dump-reading.ts';
import { COPIED_COLUMN, COPY_STATEMENT } from './sql-names.ts';

const TAB = 0x09;
const NEWLINE = 0x0a;
/** What ends the rows, also where the lines were changed to those of Windows; no row is that, as COPY doubles every backslash. */
const END_MARKS: readonly string[] = ['\\.', '\\.\r'];
const LONGEST_END = 3;

/** 1600 columns by names of up to 63 bytes, in quotes and with every quote doubled. */
export const LONGEST_COPY = 256 * 1024;

/** Statements met before: the dumps of a location have most of theirs in common. What is kept is bounded. */
const COUNTED = new Map<string, number | null>();
const MOST_COUNTED = 1024;
const LONGEST_COUNTED = 4 * 1024;

/**
 * How many columns the `COPY` statement of an archive names; null for one that names none, as of a table without columns.
 * Its encoding is that of the dump, of which all keep ASCII.
 */
export function columnsIn(statement: Uint8Array): number | null {
  const text = Buffer.from(statement.buffer, statement.byteOffset, statement.length).toString('latin1');
  const known = COUNTED.get(text);
  if (known !== undefined) return known;
  const names = COPY_STATEMENT.exec(text)?.[1];
  const count = names === undefined ? null : [...names.matchAll(COPIED_COLUMN)].length;
  if (COUNTED.size >= MOST_COUNTED) COUNTED.clear();
  if (text.length <= LONGEST_COUNTED) COUNTED.set(text, count);
  return count;
}

/**
 * Looks at the first of the rows that arrive in pieces: it has one value for each column, separated by tabs, which stand
 * in no value (PostgreSQL documentation, "COPY", text format). Another number shows that the rows are of another table,
 * or that their tabs were changed; where both have as many columns nothing does.
 *
 * @param damage what a wrong number of values is told as
 */
export function firstRowVisitor(
  columns: number,
  damage: (values: number, columns: number) => DumpDamage = otherTable,
): (piece: Uint8Array) => void {
  let values = 1;
  let length = 0;
  let isOver = false;
  const begin: number[] = [];
  return (piece) => {
    for (const byte of isOver ? [] : piece) {
      if (byte === NEWLINE) {
        isOver = true;
        const isEnd = length === begin.length && END_MARKS.includes(Buffer.from(begin).toString('latin1'));
        if (!isEnd && values !== columns) throw damage(values, columns);
        return;
      }
      if (byte === TAB) values += 1;
      if (begin.length < LONGEST_END) begin.push(byte);
      length += 1;
    }
  };
}

function otherTable(values: number, columns: number): DumpDamage {
  return new DumpDamage(
    `its first row has ${counted(values, 'value')}, and the table ${counted(columns, 'column')}: the rows are of another table`,
  );
}

/** The same of rows below the COPY statement that names their table: its text was changed. */
export function changedRows(table: string): (values: number, columns: number) => DumpDamage {
  return (values, columns) =>
    new DumpDamage(
      `the first row of table ${table} has ${counted(values, 'value')}, and its COPY statement ${counted(columns, 'column')}: tabs between values were changed or lost, and psql refuses the rows`,
    );
}
