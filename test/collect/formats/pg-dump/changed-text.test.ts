import { describe, expect, it } from 'vitest';
import { utf8RowVisitor } from '../../../../src/collect/formats/pg-dump/utf8-rows.ts';
import { readingOf, recognizeBytes } from './fixtures.ts';

const dump = (rows: string | Buffer, encoding = 'UTF8', columns = 'a, "b, ""c"""'): Buffer =>
  Buffer.concat([
    Buffer.from(
      `--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = '${encoding}';\nSET standard_conforming_strings = on;\n\nCREATE TABLE public.t (\n    a text\n);\n\nCOPY public.t (${columns}) FROM stdin;\n`,
    ),
    Buffer.from(rows),
    Buffer.from('\\.\n\n\n--\n-- PostgreSQL database dump complete\n--\n\n'),
  ]);
const integrityOf = async (bytes: Buffer, chunkBytes?: number) =>
  readingOf(await recognizeBytes(bytes, 'full', chunkBytes)).integrity;

describe('a plain dump whose text was changed', () => {
  it('is damaged where the tabs between values are gone', async () => {
    expect((await integrityOf(dump('1\tx\n2\ty\n'))).state).toBe('complete');
    expect((await integrityOf(dump(''))).state).toBe('complete');
    for (const chunkBytes of [1, 7, 10_000]) {
      expect(await integrityOf(dump('1    x\n2    y\n'), chunkBytes)).toEqual({
        state: 'incomplete',
        because:
          'the first row of table public.t has 1 value, and its COPY statement 2 columns: tabs between values were changed or lost, and psql refuses the rows',
      });
    }
  });

  it('with lines as Windows ends them is judged by the same number of values', async () => {
    const windows = (rows: string) => Buffer.from(dump(rows).toString().replaceAll('\n', '\r\n'));
    expect((await integrityOf(windows(''))).state).toBe('complete');
    expect((await integrityOf(windows('1\tx\n'))).state).toBe('complete');
    expect((await integrityOf(windows('1 x\n'))).state).toBe('incomplete');
  });

  it('is damaged where rows that it says to be UTF-8 are not', async () => {
    const broken = Buffer.from('1\tf\xfcr\n', 'latin1');
    for (const chunkBytes of [1, 2, 3, 7, 10_000]) {
      expect((await integrityOf(dump('1\tfür 漢字 🐘\n'), chunkBytes)).state).toBe('complete');
      const { state, because } = await integrityOf(dump(broken), chunkBytes);
      expect(state).toBe('incomplete');
      expect(because).toContain('no UTF-8 lie in the rows of table public.t');
    }
    expect((await integrityOf(dump(broken, 'LATIN1'))).state).toBe('complete');
    expect((await integrityOf(dump(broken, 'SQL_ASCII'))).state).toBe('complete');
  });
});

describe('rows in pieces', () => {
  const isRefused = (bytes: Buffer, size: number): boolean => {
    const look = utf8RowVisitor('t');
    try {
      for (let at = 0; at < bytes.length; at += size) look(bytes.subarray(at, at + size));
      return false;
    } catch {
      return true;
    }
  };
  const texts = ['f\xc3\xbcr\n', '\xe6\xbc\xa2\n', '\xf0\x9f\x90\x98\n', '\xf4\x8f\xbf\xbf\n'];
  const broken = [
    '\xc3\n',
    '\xe6\xbc\n',
    '\xf0\x9f\x90\n',
    '\x80\n',
    '\xed\xa0\x80\n',
    '\xc0\xaf\n',
    '\xf5\x80\x80\x80\n',
  ];

  it('are UTF-8 or not, wherever they are cut', () => {
    for (const size of [1, 2, 3, 4, 5, 100]) {
      for (const text of texts) expect(isRefused(Buffer.from(text, 'latin1'), size), text).toBe(false);
      for (const text of broken) expect(isRefused(Buffer.from(text, 'latin1'), size), text).toBe(true);
    }
  });
});
