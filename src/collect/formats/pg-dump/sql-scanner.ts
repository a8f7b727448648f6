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
const SET_ENCODING = "SET client_encoding = '";

/** What the scanner comes across outside string constants, function bodies and COPY rows. */
export interface SqlEvents {
  /** A `--` comment that stands alone, without its dashes; `end` is the position right after its last character. */
  comment(text: string, end: number): void;
  /**
   * A statement without its semicolon, up to 256 KiB of it; string constants and function bodies are left out, so that no
   * row and no password is kept, but for the name of the encoding in `SET client_encoding`. The answer `rows` says that COPY rows follow on the next line; `escapes` and
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

/** Lexical rules: PostgreSQL documentation, sections 4.1.1 to 4.1.5; for the commands: psql, "Meta-Commands". */
export function createSqlScanner(events: SqlEvents): SqlScanner {
  return new Scanner(events);
}

/** What the bytes at the current position belong to. */
type Mode = 'code' | 'line' | 'name' | 'dollar' | 'passed over';

/** A class, unlike most here: what the engine has compiled of its methods outlives each of many thousand small dumps. */
class Scanner implements SqlScanner {
  private readonly events: SqlEvents;
  private readonly statement = createKeptText(STATEMENT_LENGTH);
  private readonly line = createKeptText(LINE_LENGTH);
  private mode: Mode = 'code';
  private passed = 0;
  /** The two bytes of code before the current one. */
  private before = 0;
  private beforeThat = 0;
  private backslashEscapes = false;
  private escapes = false;
  private inside: string | null = null;
  /** What becomes of the line that is kept; null of a comment inside a statement. */
  private lineIs: 'comment' | 'command' | null = null;
  private tag: number[] = [];
  /** The quote that ends what is kept of a name or constant. */
  private closing = DOUBLE_QUOTE;
  private skipper: skippers.Skipper = skippers.toNextLine;
  /** The byte that counts as the last one of code behind what is passed over. */
  private lastAfter = 0;
  /** Whether rows are what is passed over next. */
  private beforeRows = false;
  private inRows = false;

  constructor(events: SqlEvents) {
    this.events = events;
  }

  write(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) at = this.readOn(chunk, at);
    this.passed += chunk.length;
  }

  end(): string | null {
    if (this.mode === 'line') this.finishLine(this.passed);
    return this.inside ?? (this.statement.length() > 0 ? 'a statement' : null);
  }

  /** Reads on from a position. @returns where it stopped, which is before the chunk's end only after a change of mode */
  private readOn(chunk: Uint8Array, from: number): number {
    switch (this.mode) {
      case 'code':
        return this.code(chunk, from);
      case 'line':
        return this.restOfLine(chunk, from);
      case 'name':
        return this.name(chunk, from);
      case 'dollar':
        return this.dollar(chunk, from);
      case 'passed over':
        return this.passOver(chunk, from);
    }
  }

  private toCode(last: number): void {
    this.beforeThat = 0;
    this.before = last;
    this.inside = null;
    this.mode = 'code';
  }

  private skip(what: string, skipper: skippers.Skipper, lastAfter: number): void {
    this.inside = what;
    this.skipper = skipper;
    this.lastAfter = lastAfter;
    this.mode = 'passed over';
  }

  private passOver(chunk: Uint8Array, from: number): number {
    const end = this.skipper(chunk, from);
    if (this.inRows) this.events.rows?.(chunk.subarray(from, end ?? chunk.length));
    if (end === null) return chunk.length;
    this.inRows = this.beforeRows;
    this.beforeRows = false;
    if (this.inRows) this.skipper = skippers.rowSkipper();
    else this.toCode(this.lastAfter);
    return end;
  }

  private finishLine(end: number): void {
    this.toCode(NEWLINE);
    const text = this.line.take();
    if (this.lineIs === 'comment') this.events.comment(text, end);
    if (this.lineIs === 'command') this.events.command(text, end);
  }

  private restOfLine(chunk: Uint8Array, from: number): number {
    const newline = chunk.indexOf(NEWLINE, from);
    const end = newline < 0 ? chunk.length : newline;
    this.line.keepAll(chunk, from, end);
    if (newline >= 0) this.finishLine(this.passed + newline);
    return end;
  }

  /** Keeps the rest of the line. */
  private keepLine(lineIs: Scanner['lineIs']): void {
    this.lineIs = lineIs;
    this.mode = 'line';
  }

  private endStatement(end: number): void {
    if (this.statement.length() === 0) return;
    const answer = this.events.statement(this.statement.take(), end);
    if (answer === 'escapes' || answer === 'no-escapes') this.backslashEscapes = answer === 'escapes';
    if (answer !== 'rows') return;
    this.beforeRows = true;
    this.skip('the rows of a table', skippers.toNextLine, NEWLINE);
  }

  private beginQuote(last: number, lastButOne: number): void {
    // A quote right behind a closing one goes on with the same constant.
    if (last !== QUOTE) this.escapes = this.backslashEscapes || ((last | 0x20) === 0x65 && !isNameByte(lastButOne));
    this.skip('a string constant', this.escapes ? skippers.escapingSkipper() : skippers.toNextQuote, QUOTE);
  }

  private keepQuoted(what: string, closing: number): void {
    this.inside = what;
    this.closing = closing;
    this.mode = 'name';
  }

  private name(chunk: Uint8Array, from: number): number {
    const quote = chunk.indexOf(this.closing, from);
    const end = quote < 0 ? chunk.length : quote + 1;
    for (let at = from; at < end; at += 1) this.statement.keep(chunk[at] ?? 0);
    if (quote >= 0) this.toCode(this.closing);
    return end;
  }

  private dollar(chunk: Uint8Array, from: number): number {
    const byte = chunk[from] ?? 0;
    if (byte === DOLLAR) {
      this.tag.push(byte);
      this.skip('a function body', skippers.dollarSkipper(this.tag), DOLLAR);
      return from + 1;
    }
    if (isNameByte(byte) && this.tag.length < LONGEST_TAG) {
      this.tag.push(byte);
      return from + 1;
    }
    // No quotation after all, such as `$1`: the byte is code again.
    for (const kept of this.tag) this.statement.keep(kept);
    this.toCode(this.tag.at(-1) ?? DOLLAR);
    return from;
  }

  private code(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length && this.mode === 'code') {
      const end = endOfOrdinary(chunk, at);
      if (end - at > 1) {
        this.statement.keepAll(chunk, at, end);
        this.beforeThat = chunk[end - 2] ?? 0;
        this.before = chunk[end - 1] ?? 0;
        at = end;
        continue;
      }
      this.readByte(chunk[at] ?? 0, this.passed + at + 1);
      at += 1;
    }
    return at;
  }

  private readByte(byte: number, end: number): void {
    const last = this.before;
    const lastButOne = this.beforeThat;
    const { statement } = this;
    this.beforeThat = last;
    this.before = byte;
    if (byte === DASH && last === DASH) {
      statement.dropLast(DASH);
      this.keepLine(statement.length() === 0 ? 'comment' : null);
    } else if (byte === STAR && last === SLASH) {
      statement.dropLast(SLASH);
      this.skip('a comment', skippers.bracketedCommentSkipper(), SLASH);
    } else if (byte === SEMICOLON) {
      this.endStatement(end);
    } else if (byte === BACKSLASH && statement.length() === 0) {
      this.line.keep(byte);
      this.keepLine('command');
    } else if (byte === DOLLAR && !isNameByte(last)) {
      this.tag = [DOLLAR];
      this.mode = 'dollar';
    } else {
      statement.keep(byte);
      if (byte === DOUBLE_QUOTE) this.keepQuoted('a quoted name', byte);
      else if (byte === QUOTE && statement.isJust(SET_ENCODING)) this.keepQuoted('a string constant', byte);
      else if (byte === QUOTE) this.beginQuote(last, lastButOne);
    }
  }
}
