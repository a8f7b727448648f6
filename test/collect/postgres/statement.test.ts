import { describe, expect, it } from 'vitest';
import {
  assertAdmitted,
  catalogueStatement,
  datasetStatement,
  instantLiteral,
  quoteIdentifier,
} from '../../../src/collect/postgres/statement.ts';

describe('statements', () => {
  it('puts a mapping statement into a sub-select that its comment cannot leave', () => {
    const { sql } = datasetStatement('d', 'SELECT 1 AS a -- end', [], {
      select: 'dataset.a',
      orderBy: 'dataset.a',
      limit: 3,
    });
    expect(sql).toBe('SELECT dataset.a FROM (SELECT 1 AS a -- end\n) AS dataset ORDER BY dataset.a LIMIT 3');
  });

  it('admits only what it made itself', () => {
    const made = catalogueStatement('x', 'SELECT 1');
    expect(() => assertAdmitted(made)).not.toThrow();
    expect(() => assertAdmitted({ ...made, sql: 'DROP TABLE x' })).toThrow(TypeError);
    expect(() => Object.assign(made, { sql: 'DROP TABLE x' })).toThrow(TypeError);
    expect(() => catalogueStatement('x', 'DROP TABLE x')).toThrow(TypeError);
    expect(() => datasetStatement('x', 'DROP TABLE x', [])).toThrow(TypeError);
  });

  it('quotes identifiers and writes instants as literals, or refuses', () => {
    expect(quoteIdentifier('a"; DROP')).toBe('"a""; DROP"');
    expect(() => quoteIdentifier('')).toThrow(RangeError);
    expect(instantLiteral('2026-11-22T18:00:00Z')).toBe("TIMESTAMPTZ '2026-11-22T18:00:00.000Z'");
    expect(() => instantLiteral("2026'; DROP")).toThrow(RangeError);
  });
});
