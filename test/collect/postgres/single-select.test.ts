import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSingleSelect } from '../../../src/collect/postgres/single-select.ts';

const READS = [
  'SELECT 1',
  'select 1;',
  'SELECT 1 -- the end',
  'SELECT 1; -- the end',
  '(SELECT 1) UNION (SELECT 2)',
  'WITH a AS (SELECT 1) SELECT * FROM a',
  'VALUES (1), (2)',
  'TABLE novantra.organizations',
  "SELECT 'DELETE FROM x; INSERT' AS text",
  "SELECT E'it\\'s; DROP' AS text",
  'SELECT $$;DROP TABLE x$$, $a$ $b$ ; $a$',
  'SELECT "update", t.delete FROM t',
  'SELECT /* ; /* nested ; */ DELETE */ 1',
  'SELECT a$b$ FROM c$d$',
  "SELECT substring(name FROM 1 FOR 3), x::text, 1.5e-3, '{}'::text[] FROM t WHERE a <> 'b'",
  "SELECT settings ->> 'address', settings #>> '{a,b}' FROM p",
  `SELECT created_at AT TIME ZONE 'UTC' AS created_at, count(*) FILTER (WHERE a) FROM "weird ""name"`,
];

const WRITES = [
  '',
  '   -- nothing\n',
  'DELETE FROM x',
  'INSERT INTO x VALUES (1)',
  'SELECT 1; DROP TABLE x',
  'SELECT 1;; SELECT 2',
  'WITH gone AS (DELETE FROM x RETURNING *) SELECT * FROM gone',
  'WITH new AS (INSERT INTO x SELECT 1 RETURNING *) SELECT * FROM new',
  'SELECT * INTO copy FROM x',
  'SELECT * FROM x FOR UPDATE',
  'SELECT * FROM x FOR NO KEY UPDATE',
  'SELECT * FROM x FOR SHARE',
  'SELECT * FROM x FOR /* a comment */ KEY SHARE',
  'SELECT 1) AS dataset; DROP TABLE x; SELECT * FROM (SELECT 1',
  'SELECT 1) AS dataset, (SELECT 2',
  'SELECT (1',
  "SELECT 'unclosed",
  'SELECT "unclosed',
  'SELECT $a$ unclosed $b$',
  'SELECT 1 /* unclosed /* */',
  "SELECT E'a\\'",
  "SELECT E'a'\n'\\'' ; DROP TABLE x --'",
  "SELECT 1E'\\'; DROP TABLE x --'",
  'SELECT 1$$; DROP TABLE x $$',
  "SELECT U&'\\0027; DROP TABLE x --'",
  'SELECT U&"set\\005fconfig"(1)',
  'SELECT $1',
  'SELECT \u0000 1',
  'COPY x TO STDOUT',
  'EXPLAIN ANALYZE DELETE FROM x',
  'SET transaction_read_only = off',
  'DO $$ BEGIN END $$',
  'CALL p()',
  "SELECT set_config('transaction_read_only', 'off', false)",
  'SELECT "set_config" (1)',
  'SELECT pg_catalog.pg_terminate_backend(1)',
  "SELECT nextval('s')",
  "SELECT dblink_exec('host=x', 'DROP TABLE x')",
  "SELECT * FROM pg_read_file('/etc/passwd')",
  'SELECT lo_unlink(1)',
  'SELECT pg_sleep(1000)',
];

describe('checkSingleSelect', () => {
  it.each(READS)('accepts %j', (sql) => {
    expect(checkSingleSelect(sql)).toMatchObject({ ok: true });
  });

  it.each(WRITES)('refuses %j, with a hint', (sql) => {
    expect(checkSingleSelect(sql)).toEqual({ ok: false, problem: expect.any(String), hint: expect.any(String) });
  });

  it('drops a final semicolon and what follows it', () => {
    expect(checkSingleSelect('SELECT 1 ; -- end')).toEqual({ ok: true, sql: 'SELECT 1 ' });
  });

  const fragment = fc.constantFrom(
    "'",
    '"',
    '$$',
    '$a$',
    '--',
    '/*',
    '*/',
    '\n',
    ';',
    '(',
    ')',
    '\\',
    "E'",
    "U&'",
    '$1',
    ' ',
    'a',
    '1',
    '1e',
    "''",
    '""',
    ',',
    '.',
    '\r',
    "\\'",
    'é',
  );
  const DROP = '; DROP TABLE x;';

  /** PostgreSQL's scanner, written the other way round: what remains of a text once everything that is no code is cut out. */
  const NOT_CODE =
    /--[^\n\r]*|(?<![\w$\u0080-\uffff])E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$\u0080-\uffff])(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$).*?\1/gis;

  it('never accepts a statement in which a second one stands outside quotes and comments', () => {
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), fc.array(fragment, { maxLength: 12 }), (before, after) => {
        const sql = `SELECT ${before.join('')}${DROP}${after.join('')}`;
        // Block comments nest, which a regular expression cannot follow; a text without them is judged by this oracle.
        // Nor can it tell a dollar that ended the string before from one of an identifier.
        fc.pre(!sql.includes('/*') && !sql.includes('$$$'));
        const check = checkSingleSelect(sql);
        if (check.ok) expect(check.sql.replace(NOT_CODE, ' ')).not.toMatch(/;|drop/i);
      }),
      { numRuns: 20_000 },
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(fragment).map((parts) => parts.join('')),
        ),
        (sql) => void checkSingleSelect(sql),
      ),
    );
  });
});
