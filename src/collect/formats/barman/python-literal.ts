/** A value of Python's literal syntax. Numbers stay text, as they may exceed 2^53; dictionaries become pairs. */
export type PythonLiteral =
  | null
  | boolean
  | string
  | { readonly number: string }
  | { readonly items: readonly PythonLiteral[] }
  | { readonly pairs: readonly (readonly [PythonLiteral, PythonLiteral])[] };

const DEEPEST = 32;
const WORDS = new Map<string, null | boolean>([
  ['None', null],
  ['True', true],
  ['False', false],
]);
const NUMBER = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z]+/y;
const BLANKS = /[ \t]*/y;
const SIMPLE_ESCAPES = new Map(
  Object.entries({ n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"', a: '\x07', b: '\b', f: '\f', v: '\v' }),
);

/**
 * Reads what Python's `repr` writes for None, booleans, numbers, strings, lists, tuples and dictionaries of these
 * (Python reference, "Lexical analysis"): the fields of Barman's `backup.info` that are more than plain text.
 *
 * @throws RangeError when it is something else, or nested deeper than 32 levels
 */
export function parsePythonLiteral(text: string): PythonLiteral {
  let at = 0;
  const refuse = (): never => {
    throw new RangeError(`no Python literal at character ${at}`);
  };
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const take = (character: string): boolean => {
    match(BLANKS);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  const sequence = (close: string, depth: number): PythonLiteral => {
    const items: PythonLiteral[] = [];
    while (!take(close)) {
      items.push(value(depth + 1));
      if (!take(',')) return take(close) ? { items } : refuse();
    }
    return { items };
  };
  const dictionary = (depth: number): PythonLiteral => {
    const pairs: (readonly [PythonLiteral, PythonLiteral])[] = [];
    while (!take('}')) {
      const key = value(depth + 1);
      if (!take(':')) refuse();
      pairs.push([key, value(depth + 1)]);
      if (!take(',')) return take('}') ? { pairs } : refuse();
    }
    return { pairs };
  };
  const quoted = (quote: string): string => {
    const parts: string[] = [];
    for (;;) {
      const character = text[at];
      if (character === undefined || character === '\n') return refuse();
      at += 1;
      if (character === quote) return parts.join('');
      parts.push(character === '\\' ? escaped() : character);
    }
  };
  const escaped = (): string => {
    const letter = text[at] ?? '';
    at += 1;
    const simple = SIMPLE_ESCAPES.get(letter);
    if (simple !== undefined) return simple;
    const digits = { x: 2, u: 4, U: 8 }[letter];
    if (digits === undefined) return refuse();
    const hex = text.slice(at, at + digits);
    const code = Number.parseInt(hex, 16);
    if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length !== digits || code > 0x10_ffff) return refuse();
    at += digits;
    return String.fromCodePoint(code);
  };
  const value = (depth: number): PythonLiteral => {
    if (depth > DEEPEST) return refuse();
    if (take('[')) return sequence(']', depth);
    if (take('(')) return sequence(')', depth);
    if (take('{')) return dictionary(depth);
    if (take("'")) return quoted("'");
    if (take('"')) return quoted('"');
    const number = match(NUMBER);
    if (number !== '') return { number };
    const word = WORDS.get(match(WORD));
    return word === undefined ? refuse() : word;
  };
  const result = value(0);
  match(BLANKS);
  return at === text.length ? result : refuse();
}
