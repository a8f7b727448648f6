import { createKeptText } from './kept-text.ts';
import { endOfOrdinary, isNameByte } from './sql-bytes.ts';
import * as skippers from './sql-skippers.ts';

// A COPY statement lists up to 1600 columns by names of up to 63 bytes, in quotes and with every quote doubled.
const STATEMENT_LENGTH = 256 * 1024;
const LINE_LENGTH = 4 * 1024;
const LONGEST_TAG = 256;
const NEWLINE = 0x0a;
const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const DOLLAR = 0x24;
const DASH = 0x2d;
const SLASH = 0x2f;
const STAR = 0x2a;
const BACKSLASH = 0x5c;
const SEMICOLON = 0x3b;

/** What the scanner comes across outside string constants, function bodies and COPY rows. */
export interface SqlEvents {
  /** A `--` comment that stands alone, without its dashes; `end` is the position right after its last character. */
  comment(text: string, end: number): void;
  /**
   * A statement without its semicolon, up to 256 KiB of it; string constants and function bodies are left out, so that no
   * row and no password is kept. The answer `rows` says that COPY rows follow on the next line; `escapes` and
   * `no-escapes` that from now on a backslash is an escape, or is none, in ordinary string constants.
   */
  statement(text: string, end: number): 'rows' | 'escapes' | 'no-escapes' | null;
  /** A psql command at the start of a statement, with its backslash. */
  command(line: string, end: number): void;
  /** Bytes of the rows that follow a COPY statement, up to and including the line `\.`; each piece as it comes. */
  rows?(piece: Uint8Array): void;
}

/** Splits a plain dump into statements, comments, psql commands and rows, in whatever chunks it comes. */
export interface SqlScanner {
  write(chunk: Uint8Array): void;
  /** Ends the last line. Returns what the text ended inside of, to continue "the file ends inside …", or null. */
  end(): string | null;
}

/** Reads on from a position; returns where it stopped, which is before the chunk's end only after a change of mode. */
type Mode = (chunk: Uint8Array, from: number) => number;

/** Lexical rules: PostgreSQL documentation, sections 4.1.1 to 4.1.5; for the commands: psql, "Meta-Commands". */
export function createSqlScanner(events: SqlEvents): SqlScanner {
  const statement = createKeptText(STATEMENT_LENGTH);
  let passed = 0;
  /** The two bytes of code before the current one. */
  let before = 0;
  let beforeThat = 0;
  let backslashEscapes = false;
  let escapes = false;
  let inside: string | null = null;
  let endLine: (() => void) | null = null;
  let mode: Mode;

  const toCode = (last: number): void => {
    beforeThat = 0;
    before = last;
    inside = null;
    endLine = null;
    mode = code;
  };

  /** Passes over something, which `see` is shown, then goes on with `next`. */
  const skip = (what: string, skipper: skippers.Skipper, next: () => void, see?: (piece: Uint8Array) => void): void => {
    inside = what;
    mode = (chunk, from) => {
      const end = skipper(chunk, from);
      see?.(chunk.subarray(from, end ?? chunk.length));
      if (end !== null) next();
      return end ?? chunk.length;
    };
  };

  const line = createKeptText(LINE_LENGTH);
  let report: (text: string, end: number) => void = events.comment;
  const finishLine = (end: number): void => {
    toCode(NEWLINE);
    report(line.take(), end);
  };
  const finishLastLine = (): void => finishLine(passed);
  const restOfLine: Mode = (chunk, from) => {
    const newline = chunk.indexOf(NEWLINE, from);
    const end = newline < 0 ? chunk.length : newline;
    line.keepAll(chunk, from, end);
    if (newline >= 0) finishLine(passed + newline);
    return end;
  };
  /** Keeps the rest of the line and reports it. */
  const keepLine = (to: (text: string, end: number) => void): void => {
    report = to;
    endLine = finishLastLine;
    mode = restOfLine;
  };

  const endStatement = (end: number): void => {
    if (statement.length() === 0) return;
    const answer = events.statement(statement.take(), end);
    if (answer === 'escapes' || answer === 'no-escapes') backslashEscapes = answer === 'escapes';
    if (answer !== 'rows') return;
    const rows = 'the rows of a table';
    const see = events.rows?.bind(events);
    skip(rows, skippers.lineSkipper(), () => skip(rows, skippers.rowSkipper(), () => toCode(NEWLINE), see));
  };

  const beginQuote = (last: number, lastButOne: number): void => {
    // A quote right behind a closing one goes on with the same constant.
    if (last !== QUOTE) escapes = backslashEscapes || ((last | 0x20) === 0x65 && !isNameByte(lastButOne));
    skip('a string constant', skippers.constantSkipper(escapes), () => toCode(QUOTE));
  };

  const name: Mode = (chunk, from) => {
    const quote = chunk.indexOf(DOUBLE_QUOTE, from);
    const end = quote < 0 ? chunk.length : quote + 1;
    for (let at = from; at < end; at += 1) statement.keep(chunk[at] ?? 0);
    if (quote >= 0) toCode(DOUBLE_QUOTE);
    return end;
  };

  const beginDollar = (): void => {
    const tag = [DOLLAR];
    mode = (chunk, from) => {
      const byte = chunk[from] ?? 0;
      if (byte === DOLLAR) {
        tag.push(byte);
        skip('a function body', skippers.dollarSkipper(tag), () => toCode(DOLLAR));
        return from + 1;
      }
      if (isNameByte(byte) && tag.length < LONGEST_TAG) {
        tag.push(byte);
        return from + 1;
      }
      // No quotation after all, such as `$1`: the byte is code again.
      for (const kept of tag) statement.keep(kept);
      toCode(tag.at(-1) ?? DOLLAR);
      return from;
    };
  };

  const readByte = (byte: number, end: number): void => {
    const last = before;
    const lastButOne = beforeThat;
    beforeThat = last;
    before = byte;
    if (byte === DASH && last === DASH) {
      statement.dropLast(DASH);
      keepLine(statement.length() === 0 ? events.comment : passOver);
    } else if (byte === STAR && last === SLASH) {
      statement.dropLast(SLASH);
      skip('a comment', skippers.bracketedCommentSkipper(), () => toCode(SLASH));
    } else if (byte === SEMICOLON) {
      endStatement(end);
    } else if (byte === BACKSLASH && statement.length() === 0) {
      line.keep(byte);
      keepLine(events.command);
    } else if (byte === DOLLAR && !isNameByte(last)) {
      beginDollar();
    } else {
      statement.keep(byte);
      if (byte === QUOTE) beginQuote(last, lastButOne);
      if (byte === DOUBLE_QUOTE) {
        inside = 'a quoted name';
        mode = name;
      }
    }
  };

  const code: Mode = (chunk, from) => {
    let at = from;
    while (at < chunk.length && mode === code) {
      const end = endOfOrdinary(chunk, at);
      if (end - at > 1) {
        statement.keepAll(chunk, at, end);
        beforeThat = chunk[end - 2] ?? 0;
        before = chunk[end - 1] ?? 0;
        at = end;
        continue;
      }
      readByte(chunk[at] ?? 0, passed + at + 1);
      at += 1;
    }
    return at;
  };

  mode = code;
  return {
    write: (chunk) => {
      for (let at = 0; at < chunk.length; ) at = mode(chunk, at);
      passed += chunk.length;
    },
    end: () => {
      endLine?.();
      return inside ?? (statement.length() > 0 ? 'a statement' : null);
    },
  };
}

/** What becomes of a comment inside a statement. */
function passOver(): void {}
