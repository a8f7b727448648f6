import { describe, expect, it } from 'vitest';
import { createCopiedRows } from '../../../../src/collect/formats/pg-dump/copy-rows.ts';
import { parseCopyColumns } from '../../../../src/collect/formats/pg-dump/sql-names.ts';

const COLUMNS = ['key_ref', 'version', 'note'];

/** The rows of a text, handed over in pieces of a size. */
function rowsOf(text: string | Buffer, asked: readonly string[] = COLUMNS, size = 3) {
  const rows = createCopiedRows(COLUMNS, asked);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) rows.write(bytes.subarray(at, at + size));
  return rows.take();
}

describe('rows in the text format of COPY', () => {
  it('are values between tabs, \\N for NULL, in the order asked for', () => {
    expect(rowsOf('acme\t1\t\nglobex\t\\N\tx y\n\\.\n\n\n', ['version', 'key_ref'])).toEqual([
      ['1', 'acme'],
      [null, 'globex'],
    ]);
    expect(rowsOf('\\.\n')).toEqual([]);
  });

  it('spell control characters, backslashes and bytes by escapes', () => {
    const written = 'a\\tb\\nc\\\\d\\be\\ff\\rg\\v\t\\101\\60\\1417\\x41\\x4\\xg\t\\\\N\\qä\\303\\244\n\\.\n';
    expect(rowsOf(written)).toEqual([['a\tb\nc\\d\be\ff\rg\v', 'A0a7A\u0004xg', '\\Nqää']]);
  });

  it('are the same in pieces of whatever size, with line ends of Windows too', () => {
    const text = 'acme\t1\tone\r\nacme\t2\t\\N\r\n\\.\r\n';
    const whole = rowsOf(text, COLUMNS, text.length);
    expect(whole).toEqual([
      ['acme', '1', 'one'],
      ['acme', '2', null],
    ]);
    for (let size = 1; size < text.length; size += 1) expect(rowsOf(text, COLUMNS, size)).toEqual(whole);
  });

  it.each<[string, string, string]>([
    ['end without their mark', 'acme\t1\tx\n', 'the line that ends its rows is missing'],
    ['end inside a row', 'acme\t1', 'the line that ends its rows is missing'],
    ['go on behind their mark', 'acme\t1\tx\n\\.\nacme\t2\tx\n', 'more follows'],
    ['lack a value', 'acme\t1\n\\.\n', '2 of its 3 values'],
    ['have one more', 'acme\t1\tx\ty\n\\.\n', 'more than its 3 values'],
    ['end in a lone backslash', 'acme\t1\tx\\\n\\.\n', 'ends in a backslash'],
    ['spell a zero byte', 'acme\t1\t\\000\n\\.\n', 'zero byte'],
  ])('cannot be read where they %s', (_, text, because) => {
    expect(() => rowsOf(text)).toThrow(because);
  });

  it('cannot be read in another encoding, where a value that is asked for has such bytes', () => {
    const latin = Buffer.concat([Buffer.from('a'), Buffer.from([0xe4]), Buffer.from('\t1\tx\n\\.\n')]);
    expect(() => rowsOf(latin)).toThrow('not in UTF-8');
    expect(rowsOf(latin, ['version'])).toEqual([['1']]);
  });

  it('are bounded in number, in length and in all', () => {
    expect(() => rowsOf('a\t1\tx\n'.repeat(1001), COLUMNS, 4096)).toThrow('more than 1000 rows');
    const endless = createCopiedRows(COLUMNS, COLUMNS);
    const piece = Buffer.alloc(64 * 1024, 'x');
    expect(() => {
      for (let times = 0; times < 5; times += 1) endless.write(piece);
    }).toThrow('a row that is larger');
    const large = `${'x'.repeat(200_000)}\t1\tx\n`.repeat(30);
    expect(() => rowsOf(large, COLUMNS, 65_536)).toThrow('its rows are larger');
    expect(() => rowsOf(`${'\t'.repeat(200_000)}\n`, COLUMNS, 65_536)).toThrow('more than its 3 values');
  });

  it('of a table without a column that is asked for are not read', () => {
    expect(() => createCopiedRows(COLUMNS, ['created_at'])).toThrow('no column "created_at"');
  });
});

describe('the columns of a COPY statement', () => {
  it('are read as they are written, quotes and all', () => {
    expect(parseCopyColumns('COPY novantra.key_versions (key_ref, version) FROM stdin;\n')).toEqual([
      'key_ref',
      'version',
    ]);
    expect(parseCopyColumns('COPY "we""ird"."a.b" ("a, b", "c""d", "e)", f) FROM stdin')).toEqual([
      'a, b',
      'c"d',
      'e)',
      'f',
    ]);
    expect(parseCopyColumns('COPY t  FROM stdin')).toBeNull();
    expect(parseCopyColumns('COPY t (a) TO stdout')).toBeNull();
  });

  it('are looked for in bounded time', () => {
    const started = performance.now();
    for (const hostile of ['a'.repeat(100_000), '"'.repeat(100_001), 'a, '.repeat(50_000), '""'.repeat(50_000)]) {
      expect(parseCopyColumns(`COPY t (${hostile} FROM stdin`)).toBeNull();
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
