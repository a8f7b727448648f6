import { zstdCompressSync } from 'node:zlib';
import { expect, it, vi } from 'vitest';
import { decompressed, walkZstdFrames } from '../../../../src/collect/formats/decompressed.ts';
import { FormatDamage } from '../../../../src/collect/formats/format-damage.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';
import { fixture, recognizeBytes } from '../pg-dump/fixtures.ts';

// As on Node.js 22.13 and 22.14, which the program supports, too.
vi.mock('node:zlib', async (importOriginal) => {
  const { createZstdDecompress: _, ...rest } = await importOriginal<typeof import('node:zlib')>();
  return { ...rest, default: rest };
});

const WRAPPED = zstdCompressSync(fixture('pg15-plain.sql'));

it('a dump in zstd is listed with the release of Node.js that opens it', async () => {
  for (const depth of ['structure', 'full'] as const) {
    expect(await recognizeBytes(WRAPPED, depth)).toEqual({
      kind: 'compressed',
      what: 'a zstd file: its zstd data can only be read with Node.js 22.15 or later',
    });
  }
});

it('an archive in zstd is followed to its end and not opened', async () => {
  expect(decompressed('zstd', memoryByteReader(WRAPPED).stream())).toBeNull();
  await walkZstdFrames(memoryByteReader(WRAPPED).stream());
  await expect(walkZstdFrames(memoryByteReader(WRAPPED.subarray(0, -1)).stream())).rejects.toThrow(FormatDamage);
});
