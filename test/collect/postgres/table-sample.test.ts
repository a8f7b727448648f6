import { describe, expect, test } from 'vitest';
import { overTableSample } from '../../../src/collect/postgres/table-sample.ts';

const CLAUSE = 'TABLESAMPLE SYSTEM (0.500000) REPEATABLE (7)';
const over = (sql: string) => overTableSample(sql, 0.5, 7)?.replace(/\s+/g, ' ').trim() ?? null;

describe('a statement over a sample of its table', () => {
  test.each([
    ['SELECT object_key FROM artifacts', `SELECT object_key FROM artifacts ${CLAUSE}`],
    [
      'select a.k as object_key from app."Art where" as a;',
      `select a.k as object_key from app."Art where" as a ${CLAUSE}`,
    ],
    ['SELECT k FROM app.artifacts a WHERE gone IS NULL', `SELECT k FROM app.artifacts a ${CLAUSE} WHERE gone IS NULL`],
    [
      'SELECT extract(epoch from t), (SELECT max(x) FROM y GROUP BY z) FROM artifacts -- all\nWHERE k IN (SELECT k FROM other)',
      `SELECT extract(epoch from t), (SELECT max(x) FROM y GROUP BY z) FROM artifacts -- all ${CLAUSE} WHERE k IN (SELECT k FROM other)`,
    ],
  ])('%s', (sql, expected) => {
    expect(over(sql)).toBe(expected);
  });

  test('stands behind a comment that ends with the line', () => {
    expect(overTableSample('SELECT k FROM artifacts -- all of them', 0.5, 7)).toContain(`of them\n ${CLAUSE}`);
  });

  test.each([
    'WITH a AS (SELECT 1) SELECT k FROM a',
    'SELECT k FROM artifacts JOIN blobs USING (id)',
    'SELECT k FROM artifacts, blobs',
    'SELECT k FROM artifacts CROSS JOIN blobs',
    'SELECT k FROM (SELECT k FROM artifacts) AS a',
    'SELECT k FROM artifacts UNION ALL SELECT k FROM others',
    'SELECT DISTINCT k FROM artifacts',
    'SELECT k IS DISTINCT FROM l FROM artifacts',
    'SELECT k FROM artifacts GROUP BY k',
    'SELECT k FROM artifacts ORDER BY k',
    'SELECT k FROM artifacts LIMIT 5',
    'SELECT k FROM generate_series(1, 2) AS k',
    'SELECT k FROM artifacts AS a (k)',
    'SELECT k FROM ONLY artifacts',
    'SELECT k FROM artifacts TABLESAMPLE SYSTEM (1)',
    'TABLE artifacts',
    'VALUES (1)',
    '(SELECT k FROM artifacts)',
    'SELECT 1',
    'SELECT k FROM artifacts; DELETE FROM artifacts',
  ])('is not made of: %s', (sql) => {
    expect(over(sql)).toBeNull();
  });
});
