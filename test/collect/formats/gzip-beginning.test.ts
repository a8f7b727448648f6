import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { gunzipBeginning } from '../../../src/collect/formats/gzip-beginning.ts';

const CONTENT = Buffer.from(Array.from({ length: 20_000 }, (_, number) => `row ${number}\n`).join(''));
const FILE = gzipSync(CONTENT);
const WANTED = 64 * 1024;

it('gives as much of the content as is wanted, and never another', () => {
  const beginning = gunzipBeginning(FILE.subarray(0, FILE.length - 100), false, WANTED);
  expect(beginning?.length).toBeGreaterThanOrEqual(WANTED);
  expect(beginning?.equals(CONTENT.subarray(0, beginning.length))).toBe(true);
});

it('gives less only of a whole file with its trailer', () => {
  const small = gzipSync(CONTENT.subarray(0, 1000));
  expect(gunzipBeginning(small, true, WANTED)?.equals(CONTENT.subarray(0, 1000))).toBe(true);
  expect(gunzipBeginning(small, false, WANTED)).toBeNull();
  expect(gunzipBeginning(small.subarray(0, -1), true, WANTED)).toBeNull();
  expect(gunzipBeginning(Buffer.concat([small, Buffer.from('x')]), true, WANTED)).toBeNull();
  for (let at = 0; at < small.length; at += 1) {
    const flipped = Buffer.from(small);
    flipped[at] = (flipped[at] ?? 0) ^ 0xff;
    const content = gunzipBeginning(flipped, true, WANTED);
    expect(content === null || content.equals(CONTENT.subarray(0, 1000))).toBe(true);
  }
});

it('leaves what grows without measure to the reader in steps', () => {
  expect(gunzipBeginning(gzipSync(Buffer.alloc(16 * 1024 * 1024)), true, WANTED)).toBeNull();
});
