import { constants as zlib, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CompressedDamage } from '../../../../src/collect/formats/compressed-damage.ts';
import { type FrameWalk, walkZstd } from '../../../../src/collect/formats/compression/frame-walk.ts';
import { fixture } from '../pg-dump/fixtures.ts';

const CONTENT = Buffer.concat(Array.from({ length: 60 }, () => fixture('pg18-custom.dump')));

function ends(walk: FrameWalk, bytes: Uint8Array, chunkBytes = bytes.length): boolean {
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) walk.write(bytes.subarray(at, at + chunkBytes));
    walk.finish();
    return true;
  } catch (error) {
    if (error instanceof CompressedDamage) return false;
    throw error;
  }
}

function expectOnlyWholeToEnd(start: () => FrameWalk, frame: Buffer): void {
  for (const chunkBytes of [1, 5, 1000, frame.length]) expect(ends(start(), frame, chunkBytes)).toBe(true);
  expect(ends(start(), Buffer.concat([frame, frame]))).toBe(true);
  const step = Math.max(1, Math.floor(frame.length / 400));
  for (let length = 0; length < frame.length; length += length < frame.length - 50 ? step : 1) {
    expect(ends(start(), frame.subarray(0, length)), `cut to ${length}`).toBe(false);
  }
  expect(ends(start(), Buffer.concat([frame, Buffer.from('garbage garbage')]))).toBe(false);
}

describe('zstd frames', () => {
  for (const checksum of [0, 1]) {
    it(`end only when whole, ${checksum === 1 ? 'with' : 'without'} a content checksum`, () => {
      const params = { [zlib.ZSTD_c_checksumFlag]: checksum };
      expectOnlyWholeToEnd(walkZstd, zstdCompressSync(CONTENT, { params }));
      expectOnlyWholeToEnd(walkZstd, zstdCompressSync(Buffer.alloc(300_000), { params }));
      expectOnlyWholeToEnd(walkZstd, zstdCompressSync('', { params }));
    });
  }
});

it('tell where frames end', () => {
  const frame = zstdCompressSync('content');
  const walk = walkZstd();
  expect(walk.write(Buffer.concat([frame, frame, frame.subarray(0, 3)]))).toEqual([frame.length, 2 * frame.length]);
  expect(walk.write(frame.subarray(3))).toEqual([frame.length - 3]);
});
