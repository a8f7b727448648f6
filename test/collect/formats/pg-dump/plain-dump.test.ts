import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DumpReading } from '../../../../src/collect/formats/pg-dump/dump-reading.ts';
import { readingOf, recognizeBytes } from './fixtures.ts';

const HEAD = '--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET standard_conforming_strings = on;\n\n';
const TAIL = '--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n';
const OLD_TAIL = '--\n-- PostgreSQL database dump complete\n--\n\n';
const TABLE = 'CREATE TABLE public.t (\n    a text\n);\n\n';

async function read(text: string, chunkBytes?: number): Promise<DumpReading> {
  return readingOf(await recognizeBytes(Buffer.from(text), 'full', chunkBytes));
}

/** Text in which a careless reader would see the end of rows, the end of the dump, or the beginning of rows. */
const TRAPS = [
  ['a function body', `CREATE FUNCTION f() RETURNS text AS $_$\n${TAIL}COPY public.t (a) FROM stdin;\n$_$;\n`],
  ['a string constant', `COMMENT ON TABLE public.t IS 'it''s\nCOPY public.t (a) FROM stdin;\n${TAIL}';\n`],
  ['an escape string', `SELECT E'\\'\nCOPY public.t (a) FROM stdin;\n\\\\' 'x';\n`],
  ['a bracketed comment', `/* /* nested */ COPY public.t (a) FROM stdin;\n${TAIL} */\n`],
  ['a quoted name', `CREATE VIEW "COPY t FROM stdin;\n${TAIL}" AS SELECT 1;\n`],
  ['a parameter', 'CREATE FUNCTION g(int) RETURNS int LANGUAGE sql RETURN $1 + $1;\n'],
  [
    'a function without quotes',
    'CREATE FUNCTION h(x int) RETURNS int BEGIN ATOMIC\n SELECT x;\n SELECT x - -1;\nEND;\n',
  ],
  ['rows', `COPY public.t (a) FROM stdin;\n${OLD_TAIL}\\\\.\n\\.x\nx\\.\n\\\\unrestrict abc\n\\.\n`],
  ['INSERT', `INSERT INTO public.t VALUES ('\n\\.\n${TAIL}');\n`],
] as const;

describe('a plain dump', () => {
  for (const [what, sql] of TRAPS) {
    it(`is not misled by ${what}, however it is cut into chunks`, async () => {
      for (const chunkBytes of [1, 2, 3, 7, 64, 10_000]) {
        const reading = await read(HEAD + TABLE + sql + TAIL, chunkBytes);
        expect(reading.integrity, `chunks of ${chunkBytes}`).toMatchObject({ state: 'complete' });
        expect(reading.tables).toHaveLength(1);
      }
      const cut = await read(HEAD + TABLE + sql);
      expect(cut.integrity.state).toBe('incomplete');
    });
  }

  it('reads backslashes as escapes where the dump says so', async () => {
    const sql = "SET standard_conforming_strings = off;\nSELECT 'a\\'; COPY x FROM stdin;\n';\n";
    expect((await read(HEAD + sql + TAIL)).integrity.state).toBe('complete');
  });

  it('keeps rows and constants out of what it says, whatever they hold', async () => {
    const secret = 'SCRAM-SHA-256$4096:abc';
    const sql = `ALTER ROLE x PASSWORD '${secret}';\n${TABLE}COPY public.t (a) FROM stdin;\n${secret}\n`;
    for (const text of [HEAD + sql, `${HEAD}${sql}\\.\n${TAIL}`, `${HEAD}${sql}\\.\n`]) {
      expect(JSON.stringify(await read(text))).not.toContain('SCRAM');
    }
  });

  it('has no rows of a table that it only announces, where others follow as COPY', async () => {
    const data = (table: string, rows: string) =>
      `--\n-- Data for Name: ${table}; Type: TABLE DATA; Schema: public; Owner: x\n--\n\n${rows}`;
    const copy = (table: string) => `COPY public.${table} (a) FROM stdin;\n\\.\n\n`;
    const tables = ['t', 'u'].map((table) => `CREATE TABLE public.${table} (\n    a text\n);\n\n`).join('');
    const filled = async (rows: string) =>
      (await read(HEAD + tables + rows + TAIL)).tables?.map(({ hasData }) => hasData);
    expect(await filled(data('t', copy('t')) + data('u', copy('u')))).toEqual([true, true]);
    expect(await filled(data('t', '') + data('u', copy('u')))).toEqual([false, true]);
    expect(await filled(data('t', copy('t')) + data('u', ''))).toEqual([true, false]);
    // An empty table of a dump with INSERT statements has a comment and nothing else.
    expect(await filled(data('t', '') + data('u', 'INSERT INTO public.u VALUES (NULL);\n'))).toEqual([true, true]);
    // --load-via-partition-root copies into the root of a partitioned table.
    expect(await filled(data('t', copy('root')) + data('u', copy('root')))).toEqual([true, true]);
  });

  it('has no value of a sequence that nothing sets, whatever the order', async () => {
    const entry = (type: string, sql: string, name = 's') =>
      `--\n-- Name: ${name}; Type: ${type}; Schema: public; Owner: x\n--\n\n${sql};\n\n`;
    const made = entry('SEQUENCE', 'CREATE SEQUENCE public.s');
    const set = entry('SEQUENCE SET', "SELECT pg_catalog.setval('public.s', 3, true)");
    const rows =
      '--\n-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: x\n--\n\nCOPY public.t (a) FROM stdin;\n\\.\n';
    const lacking = async (sql: string) => (await read(HEAD + sql + TAIL)).sequencesWithoutValues;
    expect(await lacking(TABLE + made + rows + set)).toBeUndefined();
    expect(await lacking(set + TABLE + made + rows)).toBeUndefined();
    expect(await lacking(TABLE + made + rows)).toEqual([{ schema: 'public', name: 's', unlogged: false }]);
    expect(await lacking(TABLE + made)).toBeUndefined();
    const ofTable = entry('SEQUENCE', 'ALTER TABLE public.t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY (\n)');
    const unlogged = TABLE.replace('CREATE', 'CREATE UNLOGGED') + ofTable + TABLE.replace('public.t', 'public.u');
    const others = rows.replaceAll(/\bt\b/g, 'u');
    expect(await lacking(unlogged + others)).toEqual([{ schema: 'public', name: 's', unlogged: true }]);
    const plain = entry('SEQUENCE', 'CREATE UNLOGGED SEQUENCE public.s');
    expect(await lacking(TABLE + plain + rows)).toEqual([{ schema: 'public', name: 's', unlogged: true }]);
  });

  it('must end in its whole trailer and nothing else', async () => {
    const states = async (tail: string): Promise<string> => (await read(HEAD + tail)).integrity.state;
    expect(await states(TAIL)).toBe('complete');
    expect(await states(OLD_TAIL)).toBe('incomplete');
    expect(await states(TAIL.replace('abc', 'abd'))).toBe('incomplete');
    expect(await states(`${TAIL}x`)).toBe('incomplete');
    expect(await states(`${TAIL}${' '.repeat(5000)}`)).toBe('incomplete');
    // Whole, and nothing tells which of the two is whose.
    expect(await states(TAIL + HEAD + TAIL)).toBe('unproven');
    expect(await states(TAIL + HEAD + TAIL.slice(0, -9))).toBe('incomplete');
    expect((await read(HEAD.replace('\\restrict abc\n', '') + OLD_TAIL)).integrity.state).toBe('complete');
  });

  it('names the table inside whose rows it ends', async () => {
    const { integrity } = await read(`${HEAD}COPY "S a"."t""b" (a) FROM stdin;\n1\n`);
    expect(integrity.because).toBe('the file ends inside the data of table S a.t"b');
  });

  it('tells what kind of dump it is', async () => {
    const data =
      '--\n-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: x\n--\n\nCOPY public.t (a) FROM stdin;\n\\.\n';
    const key =
      '--\n-- Name: t t_pkey; Type: CONSTRAINT; Schema: public; Owner: x\n--\n\nALTER TABLE public.t ADD PRIMARY KEY (a);\n';
    const scope = async (sql: string): Promise<string> => (await read(HEAD + sql + TAIL)).scope;
    expect(await scope(TABLE + data + key)).toBe('full');
    expect(await scope(TABLE + key)).toBe('schema-only');
    expect(await scope(data)).toBe('data-only');
    expect(await scope(key)).toBe('partial-sections');
    expect(await scope(TABLE + data)).toBe('unknown');
    expect(await scope('')).toBe('unknown');
  });

  it('gives an instant only for an unambiguous zone', async () => {
    const started = async (text: string) => {
      const { startedLocal, startedAt } = await read(`${HEAD}-- Started on ${text}\n\n${TAIL}`);
      return [startedLocal, startedAt];
    };
    expect(await started('2026-11-22 18:40:39 UTC')).toEqual(['2026-11-22T18:40:39', '2026-11-22T18:40:39.000Z']);
    expect(await started('2026-11-22 18:40:39 +0530')).toEqual(['2026-11-22T18:40:39', '2026-11-22T13:10:39.000Z']);
    expect(await started('2026-11-22 18:40:39 -03')).toEqual(['2026-11-22T18:40:39', '2026-11-22T21:40:39.000Z']);
    expect(await started('2026-11-22 18:40:39 CST')).toEqual(['2026-11-22T18:40:39', null]);
    expect(await started('2026-13-22 18:40:39 UTC')).toEqual([null, null]);
  });

  it('reads any database name that CREATE DATABASE can write', async () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(name, async (text) => {
        const sql = `CREATE DATABASE "${text.replaceAll('"', '""')}" WITH TEMPLATE = template0;\n`;
        const reading = await read(HEAD + sql + TAIL);
        expect(reading).toMatchObject({ databaseName: text, integrity: { state: 'complete' } });
      }),
    );
  });

  it('gives the same reading for every way to cut it into chunks', async () => {
    const text = HEAD + TABLE + TRAPS.map(([, sql]) => sql).join('') + TAIL;
    const whole = await read(text);
    expect(whole.integrity.state).toBe('complete');
    for (let chunkBytes = 1; chunkBytes < 120; chunkBytes += 1) expect(await read(text, chunkBytes)).toEqual(whole);
  });
});

describe('a dump of a cluster', () => {
  const inner = HEAD + TAIL;
  const whole = `--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE x;\n\n\\connect template1\n\n${inner}\n-- Database "n" dump\n\n\\connect -reuse-previous=on "dbname='a""b\\\\c\\'d'"\n\n${inner}\n--\n-- PostgreSQL database cluster dump complete\n--\n\n`;

  it('names the databases inside and is no copy of one of them', async () => {
    const reading = await read(whole);
    expect(reading).toMatchObject({ format: 'pg_dumpall-plain', databaseName: null, tables: null, holdsRoles: true });
    const names = reading.databases.map(({ name, ended }) => [name, ended]);
    expect(names).toEqual([
      ['template1', true],
      ['a"b\\c\'d', true],
    ]);
    expect(reading.integrity.state).toBe('complete');
  });

  it('is incomplete without its own trailer or that of a dump inside', async () => {
    expect((await read(whole.slice(0, whole.lastIndexOf('--\n-- PostgreSQL')))).integrity.state).toBe('incomplete');
    expect((await read(whole.replace(TAIL, ''))).integrity.state).toBe('incomplete');
    // Roles by pg_dumpall with a dump behind them in the same file.
    expect((await read(whole + HEAD + TAIL)).integrity.state).toBe('unproven');
    expect((await read(whole + HEAD)).integrity.state).toBe('incomplete');
  });
});
