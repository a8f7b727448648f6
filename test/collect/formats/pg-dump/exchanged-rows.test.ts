import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { columnsIn, firstRowVisitor } from '../../../../src/collect/formats/pg-dump/copied-columns.ts';
import { DumpDamage } from '../../../../src/collect/formats/pg-dump/dump-reading.ts';
import { directoryFixture, recognizeBytes, recognizeFiles, unpackedFixture, verdictOf } from './fixtures.ts';

const [MEMBERS, VISITS] = ['3349.dat', '3350.dat'] as const;

describe('rows that lie in the place of those of another table', () => {
  const whole = directoryFixture('pg18-directory');
  const content = (name: string): Buffer => gunzipSync(whole.get(`${name}.gz`) ?? Buffer.alloc(0));
  const exchanged = (suffix: string, pack: (bytes: Buffer) => Buffer): ReadonlyMap<string, Buffer> => {
    const files = new Map(whole);
    for (const [name, other] of [
      [MEMBERS, VISITS],
      [VISITS, MEMBERS],
    ] as const) {
      files.delete(`${name}.gz`);
      files.set(`${name}${suffix}`, pack(content(other)));
    }
    return files;
  };

  it.each([
    ['compressed', '.gz', gzipSync],
    ['bare', '', (bytes: Buffer) => bytes],
  ] as const)('of a directory, %s, are told by the number of their values', async (_, suffix, pack) => {
    expect(verdictOf(await recognizeFiles(whole, 'full'))).toBe('complete');
    const found = await recognizeFiles(exchanged(suffix, pack), 'full');
    expect(found).toMatchObject({
      reading: {
        integrity: {
          state: 'incomplete',
          because: `${VISITS}${suffix} (the data of table public.visits_1) is damaged or cut off: its first row has 2 values, and the table 1 column: the rows are of another table`,
        },
      },
    });
  });

  it.each(['pg15-tar.tar.gz', 'pg18-tar.tar.gz'])('of the tar archive %s, too', async (name) => {
    const bytes = unpackedFixture(name);
    expect(verdictOf(await recognizeBytes(bytes, 'full'))).toBe('complete');
    // The two names are as long as each other, and so the sums of the headers stay right.
    const renamed = Buffer.from(bytes);
    for (let at = 0; at < bytes.length; at += 512) {
      const member = bytes.toString('latin1', at, at + 8);
      if (member === MEMBERS || member === VISITS) exchangeName(renamed, at, member === MEMBERS ? VISITS : MEMBERS);
    }
    expect(verdictOf(await recognizeBytes(renamed, 'full'))).toBe('incomplete');
  });
});

/** Writes another name of a member into its header, with the sum that belongs to it. */
function exchangeName(bytes: Buffer, at: number, name: string): void {
  bytes.write(name, at, 'latin1');
  bytes.fill(' ', at + 148, at + 156);
  const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
}

describe('the columns of a COPY statement', () => {
  it.each([
    ['COPY public.members (id, name) FROM stdin;\n', 2],
    ['COPY public.t (a) FROM stdin;\n', 1],
    ['COPY "odd. (schema)"."t (x, y)" ("a, b", "c ""quoted"" (d)", e) FROM stdin;\n', 3],
    ['COPY public.none  FROM stdin;\n', null],
    ['INSERT INTO public.members VALUES (1, 2);\n', null],
  ])('%s', (statement, columns) => {
    expect(columnsIn(Buffer.from(statement))).toBe(columns);
  });

  it.each([
    [2, '1\tone\n2\ttwo\tthree\n', true],
    [2, '\\.\n\n\n', true],
    [1, '\n\\.\n\n\n', true],
    [3, '1\tone\n', false],
    [1, '1\tone\n', false],
    [2, '1\n', false],
  ])('of a table of %d: %j', (columns, rows, fits) => {
    for (const size of [1, 2, 100]) {
      const look = firstRowVisitor(columns);
      const read = () => {
        for (let at = 0; at < rows.length; at += size) look(Buffer.from(rows.slice(at, at + size)));
      };
      if (fits) read();
      else expect(read).toThrow(DumpDamage);
    }
  });
});
