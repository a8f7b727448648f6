import { DumpDamage } from './dump-reading.ts';
import { COPIED_COLUMN, COPY_STATEMENT } from './sql-names.ts';

const TAB = 0x09;
const NEWLINE = 0x0a;
/** What ends the rows; no row is that, as COPY doubles every backslash. */
const END = Buffer.from('\\.');

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
 * in no value (PostgreSQL documentation, "COPY", text format). Another number shows that the rows are of another table;
 * where both have as many columns nothing does.
 */
export function firstRowVisitor(columns: number): (piece: Uint8Array) => void {
  let values = 1;
  let length = 0;
  let isOver = false;
  const begin: number[] = [];
  return (piece) => {
    for (const byte of isOver ? [] : piece) {
      if (byte === NEWLINE) {
        isOver = true;
        const isEnd = length === END.length && END.equals(Buffer.from(begin));
        if (!isEnd && values !== columns) throw new DumpDamage(otherTable(values, columns));
        return;
      }
      if (byte === TAB) values += 1;
      if (length < END.length) begin.push(byte);
      length += 1;
    }
  };
}

function otherTable(values: number, columns: number): string {
  const own = columns === 1 ? '1 column' : `${columns} columns`;
  return `its first row has ${values === 1 ? '1 value' : `${values} values`}, and the table ${own}: the rows are of another table`;
}
