import { bzip2 } from './bzip2.ts';
import { gzip } from './gzip.ts';
import { lz4 } from './lz4.ts';
import type { Wrapping } from './wrapping.ts';
import { xz } from './xz.ts';
import { zstd } from './zstd.ts';

/** Every compression that is opened. */
export const WRAPPINGS: readonly Wrapping[] = [gzip, zstd, lz4, bzip2, xz];

/** The one whose first bytes these are, or null. */
export function wrappingOf(head: Uint8Array): Wrapping | null {
  const hex = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('hex', 0, 16);
  return WRAPPINGS.find(({ magic }) => hex.startsWith(magic)) ?? null;
}
