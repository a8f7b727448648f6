import { bzip2 } from './bzip2.ts';
import { gzip } from './gzip.ts';
import { lz4 } from './lz4.ts';
import type { Wrapping } from './wrapping.ts';
import { xz } from './xz.ts';
import { zstd } from './zstd.ts';

/** Every compression that is opened. */
export const WRAPPINGS: readonly Wrapping[] = [gzip, zstd, lz4, bzip2, xz];

/** Magic number, and size of what follows it. */
const SKIPPABLE_HEADER = 8;

/**
 * The one whose first bytes these are, or null. Frames of zstd and lz4 may come behind skippable ones, which tell nothing of
 * their own (RFC 8878, section 3.1.2; pzstd begins with one), as far as those lie in the bytes given.
 */
export function wrappingOf(head: Uint8Array): Wrapping | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  let at = 0;
  while (/^5[0-9a-f]2a4d18$/.test(bytes.toString('hex', at, at + 4)) && at + SKIPPABLE_HEADER <= bytes.length) {
    at += SKIPPABLE_HEADER + bytes.readUInt32LE(at + 4);
  }
  const hex = bytes.toString('hex', at, at + 16);
  return WRAPPINGS.find(({ magic, name }) => hex.startsWith(magic) && (at === 0 || SKIPPING.has(name))) ?? null;
}

const SKIPPING: ReadonlySet<string> = new Set(['zstd', 'lz4']);
