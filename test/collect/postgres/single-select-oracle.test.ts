import fc from 'fast-check';
import { Client, DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { checkSingleSelect } from '../../../src/collect/postgres/single-select.ts';
import { debianPostgresUnavailable, startDebianPostgres } from '../../services/postgres-debian.ts';
import { embeddedPostgresUnavailable, startEmbeddedPostgres } from '../../services/postgres-embedded.ts';

const servers = [
  { title: 'PostgreSQL 15', reason: debianPostgresUnavailable(), start: startDebianPostgres },
  { title: 'PostgreSQL 18', reason: embeddedPostgresUnavailable(), start: startEmbeddedPostgres },
] as const;

/** Pieces that open, close or escape something, and what an attacker would like to have read as code. */
const inside = fc
  .array(
    fc.constantFrom(
      "'",
      "''",
      '"',
      '$$',
      '$a$',
      '--',
      '/*',
      '*/',
      '\n',
      '\r',
      '\\',
      "\\'",
      '; SELECT 2',
      ')',
      '(',
      'x',
      ' ',
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''));
const wrapped = fc
  .tuple(
    fc.constantFrom(
      ["'", "'"],
      ["E'", "'"],
      ["e'", "'"],
      ["B'", "'"],
      ["N'", "'"],
      ['$$', '$$'],
      ['$a$', '$a$'],
      ['"', '"'],
      ['/*', '*/'],
      ['--', '\n'],
    ),
    inside,
  )
  .map(([[open = '', close = ''], content]) => `${open}${content}${close}`);
const piece = fc.oneof(
  { weight: 3, arbitrary: wrapped },
  { weight: 1, arbitrary: inside },
  { weight: 1, arbitrary: fc.constantFrom('1', ',1', 'a$', '1e', '||', '; SELECT 2', ';') },
);
const statement = fc
  .array(fc.tuple(piece, fc.constantFrom('', ' ', '\n', ' --x\n')), { minLength: 1, maxLength: 6 })
  .map((pieces) => `SELECT ${pieces.flat().join('')}`);

for (const { title, reason, start } of servers) {
  describe.skipIf(reason)(`the guard and the scanner of ${title}`, () => {
    it('agree: what the guard accepts is never more than one statement to the server', async () => {
      await using server = await start({ settings: { log_statement: 'none' } });
      const client = new Client({
        host: server.host,
        port: server.port,
        user: server.user,
        database: 'postgres',
        options: '-c standard_conforming_strings=on -c transaction_read_only=on',
      });
      await client.connect();
      /** The server's verdict; the extended protocol takes one statement only. */
      const parse = async (sql: string): Promise<'one' | 'several' | 'error'> => {
        try {
          await client.query({ text: sql, values: [], queryMode: 'extended' } as { text: string });
          return 'one';
        } catch (error) {
          if (!(error instanceof DatabaseError)) throw error;
          return error.message.includes('multiple commands') ? 'several' : 'error';
        }
      };
      let accepted = 0;
      let several = 0;
      await fc.assert(
        fc.asyncProperty(statement, async (sql) => {
          const check = checkSingleSelect(sql);
          const verdict = await parse(check.ok ? `SELECT 1 FROM (${check.sql}\n) AS dataset` : sql);
          if (check.ok) expect(verdict).not.toBe('several');
          if (check.ok && verdict === 'one') accepted += 1;
          if (verdict === 'several') several += 1;
        }),
        { numRuns: 2500 },
      );
      await client.end();
      // Both kinds must have occurred, or the comparison proves nothing.
      expect(accepted).toBeGreaterThan(100);
      expect(several).toBeGreaterThan(20);
    });
  });
}
