import { type SqlToken, tokenizeSql } from './sql-tokens.ts';

export type SelectCheck =
  /** `sql` is the statement without a final semicolon and what follows it. */
  { readonly ok: true; readonly sql: string } | { readonly ok: false; readonly problem: string; readonly hint: string };

const FIRST_WORDS = new Set(['select', 'with', 'values', 'table']);
const DATA_CHANGING_WORDS = new Set(['insert', 'update', 'delete', 'merge', 'into']);
const LOCKING_CLAUSES = [['share'], ['key', 'share'], ['no', 'key'], ['update']];

/**
 * Functions that act on the server or on other sessions even in a READ ONLY transaction. The list is a courtesy that
 * catches slips, not a barrier: PostgreSQL, "System Administration Functions", "dblink", "Large Objects".
 */
const ACTING_FUNCTIONS =
  /^(?:set_config|setval|nextval|pg_(?:terminate_backend|cancel_backend|reload_conf|rotate_logfile|switch_wal|create_restore_point|logical_emit_message|notify|promote|wal_replay_\w+|backup_\w+|start_backup|stop_backup|(?:create|drop|copy)_\w*replication_slot\w*|replication_\w+|stat_reset\w*|stat_force_next_flush|import_system_collations|prewarm|(?:try_)?advisory_\w+|sleep\w*|read_\w*file|ls_\w+|stat_file|file_\w+|export_snapshot)|lo_\w+|loread|lowrite|dblink\w*|postgres_fdw_\w+|query_to_xml\w*|cursor_to_xml\w*)$/;

function refuse(problem: string, hint: string): SelectCheck {
  return { ok: false, problem, hint };
}

/**
 * Whether a mapping statement is one single query that only reads: SELECT, WITH, VALUES or TABLE, without a second
 * statement, data-changing words, SELECT INTO, row locks, or parentheses that would let it leave the sub-select it is
 * put into. Words that change data are refused wherever they stand unquoted and unqualified, so a column of that name
 * has to be quoted.
 *
 * This catches mistakes early and with a hint. The barrier that counts is another one: a role without any right to
 * write, and a transaction that is READ ONLY, in which the server itself refuses.
 */
export function checkSingleSelect(sql: string): SelectCheck {
  const read = tokenizeSql(sql);
  if (!read.ok) return refuse(read.problem, 'write one plain SELECT statement');
  const end = read.tokens.findIndex((token) => token.kind === 'symbol' && token.text === ';');
  const tokens = end < 0 ? read.tokens : read.tokens.slice(0, end);
  if (end >= 0 && read.tokens.slice(end).some((token) => token.text !== ';')) {
    return refuse('it holds more than one statement', 'keep one SELECT and remove what follows the semicolon');
  }
  const first = tokens.find((token) => token.text !== '(');
  if (first === undefined) return refuse('it is empty', 'write a SELECT, or declare the dataset absent');
  if (first.kind !== 'word' || !FIRST_WORDS.has(first.text)) {
    return refuse('it does not begin with SELECT, WITH, VALUES or TABLE', 'write one SELECT statement');
  }
  const refusal = checkParentheses(tokens) ?? checkWords(tokens);
  if (refusal !== null) return refusal;
  return { ok: true, sql: end < 0 ? sql : sql.slice(0, read.tokens[end]?.start) };
}

function checkParentheses(tokens: readonly SqlToken[]): SelectCheck | null {
  let depth = 0;
  for (const token of tokens) {
    if (token.kind !== 'symbol') continue;
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    if (depth < 0) break;
  }
  return depth === 0
    ? null
    : refuse('its parentheses do not match', 'close every parenthesis that is opened, in order');
}

function checkWords(tokens: readonly SqlToken[]): SelectCheck | null {
  for (const [index, token] of tokens.entries()) {
    const qualified = tokens[index - 1]?.text === '.' && tokens[index - 1]?.kind === 'symbol';
    if (token.kind === 'word' && !qualified && DATA_CHANGING_WORDS.has(token.text)) {
      return refuse(
        `it uses the word ${token.text.toUpperCase()}`,
        'only read; put a column of that name in double quotes',
      );
    }
    if (token.kind === 'word' && token.text === 'for' && locksRows(tokens, index + 1)) {
      return refuse('it locks rows', 'remove FOR UPDATE or FOR SHARE');
    }
    const called = tokens[index + 1]?.kind === 'symbol' && tokens[index + 1]?.text === '(';
    if (called && (token.kind === 'word' || token.kind === 'identifier') && ACTING_FUNCTIONS.test(token.text)) {
      return refuse(`it calls ${token.text}, which does more than read`, 'remove the call');
    }
  }
  return null;
}

function locksRows(tokens: readonly SqlToken[], at: number): boolean {
  return LOCKING_CLAUSES.some((words) => words.every((word, offset) => tokens[at + offset]?.text === word));
}
