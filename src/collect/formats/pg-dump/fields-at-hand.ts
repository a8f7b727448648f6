import { InputEnds } from '../byte-cursor.ts';
import { assertNameLength, assertNoZeroByte, decodeIntAt } from './archive-header.ts';
import { textOf } from './known-texts.ts';

/**
 * Fields of an archive, one after the other, in bytes that are at hand. Each step throws InputEnds where they end. One
 * reader serves all entries of an archive: these are millions in an install with many dumps.
 */
export class FieldsAtHand {
  /** Bytes of an integer's magnitude. */
  private readonly intSize: number;
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;

  constructor(intSize: number) {
    this.intSize = intSize;
  }

  /** Begins with other bytes. */
  begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.at = 0;
  }

  /** How many bytes were moved past. */
  position(): number {
    return this.at;
  }

  /** Moves past a number of bytes, and gives the position behind them. */
  forward(length: number): number {
    this.at += length;
    if (this.at > this.bytes.length) throw new InputEnds();
    return this.at;
  }

  int(): number {
    const end = this.forward(this.intSize + 1);
    return decodeIntAt(this.bytes, end - this.intSize - 1, end);
  }

  /** Null for a negative length. @throws DumpDamage */
  text(): string | null {
    const length = this.pass();
    return length < 0 ? null : textOf(this.bytes, this.at - length, this.at);
  }

  /** As {@link text}, which is checked and not made. @returns its length in bytes, negative where text gives null */
  pass(): number {
    const length = this.int();
    if (length < 0) return length;
    assertNameLength(length);
    const end = this.forward(length);
    assertNoZeroByte(this.bytes, end - length, end);
    return length;
  }
}
