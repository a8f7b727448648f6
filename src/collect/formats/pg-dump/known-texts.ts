const SLOTS = 4096;
const LONGEST = 64;
const ASCII_END = 0x80;
const utf8 = new TextDecoder('utf-8');

/** One short text in each slot, the last one met that belongs there: what is kept is bounded, whatever is read. */
const met: string[] = Array.from({ length: SLOTS }, () => '');

/**
 * The text of some bytes in UTF-8. A short one that was met before is given again: the dumps of a location have most of
 * their names in common, which need neither be decoded again and again nor be in memory more than once.
 */
export function textOf(bytes: Uint8Array, from: number, end: number): string {
  const length = end - from;
  const slot = slotOf(bytes, from, end);
  if (slot === null) return utf8.decode(bytes.subarray(from, end));
  const known = met[slot] ?? '';
  if (known.length === length && isText(known, bytes, from)) return known;
  const text = utf8.decode(bytes.subarray(from, end));
  met[slot] = text;
  return text;
}

/** Null for a text that is not kept. */
function slotOf(bytes: Uint8Array, from: number, end: number): number | null {
  if (end - from > LONGEST) return null;
  let mixed = 0;
  for (let at = from; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= ASCII_END) return null;
    mixed = (Math.imul(mixed, 31) + byte) | 0;
  }
  return (mixed ^ (mixed >>> 12)) & (SLOTS - 1);
}

function isText(text: string, bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) !== bytes[from + at]) return false;
  return true;
}
