import { type CopiedRow, TableUnread } from './table-question.ts';

/** How many rows of one table are kept, and how many bytes of their values. */
const MOST_ROWS = 1000;
const MOST_BYTES = 4 * 1024 * 1024;
const LONGEST_ROW = 256 * 1024;

const TAB = 0x09;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const DOT = 0x2e;
const BACKSLASH = 0x5c;
const CAPITAL_N = 0x4e;
const SMALL_X = 0x78;
const ZERO = 0x30;
/** Letters behind a backslash that stand for a control character. */
const CONTROLS: ReadonlyMap<number, number> = new Map(
  Object.entries({ b: 0x08, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b }).map(([letter, byte]) => [
    letter.charCodeAt(0),
    byte,
  ]),
);

/** Takes the rows that follow a COPY statement, in whatever pieces they come. */
export interface CopiedRows {
  /** `piece` must stay as it is. @throws TableUnread where they are no rows, or more than are kept */
  write(piece: Uint8Array): void;
  /** Whether the line that ends them was met. */
  hasEnded(): boolean;
  /** All rows. @throws TableUnread where the line that ends them is missing */
  take(): readonly CopiedRow[];
}

/**
 * Rows in COPY's text format (PostgreSQL documentation, COPY, "File Formats", "Text Format"): values separated by tabs,
 * `\N` for NULL, backslash escapes, one line a row, the line `\.` at the end. Only the values asked for are kept, and a
 * bounded number of them, whatever the rows hold.
 *
 * @param columns of the rows, in their order, as the COPY statement names them
 * @param asked names of those that are wanted
 * @throws TableUnread where one that is wanted is not among them
 */
export function createCopiedRows(columns: readonly string[], asked: readonly string[]): CopiedRows {
  const wanted = asked.map((name) => {
    const at = columns.indexOf(name);
    if (at < 0) throw new TableUnread(`its table has no column ${JSON.stringify(name)}`);
    return at;
  });
  const rows: CopiedRow[] = [];
  /** The line that is being read, in the pieces it came in. */
  let pieces: Buffer[] = [];
  let length = 0;
  let kept = 0;
  let ended = false;

  const add = (piece: Buffer): void => {
    length += piece.length;
    if (length > LONGEST_ROW) throw new TableUnread('it has a row that is larger than any record of a key version');
    if (piece.length > 0) pieces.push(piece);
  };

  const takeLine = (bytes: Buffer): void => {
    const text = bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
    if (ended) {
      if (text.length > 0) throw new TableUnread('more follows the line that ends its rows');
      return;
    }
    if (text.length === 2 && text[0] === BACKSLASH && text[1] === DOT) {
      ended = true;
      return;
    }
    if (rows.length === MOST_ROWS) throw new TableUnread(`it has more than ${MOST_ROWS} rows`);
    const values = valuesOf(text, columns.length);
    const row = wanted.map((at) => valueIn(values[at] ?? Buffer.alloc(0)));
    kept += row.reduce((sum, value) => sum + (value?.length ?? 0), 0);
    if (kept > MOST_BYTES) throw new TableUnread('its rows are larger than any record of a key version');
    rows.push(row);
  };

  return {
    write: (piece) => {
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
      let from = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
        add(bytes.subarray(from, end));
        takeLine(Buffer.concat(pieces, length));
        pieces = [];
        length = 0;
        from = end + 1;
      }
      add(bytes.subarray(from));
    },
    hasEnded: () => ended,
    take: () => {
      if (!ended || length > 0) throw new TableUnread('the line that ends its rows is missing');
      return rows;
    },
  };
}

/** The values of a line, as they are written. A tab inside a value is written as an escape. */
function valuesOf(line: Buffer, columns: number): readonly Buffer[] {
  const values: Buffer[] = [];
  let from = 0;
  for (let tab = line.indexOf(TAB); tab >= 0; tab = line.indexOf(TAB, from)) {
    values.push(line.subarray(from, tab));
    // Lines of hostile content are not taken apart any further.
    if (values.length === columns) break;
    from = tab + 1;
  }
  if (values.length < columns) values.push(line.subarray(from));
  else throw new TableUnread(`a row has more than its ${columns} values`);
  if (values.length < columns) throw new TableUnread(`a row has ${values.length} of its ${columns} values`);
  return values;
}

/** @throws TableUnread where it is no value that PostgreSQL writes */
function valueIn(written: Buffer): string | null {
  if (written.length === 2 && written[0] === BACKSLASH && written[1] === CAPITAL_N) return null;
  const bytes = written.includes(BACKSLASH) ? unescaped(written) : written;
  if (bytes.includes(0)) throw new TableUnread('a value has a zero byte, which PostgreSQL never writes');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new TableUnread('a value is not in UTF-8', { cause: error });
  }
}

/** Backslash and one character, one to three octal digits, or x and one or two hexadecimal digits stand for one byte. */
function unescaped(written: Buffer): Buffer {
  const bytes = Buffer.alloc(written.length);
  let length = 0;
  for (let at = 0; at < written.length; at += 1) {
    let byte = written[at] ?? 0;
    if (byte === BACKSLASH) {
      at += 1;
      const next = written[at];
      if (next === undefined) throw new TableUnread('a value ends in a backslash, which PostgreSQL never writes');
      const octal = digitsAt(written, at, 8, 3);
      const hex = next === SMALL_X ? digitsAt(written, at + 1, 16, 2) : '';
      if (octal !== '') {
        byte = Number.parseInt(octal, 8) & 0xff;
        at += octal.length - 1;
      } else if (hex !== '') {
        byte = Number.parseInt(hex, 16);
        at += hex.length;
      } else byte = CONTROLS.get(next) ?? next;
    }
    bytes[length] = byte;
    length += 1;
  }
  return bytes.subarray(0, length);
}

function digitsAt(bytes: Buffer, from: number, base: 8 | 16, most: number): string {
  let end = from;
  while (end < from + most && isDigit(bytes[end] ?? 0, base)) end += 1;
  return bytes.toString('latin1', from, end);
}

function isDigit(byte: number, base: 8 | 16): boolean {
  if (byte >= ZERO && byte < ZERO + Math.min(base, 10)) return true;
  const letter = byte | 0x20;
  return base === 16 && letter >= 0x61 && letter <= 0x66;
}
