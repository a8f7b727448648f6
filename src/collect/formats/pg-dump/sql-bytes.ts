/** Bytes that may begin or end something; all others are code that is only kept. */
const IS_SPECIAL = new Uint8Array(256);
for (const byte of Buffer.from(';\'"$-/*\\')) IS_SPECIAL[byte] = 1;

/** Where the next byte lies that may begin or end something, or the end of the chunk. */
export function endOfOrdinary(chunk: Uint8Array, from: number): number {
  let at = from;
  while (at < chunk.length && IS_SPECIAL[chunk[at] ?? 0] === 0) at += 1;
  return at;
}

/** Letters, digits, underscore and every byte of a multi-byte character. */
export function isNameByte(byte: number): boolean {
  const letter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return letter || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f || byte >= 0x80;
}
