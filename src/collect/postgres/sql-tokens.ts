/** One lexical token of a PostgreSQL statement. Comments and white space give none. */
export interface SqlToken {
  /** `word`: unquoted identifier or keyword. `identifier`: double-quoted. `string`: any quoted literal. */
  readonly kind: 'word' | 'identifier' | 'string' | 'escape-string' | 'number' | 'symbol';
  /** Words in lower case, quoted identifiers without their quotes, symbols as they are; empty for literals. */
  readonly text: string;
  /** Where the token begins in the statement, in UTF-16 code units. */
  readonly start: number;
}

export type Tokens =
  | { readonly ok: true; readonly tokens: readonly SqlToken[] }
  | { readonly ok: false; readonly problem: string };

const SPACE = /[ \t\n\r\f]/;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const JUNK_AFTER_NUMBER = /[\w$'"\u0080-\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/;

function failed(problem: string): { ok: false; problem: string } {
  return { ok: false, problem };
}

function match(pattern: RegExp, sql: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0] ?? null;
}

/** Position after the comment that begins at `at`, `at` itself where none begins, or null when it is never closed. */
function skipComment(sql: string, at: number): number | null {
  if (sql.startsWith('--', at)) {
    let end = at;
    while (end < sql.length && sql[end] !== '\n' && sql[end] !== '\r') end += 1;
    return end;
  }
  if (!sql.startsWith('/*', at)) return at;
  let depth = 1;
  let position = at + 2;
  while (position < sql.length) {
    if (sql.startsWith('/*', position)) depth += 1;
    else if (sql.startsWith('*/', position)) depth -= 1;
    else {
      position += 1;
      continue;
    }
    position += 2;
    if (depth === 0) return position;
  }
  return null;
}

/** Position after the closing quote of what opens at `at`, or null. A doubled quote stands for itself. */
function closeQuote(sql: string, at: number, quote: string, backslashEscapes: boolean): number | null {
  let position = at + 1;
  while (position < sql.length) {
    const character = sql[position];
    if (backslashEscapes && character === '\\') position += 2;
    else if (character !== quote) position += 1;
    else if (sql[position + 1] === quote) position += 2;
    else return position + 1;
  }
  return null;
}

/**
 * Splits a statement into tokens as PostgreSQL's scanner does with `standard_conforming_strings = on`
 * (PostgreSQL documentation, "Lexical Structure"; src/backend/parser/scan.l). Where servers of different versions read the
 * same text differently, the text is refused instead: numbers with letters behind them, string continuation after an
 * escape string, `U&` literals, positional parameters, control characters.
 */
export function tokenizeSql(sql: string): Tokens {
  if (CONTROL.test(sql)) return failed('it contains a control character');
  const tokens: SqlToken[] = [];
  let at = 0;
  while (at < sql.length) {
    const character = sql[at] ?? '';
    if (SPACE.test(character)) {
      at += 1;
      continue;
    }
    const afterComment = skipComment(sql, at);
    if (afterComment === null) return failed('a comment is not closed');
    if (afterComment > at) {
      at = afterComment;
      continue;
    }
    const read = readToken(sql, at, character, tokens.at(-1));
    if (typeof read === 'string') return failed(read);
    tokens.push(read.token);
    at = read.end;
  }
  return { ok: true, tokens };
}

/** The token at `at` and where it ends, or what is wrong with it. */
function readToken(
  sql: string,
  at: number,
  character: string,
  previous: SqlToken | undefined,
): { token: SqlToken; end: number } | string {
  const token = (kind: SqlToken['kind'], text: string, end: number) => ({ token: { kind, text, start: at }, end });
  if (character === "'") {
    if (previous?.kind === 'escape-string') return 'a string follows an escape string; write them as one';
    const end = closeQuote(sql, at, "'", false);
    return end === null ? 'a string is not closed' : token('string', '', end);
  }
  if (character === '"') {
    const end = closeQuote(sql, at, '"', false);
    if (end === null) return 'a quoted identifier is not closed';
    return token('identifier', sql.slice(at + 1, end - 1).replaceAll('""', '"'), end);
  }
  if (character === '$') {
    const tag = match(DOLLAR_TAG, sql, at);
    if (tag === null) return 'it uses a positional parameter';
    const close = sql.indexOf(tag, at + tag.length);
    return close < 0 ? 'a dollar-quoted string is not closed' : token('string', '', close + tag.length);
  }
  const number = match(NUMBER, sql, at);
  if (number !== null) {
    const end = at + number.length;
    if (JUNK_AFTER_NUMBER.test(sql[end] ?? ''))
      return 'a number runs into a letter or a quote; put a space between them';
    return token('number', number, end);
  }
  const word = match(WORD, sql, at);
  if (word === null) return token('symbol', character, at + 1);
  const end = at + word.length;
  const lower = word.toLowerCase();
  if (lower === 'u' && sql[end] === '&' && /['"]/.test(sql[end + 1] ?? ''))
    return 'it uses a U& literal; write it plainly';
  if (lower === 'e' && sql[end] === "'") {
    const close = closeQuote(sql, end, "'", true);
    return close === null ? 'a string is not closed' : token('escape-string', '', close);
  }
  return token('word', lower, end);
}
