/** The first bytes of a text that arrives byte by byte; leading white space is left out. */
export interface KeptText {
  keep(byte: number): void;
  /** Keeps the bytes of a chunk from `from` up to `end`. */
  keepAll(chunk: Uint8Array, from: number, end: number): void;
  /** Takes back the last byte where it is this one. */
  dropLast(byte: number): void;
  length(): number;
  /** Whether what is kept so far is this ASCII text. */
  isJust(text: string): boolean;
  /** The text as UTF-8 without trailing white space; starts anew. */
  take(): string;
}

/** What most texts fit into. */
const FIRST_SIZE = 1024;

export function createKeptText(longest: number): KeptText {
  return new TextKeeper(longest);
}

class TextKeeper implements KeptText {
  private readonly longest: number;
  private bytes: Buffer;
  private filled = 0;

  constructor(longest: number) {
    this.longest = longest;
    this.bytes = Buffer.allocUnsafe(Math.min(FIRST_SIZE, longest));
  }

  keep(byte: number): void {
    if (this.filled === this.longest || (this.filled === 0 && byte <= 0x20)) return;
    if (this.filled === this.bytes.length) this.grow();
    this.bytes[this.filled] = byte;
    this.filled += 1;
  }

  keepAll(chunk: Uint8Array, from: number, end: number): void {
    let at = from;
    let length = this.filled;
    if (length === 0) while (at < end && (chunk[at] ?? 0) <= 0x20) at += 1;
    const size = Math.min(length + end - at, this.longest);
    while (size > this.bytes.length) this.grow();
    const { bytes } = this;
    // Most pieces are so short that a loop is done before a copy of memory has begun.
    for (; length < size; length += 1, at += 1) bytes[length] = chunk[at] ?? 0;
    this.filled = length;
  }

  dropLast(byte: number): void {
    if (this.filled > 0 && this.bytes[this.filled - 1] === byte) this.filled -= 1;
  }

  length(): number {
    return this.filled;
  }

  isJust(text: string): boolean {
    return this.filled === text.length && this.bytes.toString('latin1', 0, this.filled) === text;
  }

  take(): string {
    const text = this.bytes.toString('utf8', 0, this.filled).trimEnd();
    this.filled = 0;
    return text;
  }

  private grow(): void {
    this.bytes = Buffer.concat([this.bytes], Math.min(2 * this.bytes.length, this.longest));
  }
}
