import { execFileSync } from 'node:child_process';
import { constants as zlib, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DumpDamage } from '../../../../src/collect/formats/pg-dump/dump-reading.ts';
import { type FrameWalk, walkLz4, walkZstd } from '../../../../src/collect/formats/pg-dump/frame-walk.ts';
import { programOnPath } from '../../../services/availability.ts';
import { fixture } from './fixtures.ts';

const CONTENT = Buffer.concat(Array.from({ length: 60 }, () => fixture('pg18-custom.dump')));
const lz4 = programOnPath(['lz4']);

function ends(walk: FrameWalk, bytes: Uint8Array, chunkBytes = bytes.length): boolean {
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) walk.write(bytes.subarray(at, at + chunkBytes));
    walk.finish();
    return true;
  } catch (error) {
    if (error instanceof DumpDamage) return false;
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

describe.skipIf(lz4 === null)('lz4 frames as the lz4 program makes them (skipped where it is not installed)', () => {
  for (const flags of [[], ['--no-frame-crc'], ['-BX', '-B4'], ['--content-size']]) {
    it(`end only when whole, made with ${flags.join(' ') || 'no options'}`, () => {
      const frame = execFileSync(lz4 ?? '', ['-c', ...flags], {
        input: CONTENT,
        timeout: 20_000,
        stdio: ['pipe', 'pipe', 'ignore'],
        maxBuffer: 2 ** 26,
      });
      expectOnlyWholeToEnd(walkLz4, frame);
    });
  }
});
