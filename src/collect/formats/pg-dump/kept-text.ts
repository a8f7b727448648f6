/** The first bytes of a text that arrives byte by byte; leading white space is left out. */
export interface KeptText {
  keep(byte: number): void;
  /** Keeps the bytes of a chunk from `from` up to `end`. */
  keepAll(chunk: Uint8Array, from: number, end: number): void;
  /** Takes back the last byte where it is this one. */
  dropLast(byte: number): void;
  length(): number;
  /** The text as UTF-8 without trailing white space; starts anew. */
  take(): string;
}

/** What most texts fit into. */
const FIRST_SIZE = 1024;

export function createKeptText(longest: number): KeptText {
  let bytes = Buffer.allocUnsafe(Math.min(FIRST_SIZE, longest));
  let length = 0;
  const keepAll = (chunk: Uint8Array, from: number, end: number): void => {
    let at = from;
    if (length === 0) while (at < end && (chunk[at] ?? 0) <= 0x20) at += 1;
    const size = Math.min(length + end - at, longest);
    while (size > bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * bytes.length, longest));
    // Most pieces are so short that a loop is done before a copy of memory has begun.
    for (; length < size; length += 1, at += 1) bytes[length] = chunk[at] ?? 0;
  };
  return {
    keep: (byte) => {
      if (length === longest || (length === 0 && byte <= 0x20)) return;
      if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length, longest));
      bytes[length] = byte;
      length += 1;
    },
    keepAll,
    dropLast: (byte) => {
      if (length > 0 && bytes[length - 1] === byte) length -= 1;
    },
    length: () => length,
    take: () => {
      const text = bytes.toString('utf8', 0, length).trimEnd();
      length = 0;
      return text;
    },
  };
}
