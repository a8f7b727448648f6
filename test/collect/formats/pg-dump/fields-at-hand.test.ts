import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamCursor } from '../../../../src/collect/formats/byte-cursor.ts';
import { readArchiveHeader } from '../../../../src/collect/formats/pg-dump/archive-header.ts';
import { readTableOfContents } from '../../../../src/collect/formats/pg-dump/archive-toc.ts';
import { createKeptText } from '../../../../src/collect/formats/pg-dump/kept-text.ts';
import { textOf } from '../../../../src/collect/formats/pg-dump/known-texts.ts';
import { createPlainContent } from '../../../../src/collect/formats/pg-dump/plain-facts.ts';
import { createPlainOrigin } from '../../../../src/collect/formats/pg-dump/plain-origin.ts';
import { createSqlScanner } from '../../../../src/collect/formats/pg-dump/sql-scanner.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';
import { fixture } from './fixtures.ts';

/* What is read in a faster way is what the plain way gives. */

const ARCHIVES = ['pg15-custom.dump', 'pg16-custom.dump', 'pg18-custom.dump'] as const;
/** Past it some of these archives have their data. */
const CONTENTS = 4000;
const FEW_BYTES = 3;
const WHITE_SPACE_END = 0x20;

/** Header and table of contents, or why they are damaged, where the bytes come in chunks of a size. */
async function contentsOf(bytes: Uint8Array, chunkBytes: number, table: string | null = null): Promise<unknown> {
  try {
    const cursor = streamCursor(memoryByteReader(bytes, chunkBytes).stream());
    const header = await readArchiveHeader(cursor);
    return { header, toc: await readTableOfContents(cursor, header, table) };
  } catch (error) {
    return String(error);
  }
}

describe('a table of contents of which all bytes are at hand', () => {
  it.each(ARCHIVES)('is read as one whose bytes have to be waited for: %s', async (name) => {
    const bytes = fixture(name);
    const whole = await contentsOf(bytes, bytes.length);
    expect(whole).toMatchObject({ toc: { entries: expect.any(Array) } });
    expect(await contentsOf(bytes, FEW_BYTES)).toEqual(whole);
  });

  it.each(ARCHIVES)('tells the columns of the table that is asked for, and of no other: %s', async (name) => {
    const bytes = fixture(name);
    const whole = await contentsOf(bytes, bytes.length, 'members');
    expect(await contentsOf(bytes, FEW_BYTES, 'members')).toEqual(whole);
    const text = JSON.stringify(whole);
    expect(text).toContain('COPY public.members (id, name) FROM stdin;');
    expect(text).not.toContain('COPY public.visits_1');
    expect(JSON.stringify(await contentsOf(bytes, bytes.length))).not.toContain('COPY ');
  });

  it.each(ARCHIVES)('is damaged in the same way: %s', async (name) => {
    const bytes = fixture(name);
    const change = fc.record({ at: fc.nat({ max: CONTENTS }), byte: fc.nat({ max: 255 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.nat({ max: CONTENTS }),
        async (changes, cut) => {
          const damaged = Buffer.from(bytes);
          for (const { at, byte } of changes) damaged[at] = byte;
          for (const one of [damaged, damaged.subarray(0, cut)]) {
            expect(await contentsOf(one, FEW_BYTES)).toEqual(await contentsOf(one, one.length + 1));
            expect(await contentsOf(one, FEW_BYTES, 'members')).toEqual(
              await contentsOf(one, one.length + 1, 'members'),
            );
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a text that may have been met before', () => {
  it('is what its bytes spell', () => {
    const utf8 = new TextDecoder('utf-8');
    const name = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.string({ maxLength: 80 }).map((text) => Buffer.from(text)),
      // Few texts, so that they meet again.
      fc.constantFrom('a', 'b', 'ab', 'ba', 'public', 'Public').map((text) => Buffer.from(text)),
    );
    void fc.assert(
      fc.property(fc.array(name, { maxLength: 20 }), (names) => {
        for (const bytes of names) {
          const among = Buffer.concat([Buffer.from('x'), bytes, Buffer.from('y')]);
          expect(textOf(among, 1, among.length - 1)).toBe(utf8.decode(bytes));
        }
      }),
    );
  });
});

describe('a text that is kept in pieces', () => {
  it('is what it is byte by byte, up to its longest', () => {
    const piece = fc.array(fc.constantFrom(0x20, 0x0a, 0x41, 0x2d, 0xc3, 0xa4), { maxLength: 40 });
    const longest = fc.constantFrom(5, 30, 2000);
    void fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), longest, (pieces, most) => {
        const text = createKeptText(most);
        for (const bytes of pieces) text.keepAll(Uint8Array.from([0x7a, ...bytes, 0x7a]), 1, bytes.length + 1);
        const all = pieces.flat();
        const first = all.findIndex((byte) => byte > WHITE_SPACE_END);
        const kept = first < 0 ? [] : all.slice(first, first + most);
        expect(text.length()).toBe(kept.length);
        expect(text.take()).toBe(Buffer.from(kept).toString('utf8').trimEnd());
        expect(text.length()).toBe(0);
      }),
    );
  });
});

describe('the beginning of a plain dump', () => {
  const plain = fixture('pg15-plain.sql').toString('latin1');
  const cluster = [
    '--\n-- PostgreSQL database cluster dump\n--\n\n-- Started on 2026-11-22 18:40:39 UTC\n',
    'CREATE ROLE app;\n-- TOC entry 1 (class 1262 OID 16384)\nCREATE DATABASE one;\n\\connect one\n',
    '-- TOC entry 2 (class 1259 OID 16385)\nCREATE TABLE public.t (\n    id integer\n);\n',
    "COPY public.t (id) FROM stdin;\n1\nCREATE DATABASE row;\n\\.\nSET standard_conforming_strings = off;\nSELECT '\\';';\n",
  ].join('');

  it.each([
    ['of a database', plain, false],
    ['of a database, verbose', `-- Dumped from database version 15.1\n${cluster}`, false],
    ['of a cluster', cluster, true],
  ] as const)('tells of its origin what all of it tells up to there: %s', (_, text, isCluster) => {
    for (let end = 0; end <= text.length; end += 13) {
      const origin = createPlainOrigin(isCluster);
      const content = createPlainContent(isCluster);
      for (const events of [origin, content]) createSqlScanner(events).write(Buffer.from(text.slice(0, end), 'latin1'));
      const unknown = { tables: null, objects: null, scope: 'unknown', databases: [] };
      expect(origin.facts()).toEqual({ ...content.facts(), ...unknown });
    }
  });

  it('tells roles, names and times', () => {
    const origin = createPlainOrigin(false);
    createSqlScanner(origin).write(Buffer.from(cluster));
    expect(origin.facts()).toMatchObject({
      databaseName: 'one',
      databaseOid: 16_384,
      holdsRoles: true,
      startedAt: '2026-11-22T18:40:39.000Z',
    });
  });
});
