import { InputEnds } from '../byte-cursor.ts';

/** As many as the longest code of bzip2 has. */
export const PEEKED_BITS = 20;

/** Bits of a text of bytes, the most significant of each byte first. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #held = 0;
  #heldBits = 0;

  /** @param bitOffset of the first bit */
  constructor(bytes: Uint8Array, bitOffset: number) {
    this.#bytes = bytes;
    this.#at = bitOffset >>> 3;
    if ((bitOffset & 7) !== 0) this.read(bitOffset & 7);
  }

  /** Position in bits. */
  position(): number {
    return this.#at * 8 - this.#heldBits;
  }

  /** Up to 24 bits. @throws InputEnds */
  read(count: number): number {
    while (this.#heldBits < count) {
      if (this.#at >= this.#bytes.length) throw new InputEnds();
      this.#held = ((this.#held & 0xffffff) << 8) | (this.#bytes[this.#at] ?? 0);
      this.#at += 1;
      this.#heldBits += 8;
    }
    this.#heldBits -= count;
    return (this.#held >>> this.#heldBits) & ((1 << count) - 1);
  }

  /** The next 20 bits without moving on; where fewer are left, zeros follow them. */
  peek(): number {
    while (this.#heldBits < PEEKED_BITS && this.#at < this.#bytes.length) {
      this.#held = ((this.#held & 0xffffff) << 8) | (this.#bytes[this.#at] ?? 0);
      this.#at += 1;
      this.#heldBits += 8;
    }
    const surplus = this.#heldBits - PEEKED_BITS;
    return (surplus >= 0 ? this.#held >>> surplus : this.#held << -surplus) & (2 ** PEEKED_BITS - 1);
  }

  /** Moves on by bits that {@link peek} has shown. @throws InputEnds where there are fewer */
  pass(count: number): void {
    if (count > this.#heldBits) throw new InputEnds();
    this.#heldBits -= count;
  }

  /** 32 bits, unsigned. @throws InputEnds */
  readWord(): number {
    return this.read(16) * 65536 + this.read(16);
  }
}
