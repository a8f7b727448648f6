import { checkSingleSelect } from './single-select.ts';
import { type SqlToken, tokenizeSql } from './sql-tokens.ts';

/** Words at the top of a statement that make a sample of its table something else than a sample of its rows. */
const NOT_PLAIN = new Set([
  'all',
  'cross',
  'distinct',
  'except',
  'fetch',
  'for',
  'full',
  'group',
  'having',
  'inner',
  'intersect',
  'join',
  'lateral',
  'left',
  'limit',
  'natural',
  'offset',
  'only',
  'order',
  'right',
  'tablesample',
  'union',
  'window',
]);

/**
 * A plain statement over one table (`SELECT … FROM table [alias] [WHERE …]`) over a sample of that table's blocks
 * instead, the same blocks for the same seed as long as the table is the same. What is read is that share of the table,
 * however large it is (PostgreSQL documentation, SELECT, "TABLESAMPLE").
 *
 * @param statement one SELECT
 * @param percent of the blocks, above 0 and at most 100
 * @param seed a whole number
 * @returns null for any other statement
 */
export function overTableSample(statement: string, percent: number, seed: number): string | null {
  const checked = checkSingleSelect(statement);
  if (!checked.ok) return null;
  const { sql } = checked;
  const read = tokenizeSql(sql);
  if (!read.ok) return null;
  const top = topTokens(read.tokens);
  if (top[0]?.text !== 'select' || top.some(({ kind, text }) => kind === 'word' && NOT_PLAIN.has(text))) return null;
  const froms = top.flatMap(({ kind, text }, index) => (kind === 'word' && text === 'from' ? [index] : []));
  const [from] = froms;
  if (from === undefined || froms.length > 1) return null;
  const end = endOfTable(top, from + 1);
  if (end === null) return null;
  const next = top[end];
  if (next !== undefined && !(next.kind === 'word' && next.text === 'where')) return null;
  const clause = ` TABLESAMPLE SYSTEM (${percent.toFixed(6)}) REPEATABLE (${Math.trunc(seed)}) `;
  // The line break ends a line comment that may stand behind the table.
  if (next === undefined) return `${sql}\n${clause}`;
  return `${sql.slice(0, next.start)}\n${clause}${sql.slice(next.start)}`;
}

/** Tokens outside of all parentheses, and the parentheses themselves. */
function topTokens(tokens: readonly SqlToken[]): readonly SqlToken[] {
  let depth = 0;
  return tokens.filter(({ kind, text }) => {
    if (kind === 'symbol' && text === '(') {
      depth += 1;
      return depth === 1;
    }
    if (kind === 'symbol' && text === ')') {
      depth -= 1;
      return depth === 0;
    }
    return depth === 0;
  });
}

/** Position after `[schema .] table [[AS] alias]`; null where something else stands there. */
function endOfTable(tokens: readonly SqlToken[], begin: number): number | null {
  const isName = (token: SqlToken | undefined) =>
    token?.kind === 'identifier' || (token?.kind === 'word' && token.text !== 'where' && token.text !== 'as');
  const isDot = (token: SqlToken | undefined) => token?.kind === 'symbol' && token.text === '.';
  let at = begin;
  if (!isName(tokens[at])) return null;
  at += 1;
  while (isDot(tokens[at]) && isName(tokens[at + 1])) at += 2;
  if (tokens[at]?.kind === 'word' && tokens[at]?.text === 'as') {
    if (!isName(tokens[at + 1])) return null;
    return at + 2;
  }
  return isName(tokens[at]) ? at + 1 : at;
}
