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
  const keep = (byte: number): void => {
    if (length === longest || (length === 0 && byte <= 0x20)) return;
    if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length, longest));
    bytes[length] = byte;
    length += 1;
  };
  return {
    keep,
    keepAll: (chunk, from, end) => {
      for (let at = from; at < end; at += 1) keep(chunk[at] ?? 0);
    },
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
