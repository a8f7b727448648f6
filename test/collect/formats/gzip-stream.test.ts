import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gunzip } from '../../../src/collect/formats/gzip-stream.ts';
import { collected } from '../trees/collected.ts';

const CONTENT = Buffer.from('a row\n'.repeat(20_000));
const WHOLE = gzipSync(CONTENT);
/** A header with every optional field (RFC 1952 section 2.3). */
const NAMED = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3]),
  Buffer.from('name\0comment\0'),
  Buffer.from([0, 0]),
  WHOLE.subarray(10),
]);

let closed = 0;
async function* chunksOf(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
  } finally {
    closed += 1;
  }
}

async function faultOf(bytes: Uint8Array, members?: 'one' | 'any'): Promise<string> {
  const faults = await Promise.all(
    [1000, 7].map(async (length) => {
      try {
        await collected(gunzip(chunksOf(bytes, length), members));
        return 'none';
      } catch (error) {
        return error instanceof Error && 'fault' in error ? String(error.fault) : String(error);
      }
    }),
  );
  return [...new Set(faults)].join(', ');
}

describe('the content of a gzip stream', () => {
  it('of one or more members, however it is cut into chunks', async () => {
    for (const bytes of [WHOLE, NAMED, Buffer.concat([WHOLE, NAMED])]) {
      const content = Buffer.concat(await collected(gunzip(chunksOf(bytes, 11))));
      expect(content.equals(bytes === WHOLE || bytes === NAMED ? CONTENT : Buffer.concat([CONTENT, CONTENT]))).toBe(
        true,
      );
    }
  });

  it('tells what is wrong', async () => {
    const at = (position: number) => Buffer.from(WHOLE).fill((WHOLE.at(position) ?? 0) ^ 0xff, position, position + 1);
    expect(await faultOf(WHOLE)).toBe('none');
    expect(await faultOf(WHOLE.subarray(0, 5))).toBe('cut');
    expect(await faultOf(WHOLE.subarray(0, 100))).toBe('cut');
    expect(await faultOf(WHOLE.subarray(0, -3))).toBe('no-trailer');
    expect(await faultOf(at(WHOLE.length - 1))).toBe('wrong-checksum');
    expect(await faultOf(at(WHOLE.length - 8))).toBe('wrong-checksum');
    expect(await faultOf(at(2))).toBe('damaged');
    expect(await faultOf(at(3))).toBe('damaged');
    expect(await faultOf(at(10))).toBe('damaged');
    expect(await faultOf(Buffer.concat([WHOLE, Buffer.from('x')]))).toBe('trailing-bytes');
    expect(await faultOf(Buffer.concat([WHOLE, WHOLE]), 'one')).toBe('trailing-bytes');
    expect(await faultOf(WHOLE, 'one')).toBe('none');
  });

  it('lets go of what it reads from, wherever it is left', async () => {
    closed = 0;
    for await (const _piece of gunzip(chunksOf(WHOLE, 50))) break;
    await faultOf(WHOLE.subarray(0, 100));
    expect(closed).toBe(3);
  });
});
