import { damaged } from './compressed-input.ts';

const START_BYTES = 5;
const TOP = 0x1000000;
const MODEL_BITS = 11;
const MOVE_BITS = 5;
/** The probability of a bit that nothing is known of. */
export const EVEN_ODDS = 1024;

/** The range decoder of LZMA (LZMA specification by I. Pavlov, 2015, "Range Decoder"), over one chunk of LZMA2. */
export class RangeDecoder {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #range = 0;
  #code = 0;

  /** @throws CompressedDamage when the chunk begins with no range coder's bytes */
  start(bytes: Uint8Array): void {
    const [first, a = 0, b = 0, c = 0, d = 0] = bytes;
    if (bytes.length < START_BYTES || first !== 0) throw damaged('xz', 'the beginning of a chunk');
    this.#bytes = bytes;
    this.#at = START_BYTES;
    this.#range = 0xffffffff;
    this.#code = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  }

  /** Whether the chunk ends here, as it must. */
  isFinished(): boolean {
    this.#normalize();
    return this.#code === 0 && this.#at === this.#bytes.length;
  }

  bit(odds: Uint16Array, index: number): number {
    this.#normalize();
    const probability = odds[index] ?? 0;
    const bound = (this.#range >>> MODEL_BITS) * probability;
    if (this.#code < bound) {
      this.#range = bound;
      odds[index] = probability + ((2048 - probability) >>> MOVE_BITS);
      return 0;
    }
    this.#range -= bound;
    this.#code -= bound;
    odds[index] = probability - (probability >>> MOVE_BITS);
    return 1;
  }

  /** `count` bits, the most significant first, by a tree of odds that begins at `base`. */
  tree(odds: Uint16Array, base: number, count: number): number {
    let node = 1;
    for (let left = count; left > 0; left -= 1) node = node * 2 + this.bit(odds, base + node);
    return node - (1 << count);
  }

  /** As {@link tree}, the least significant bit first. */
  reverseTree(odds: Uint16Array, base: number, count: number): number {
    let node = 1;
    let value = 0;
    for (let place = 0; place < count; place += 1) {
      const bit = this.bit(odds, base + node);
      node = node * 2 + bit;
      value |= bit << place;
    }
    return value;
  }

  /** Bits of even odds, the most significant first. */
  direct(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left -= 1) {
      this.#normalize();
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      value = value * 2 + bit;
    }
    return value;
  }

  #normalize(): void {
    if (this.#range >= TOP) return;
    if (this.#at >= this.#bytes.length) throw damaged('xz', 'a chunk without an end');
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | (this.#bytes[this.#at] ?? 0)) >>> 0;
    this.#at += 1;
  }
}
