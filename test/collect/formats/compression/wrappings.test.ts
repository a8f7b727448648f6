import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WRAPPINGS, wrappingOf } from '../../../../src/collect/formats/compression/wrappings.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';
import { fixture } from '../pg-dump/fixtures.ts';
import { COMPRESSORS, compress, decompressByProgram, open } from './compressors.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
/** Bytes. */
const MUCH = 48 * 1024 * 1024;

const DUMP = fixture('pg15-plain.sql');
/** Text, what cannot be compressed, long runs and text again, so that blocks of every kind occur. */
const CONTENT = Buffer.concat([DUMP, randomBytes(90_000), Buffer.alloc(200_000, 'abc'), Buffer.alloc(90_000), DUMP]);

function everyAbout<T>(count: number, whole: Uint8Array, use: (at: number) => Promise<T>): Promise<T[]> {
  const step = Math.max(1, Math.floor(whole.length / count));
  const places: number[] = [];
  for (let at = 0; at < whole.length; at += at < 40 || at >= whole.length - 40 ? 1 : step) places.push(at);
  return Promise.all(places.map(use));
}

it('gzip with zero bytes behind it is opened', async () => {
  const small = compress('gzip', [], DUMP);
  const padded = Buffer.concat([small, Buffer.alloc(512)]);
  expect(decompressByProgram('gzip', padded)).toEqual(DUMP);
  for (const chunkBytes of [1, 7, padded.length]) expect(await open(padded, chunkBytes)).toEqual(DUMP);
});

it('zstd is opened behind frames that are skipped, as pzstd writes them', async () => {
  const small = compress('zstd', [], DUMP);
  const skipped = Buffer.from('502a4d180400000000010000', 'hex');
  expect(wrappingOf(Buffer.concat([skipped, skipped, small]).subarray(0, 64))?.name).toBe('zstd');
  expect(await open(Buffer.concat([skipped, small, skipped, small]))).toEqual(Buffer.concat([DUMP, DUMP]));
  expect(wrappingOf(skipped)).toBeNull();
});

describe.each(COMPRESSORS)('what %s %j writes', (program, options) => {
  const small = compress(program, options, DUMP);

  it('is opened, in chunks of any size', { timeout: 300_000 }, async () => {
    const whole = compress(program, options, CONTENT);
    expect(CONTENT.equals(Buffer.from(await open(whole, 65_536)))).toBe(true);
    for (const chunkBytes of [1, 7, small.length]) expect(await open(small, chunkBytes)).toEqual(DUMP);
  });

  it('is opened where several lie one after the other, empty ones among them', { timeout: 300_000 }, async () => {
    const empty = compress(program, options, Buffer.alloc(0));
    expect(await open(empty)).toEqual(Buffer.alloc(0));
    const joined = Buffer.concat([empty, small, empty, empty, small]);
    expect(await open(joined)).toEqual(Buffer.concat([DUMP, DUMP]));
  });

  it('is damaged when cut off anywhere, or followed by anything', { timeout: 300_000 }, async () => {
    for (const whole of [small, Buffer.concat([small, small])]) {
      await everyAbout(150, whole, async (length) => {
        if (length === small.length) return;
        expect(await open(whole.subarray(0, length)), `cut to ${length}`).toBe('damaged');
      });
    }
    // Gzip itself passes over zero bytes.
    const zeros = program === 'gzip' ? ['\0\0g'] : ['\0'];
    for (const garbage of ['g', 'garbage', 'garbage garbage garbage', ...zeros]) {
      expect(await open(Buffer.concat([small, Buffer.from(garbage)])), garbage).toBe('damaged');
    }
  });

  it('with a bit flipped anywhere is opened only where the program opens it, too', { timeout: 300_000 }, async () => {
    const step = Math.max(1, Math.floor(small.length / 50));
    for (let at = 0; at < small.length; at += at < 30 ? 1 : step) {
      const altered = Buffer.from(small);
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      const content = await open(altered);
      if (typeof content === 'string') continue;
      const theirs = decompressByProgram(program, altered);
      if (theirs === null) expect.fail(`${program} refuses it with byte ${at} altered`);
      // Without a checksum, releases of zstd make different things of altered data.
      if (program !== 'zstd') expect(content.equals(theirs), `byte ${at}`).toBe(true);
    }
  });
});

describe('hostile input', () => {
  it.each(WRAPPINGS.map((wrapping) => [wrapping.name, wrapping] as const))(
    'ends in an answer: anything behind the first bytes of %s',
    { timeout: 300_000 },
    async (name, { magic }) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), async (rest, chunk) => {
          await open(Buffer.concat([Buffer.from(magic, 'hex'), rest]), chunk);
        }),
        // zstd is read by the engine of Node.js, which takes its time to start.
        { numRuns: name === 'zstd' ? 300 : 2000 },
      );
    },
  );

  it.each(COMPRESSORS)(
    'ends in an answer: what %s %j writes, overwritten',
    { timeout: 300_000 },
    async (program, options) => {
      const whole = compress(program, options, DUMP.subarray(0, 3000));
      const patch = fc.record({ at: fc.nat(whole.length - 1), with: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(patch, { minLength: 1, maxLength: 3 }), async (patches) => {
          const bytes = Buffer.from(whole);
          for (const one of patches) bytes.set(one.with.subarray(0, bytes.length - one.at), one.at);
          await open(bytes);
        }),
        { numRuns: 400 },
      );
    },
  );

  it.each(['gzip', 'zstd', 'lz4', 'bzip2', 'xz'])(
    'that %s made of 120 MB of zeros comes in small pieces, of which none is kept',
    { timeout: 300_000 },
    async (program) => {
      const bytes = compress('sh', ['head -c 120000000 /dev/zero | exec "$0" -c', program], Buffer.alloc(0));
      const before = process.memoryUsage().arrayBuffers;
      const wrapping = WRAPPINGS.find(({ name }) => name === program);
      if (wrapping === undefined) expect.fail('not registered');
      let size = 0;
      let largest = 0;
      let most = 0;
      for await (const piece of wrapping.open(memoryByteReader(bytes).stream())) {
        size += piece.length;
        largest = Math.max(largest, piece.length);
        // What is not kept goes with the next collection; left to itself that may come after the last piece.
        // A second one waits until the first has given its memory back.
        if (process.memoryUsage().arrayBuffers - before > MUCH)
          for (let time = 0; time < 2; time += 1) collectGarbage();
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      }
      expect(size).toBe(120_000_000);
      expect(largest).toBeLessThanOrEqual(4 * 1024 * 1024);
      expect(most - before).toBeLessThan(96 * 1024 * 1024);
    },
  );
});

it.each([
  ['zstd', ['--long=31']],
  ['xz', ['--x86', '--lzma2']],
  ['xz', ['--lzma2=dict=128MiB']],
])('whole data that %s %j writes are unsupported, not damaged', async (program, options) => {
  expect(await open(compress(program, options, CONTENT))).toBe('unsupported');
});
