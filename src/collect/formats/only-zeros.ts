const ZEROS = Buffer.alloc(64 * 1024);

/**
 * Whether bytes are zeros and nothing else. Compared as blocks: a small compressed file can hold gigabytes of zeros, and
 * looking at each for itself would take minutes.
 */
export function onlyZeros(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const piece = bytes.subarray(at, at + ZEROS.length);
    if (!ZEROS.subarray(0, piece.length).equals(piece)) return false;
  }
  return true;
}
