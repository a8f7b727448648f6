import { describe, expect, it } from 'vitest';
import { COMPRESSORS, compress } from '../compression/compressors.ts';
import { fixture, readingOf, recognizeBytes, unpackedFixture, verdictOf } from './fixtures.ts';

const PLAIN = fixture('pg15-plain.sql').toString('latin1');
/** As `pg_dump --schema-only` and `--data-only` write it. */
const SCHEMA = PLAIN.replace(/^COPY [\s\S]*?^\\\.$|^-- Data for Name.*$/gm, '');
const DATA = PLAIN.replace(/^CREATE [\s\S]*?;$|^ALTER [\s\S]*?;$/gm, '').replace(/^-- Name: .*$/gm, '--');
const DUMPS: readonly (readonly [what: string, bytes: Buffer, format: string, scope: string])[] = [
  ['plain', fixture('pg15-plain.sql'), 'pg_dump-plain', 'full'],
  ['custom', fixture('pg15-custom.dump'), 'pg_dump-custom', 'full'],
  ['custom 1.15', fixture('pg16-custom.dump'), 'pg_dump-custom', 'full'],
  ['custom 1.16', fixture('pg18-custom.dump'), 'pg_dump-custom', 'full'],
  ['tar', unpackedFixture('pg18-tar.tar.gz'), 'pg_dump-tar', 'full'],
  ['definitions only', Buffer.from(SCHEMA, 'latin1'), 'pg_dump-plain', 'schema-only'],
  ['rows only', Buffer.from(DATA, 'latin1'), 'pg_dump-plain', 'data-only'],
];

describe.each(COMPRESSORS)('a dump inside what %s %j writes', (program, options) => {
  it.each(DUMPS)(
    'is recognized by content, and whole only when read to its end: %s',
    async (_, bytes, format, scope) => {
      const wrapped = compress(program, options, bytes);
      const structure = readingOf(await recognizeBytes(wrapped, 'structure'));
      expect(structure).toMatchObject({ format, wrapped: program, integrity: { state: 'unproven' } });
      const full = readingOf(await recognizeBytes(wrapped, 'full', 500));
      expect(full).toMatchObject({ format, wrapped: program, scope, integrity: { state: 'complete' } });
      expect(full.bytesRead).toBe(wrapped.length);
    },
  );

  it('is never complete when it is cut off, and neither is one cut off before it was compressed', {
    timeout: 120_000,
  }, async () => {
    const wrapped = compress(program, options, fixture('pg15-plain.sql'));
    const step = Math.max(1, Math.floor(wrapped.length / 60));
    for (let length = 0; length < wrapped.length; length += length < wrapped.length - 30 ? step : 1) {
      for (const depth of ['structure', 'full'] as const) {
        expect(verdictOf(await recognizeBytes(wrapped.subarray(0, length), depth)), `${length}`).not.toBe('complete');
      }
    }
    const cut = compress(program, options, fixture('pg15-custom.dump').subarray(0, -1));
    expect(verdictOf(await recognizeBytes(cut, 'full'))).toBe('incomplete');
  });

  it('is read across parts that were compressed one by one, and not opened where one wrapping lies in another', async () => {
    const bytes = fixture('pg15-plain.sql');
    const parts = [bytes.subarray(0, 700), Buffer.alloc(0), bytes.subarray(700)];
    const joined = Buffer.concat(parts.map((part) => compress(program, options, part)));
    expect(verdictOf(await recognizeBytes(joined, 'full'))).toBe('complete');
    const twice = compress('gzip', [], compress(program, options, bytes));
    for (const depth of ['structure', 'full'] as const) {
      expect(await recognizeBytes(twice, depth)).toMatchObject({
        kind: 'compressed',
        what: expect.stringMatching(new RegExp(`an? ${program} file, inside a gzip file`)),
      });
    }
  });
});
