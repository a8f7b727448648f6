/** The first bytes of a text that arrives byte by byte; leading white space is left out. */
export interface KeptText {
  keep(byte: number): void;
  /** Takes back the last byte where it is this one. */
  dropLast(byte: number): void;
  length(): number;
  /** The text as UTF-8 without trailing white space; starts anew. */
  take(): string;
}

export function createKeptText(longest: number): KeptText {
  const bytes = Buffer.alloc(longest);
  let length = 0;
  return {
    keep: (byte) => {
      if (length === longest || (length === 0 && byte <= 0x20)) return;
      bytes[length] = byte;
      length += 1;
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
