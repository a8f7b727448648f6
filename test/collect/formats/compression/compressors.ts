import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { CompressedDamage } from '../../../../src/collect/formats/compressed-damage.ts';
import { UnsupportedCompression } from '../../../../src/collect/formats/compression/wrapping.ts';
import { wrappingOf } from '../../../../src/collect/formats/compression/wrappings.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';

/** Every program and the options that change the layout of what it writes; all are Debian packages. */
export const COMPRESSORS: readonly (readonly [program: string, options: readonly string[]])[] = [
  ['gzip', ['-n']],
  ['zstd', []],
  ['zstd', ['-19', '--no-check']],
  ['lz4', []],
  ['lz4', ['-9', '-BD', '-BX', '-B4', '--content-size']],
  ['lz4', ['--no-frame-crc', '-B5']],
  ['bzip2', []],
  ['bzip2', ['-1']],
  ['xz', []],
  ['xz', ['-0', '--check=crc32', '--block-size=7000']],
  ['xz', ['--check=sha256', '--lzma2=preset=6,lc=1,lp=3,pb=0']],
];

/** What the program makes of bytes on its standard input. */
export function compress(program: string, options: readonly string[], input: Uint8Array): Buffer {
  const { status, stdout, stderr, error } = spawnSync(program, ['-c', ...options], {
    input,
    timeout: 120_000,
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined || status !== 0) expect.fail(`${program}: ${error?.message ?? stderr.toString()}`);
  return stdout;
}

/** What the program itself makes of compressed bytes; null where it refuses them. */
export function decompressByProgram(program: string, input: Uint8Array): Buffer | null {
  const { status, stdout } = spawnSync(program, ['-dc'], { input, timeout: 120_000, maxBuffer: 2 ** 28 });
  return status === 0 ? stdout : null;
}

/** What this program makes of compressed bytes: the content, or why not. */
export async function open(bytes: Uint8Array, chunkBytes = 1000): Promise<Buffer | 'damaged' | 'unsupported'> {
  const wrapping = wrappingOf(bytes);
  if (wrapping === null) return 'damaged';
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of wrapping.open(memoryByteReader(bytes, chunkBytes).stream())) pieces.push(piece);
  } catch (error) {
    if (error instanceof CompressedDamage) return 'damaged';
    if (error instanceof UnsupportedCompression) return 'unsupported';
    throw error;
  }
  return Buffer.concat(pieces);
}
