import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directoryFixture, fixture, recognizeBytes, recognizeFiles, unpackedFixture, verdictOf } from './fixtures.ts';

const FILES: readonly [name: string, bytes: Buffer][] = [
  ['custom 1.14 with offsets', fixture('pg15-custom.dump')],
  ['custom 1.14 from a pipe', fixture('pg15-custom-pipe.dump')],
  ['custom 1.15', fixture('pg16-custom.dump')],
  ['custom 1.16', fixture('pg18-custom.dump')],
  ['plain', fixture('pg15-plain.sql')],
  ['plain in gzip', gzipSync(fixture('pg15-plain.sql'))],
  ['custom in gzip', gzipSync(fixture('pg15-custom.dump'))],
];
const DEPTHS = ['structure', 'full'] as const;

/** Reading must end in an answer, whatever the bytes; a throw fails the test by itself. */
async function verdicts(bytes: Uint8Array): Promise<readonly string[]> {
  return Promise.all(DEPTHS.map(async (depth) => verdictOf(await recognizeBytes(bytes, depth))));
}

describe('a dump that is cut off is never complete', () => {
  for (const [name, whole] of FILES) {
    it(`${name}, at every 11th byte, and at every one of the last 150`, async () => {
      for (let length = 0; length < whole.length; length += length < whole.length - 150 ? 11 : 1) {
        expect(await verdicts(whole.subarray(0, length)), `cut to ${length} bytes`).not.toContain('complete');
      }
    });
  }

  it('tar, at every 61st byte and around every block', async () => {
    const whole = unpackedFixture('pg15-tar.tar.gz');
    for (let length = 0; length < whole.length; length += 1) {
      if (length % 61 !== 0 && length % 512 > 1 && length % 512 < 511) continue;
      expect(await verdicts(whole.subarray(0, length)), `cut to ${length} bytes`).not.toContain('complete');
    }
  });

  it('directory, any of its files', async () => {
    const whole = directoryFixture('pg18-directory');
    for (const [name, bytes] of whole) {
      for (let length = 0; length < bytes.length; length += length < bytes.length - 150 ? 11 : 1) {
        const cut = new Map(whole).set(name, bytes.subarray(0, length));
        expect(verdictOf(await recognizeFiles(cut, 'full')), `${name} cut to ${length}`).toBe('incomplete');
        expect(verdictOf(await recognizeFiles(cut, 'structure')), `${name} cut to ${length}`).not.toBe('complete');
      }
    }
  });
});

describe('altered bytes', () => {
  for (const [name, whole] of [...FILES, ['tar', unpackedFixture('pg18-tar.tar.gz')] as const]) {
    it(`${name}: reading ends in an answer, with anything written anywhere`, async () => {
      const patch = fc.record({ at: fc.nat(whole.length - 1), with: fc.uint8Array({ minLength: 1, maxLength: 12 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(patch, { minLength: 1, maxLength: 3 }), async (patches) => {
          const bytes = Buffer.from(whole);
          for (const one of patches) bytes.set(one.with.subarray(0, bytes.length - one.at), one.at);
          await verdicts(bytes);
        }),
        { numRuns: 150 },
      );
    });
  }

  it('in compressed rows are found by the checksum of their stream', async () => {
    const whole = fixture('pg15-custom-pipe.dump');
    const first = whole.indexOf(Buffer.from([0x78, 0x9c])) + 2;
    for (let at = first; at < first + 40; at += 1) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      expect(verdictOf(await recognizeBytes(bytes, 'full')), `byte ${at}`).toBe('incomplete');
    }
  });

  it('in a gzip stream are found by its checksum', async () => {
    const whole = gzipSync(fixture('pg15-plain.sql'));
    // Between the last bit of the data and the checksum lie up to seven bits without a meaning.
    const padding = whole.length - 9;
    for (let at = 10; at < whole.length; at += at < padding - 20 ? 7 : 1) {
      if (at === padding) continue;
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      expect(verdictOf(await recognizeBytes(bytes, 'full')), `byte ${at}`).not.toBe('complete');
    }
  });
});

it('lengths that no file could hold are not believed', async () => {
  const whole = fixture('pg15-custom.dump');
  const huge = Buffer.from([0, 0xff, 0xff, 0xff, 0x7f]);
  for (let at = 11; at < whole.length - huge.length; at += 5) {
    const bytes = Buffer.from(whole);
    bytes.set(huge, at);
    await verdicts(bytes);
  }
});
