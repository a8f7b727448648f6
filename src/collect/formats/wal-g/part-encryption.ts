/** How each compression begins (lz4 and zstd frame formats; .lzma as LZMA SDK's lzma.txt; RFC 1952). Brotli has no mark. */
const MARKS = new Map([
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['zst', [0x28, 0xb5, 0x2f, 0xfd]],
  ['lzma', [0x5d, 0x00, 0x00]],
  ['gz', [0x1f, 0x8b]],
]);

/** Bytes of a part that {@link looksEncrypted} wants. */
export const PART_HEAD_BYTES = 512;

/**
 * Whether a part of a backup is encrypted. WAL-G encrypts what it has compressed and leaves the name as it is
 * (wal-g, internal/compress_and_encrypt.go), so a part that does not begin as its name says is encrypted, or damaged.
 * Null where the name promises no mark (brotli): not told.
 */
export function looksEncrypted(name: string, head: Uint8Array): boolean | null {
  const extension = name.slice(name.lastIndexOf('.') + 1);
  const mark = MARKS.get(extension);
  if (mark !== undefined) return mark.some((byte, index) => head[index] !== byte);
  // Not compressed: the header of a tar member has its mark at byte 257 (POSIX, ustar interchange format).
  if (extension !== 'tar' && !name.endsWith('.tar.')) return null;
  return Buffer.from(head.subarray(257, 262)).toString('latin1') !== 'ustar';
}
