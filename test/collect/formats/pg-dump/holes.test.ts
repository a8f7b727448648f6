import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DumpReading } from '../../../../src/collect/formats/pg-dump/dump-reading.ts';
import { readingOf, recognizeBytes, unpackedFixture } from './fixtures.ts';

const HEAD = '--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET standard_conforming_strings = on;\n\n';
const TABLE = 'CREATE TABLE public.t (\n    a text\n);\n\n';
const ROWS = `COPY public.t (a) FROM stdin;\n${'one row of many\n'.repeat(8000)}\\.\n\n`;
const BODY = "CREATE FUNCTION f() RETURNS text AS $_$\nselect 'x'\n$_$;\nCOMMENT ON TABLE public.t IS 'a table';\n";
const TAIL = '--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n';
const PLAIN = Buffer.from(HEAD + TABLE + ROWS + BODY + TAIL);

/** The same bytes with a run of zeros, as a lost block or a preallocated file leaves it. */
function holed(bytes: Buffer, at: number, length: number): Buffer {
  return Buffer.from(bytes).fill(0, at, at + length);
}

async function read(bytes: Uint8Array, depth: 'full' | 'structure' = 'full'): Promise<DumpReading> {
  return readingOf(await recognizeBytes(bytes, depth, 1000));
}

describe('text of a dump never holds zero bytes', () => {
  it('a plain dump without any is whole', async () => {
    expect((await read(PLAIN)).integrity.state).toBe('complete');
  });

  it.each([
    ['in its rows', PLAIN.indexOf('one row') + 40_000, 4096],
    ['of one byte', PLAIN.indexOf('one row') + 50_000, 1],
    ['in a function body', PLAIN.indexOf("select 'x'"), 4],
    ['in a string constant', PLAIN.indexOf('a table'), 3],
    ['between statements', PLAIN.indexOf('COMMENT ON') - 1, 1],
  ])('a hole %s is damage, and where it begins is told', async (_, at, length) => {
    const bytes = holed(PLAIN, at, length);
    for (const file of [bytes, gzipSync(bytes)]) {
      const { integrity } = await read(file);
      expect(integrity.state).toBe('incomplete');
      expect(integrity.because).toContain('zero bytes');
      expect(integrity.because).toContain(String(at));
    }
  });

  it('a hole at the beginning or end is seen without reading all of it', async () => {
    expect((await read(holed(PLAIN, 300, 10), 'structure')).integrity.state).toBe('incomplete');
    expect((await read(holed(PLAIN, PLAIN.length - 400, 10), 'structure')).integrity.state).toBe('incomplete');
    expect((await read(holed(PLAIN, 100_000, 10), 'structure')).integrity.state).toBe('unproven');
  });

  it('so are the uncompressed rows of a tar archive', async () => {
    const whole = unpackedFixture('pg15-tar.tar.gz');
    const rows = whole.indexOf('\\.\n\n\n');
    expect((await read(whole)).integrity.state).toBe('complete');
    const { integrity } = await read(holed(whole, rows - 3, 2));
    expect(integrity).toMatchObject({ state: 'incomplete', because: expect.stringContaining('table public.') });
    expect(integrity.because).toContain('zero bytes');
  });
});
