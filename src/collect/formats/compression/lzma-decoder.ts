import { damaged } from './compressed-input.ts';
import type { LzmaWindow } from './lzma-window.ts';
import { EVEN_ODDS, RangeDecoder } from './range-decoder.ts';

const STATES = 12;
const POSITIONS = 16;
const LITERAL_ODDS = 0x300;
const SHORTEST_MATCH = 2;
const LENGTH_STATES = 4;
const FIRST_MODELED_SLOT = 4;
const FIRST_DIRECT_SLOT = 14;
const ALIGN_BITS = 4;
const FIRST_STATE_AFTER_MATCH = 7;

interface LengthOdds {
  readonly choice: Uint16Array;
  readonly low: Uint16Array;
  readonly middle: Uint16Array;
  readonly high: Uint16Array;
}

/** Decodes the chunks of one LZMA2 stream (LZMA specification by I. Pavlov, 2015). */
export class LzmaDecoder {
  readonly #range = new RangeDecoder();
  readonly #window: LzmaWindow;
  #literalContext = 0;
  #literalPositionMask = 0;
  #positionMask = 0;
  #state = 0;
  #distances: [number, number, number, number] = [0, 0, 0, 0];
  #position = 0;
  #literals: Uint16Array = new Uint16Array(0);
  #isMatch = odds(STATES * POSITIONS);
  #isRepeat = odds(STATES);
  #isRepeatOf = [odds(STATES), odds(STATES), odds(STATES)] as const;
  #isLongRepeat = odds(STATES * POSITIONS);
  #slots = odds(LENGTH_STATES * 64);
  #specialDistances = odds(128);
  #alignment = odds(1 << ALIGN_BITS);
  #matchLength = lengthOdds();
  #repeatLength = lengthOdds();

  constructor(window: LzmaWindow) {
    this.#window = window;
  }

  /** @param properties the byte that combines lc, lp and pb. @throws CompressedDamage */
  setProperties(properties: number): void {
    const contextBits = properties % 9;
    const positionBits = Math.floor(properties / 9) % 5;
    if (properties >= 9 * 5 * 5 || contextBits + positionBits > 4) throw damaged('xz', 'the properties of a chunk');
    this.#literalContext = contextBits;
    this.#literalPositionMask = (1 << positionBits) - 1;
    this.#positionMask = (1 << Math.floor(properties / 45)) - 1;
    this.#literals = odds(LITERAL_ODDS << (contextBits + positionBits));
  }

  resetState(): void {
    this.#state = 0;
    this.#distances = [0, 0, 0, 0];
    const lengths = [this.#matchLength, this.#repeatLength].flatMap(({ choice, low, middle, high }) => [
      ...[choice, low, middle, high],
    ]);
    const all = [this.#literals, this.#isMatch, this.#isRepeat, ...this.#isRepeatOf, this.#isLongRepeat];
    for (const one of [...all, this.#slots, this.#specialDistances, this.#alignment, ...lengths]) one.fill(EVEN_ODDS);
  }

  /** Positions count from the last reset of the dictionary. */
  resetPosition(): void {
    this.#position = 0;
  }

  /** Bytes that were stored as they are move the position, too. */
  pass(length: number): void {
    this.#position += length;
  }

  /** Fills the chunk that the window has made room for. @throws CompressedDamage */
  decode(chunk: Uint8Array): void {
    const window = this.#window;
    this.#range.start(chunk);
    while (window.left() > 0) {
      const before = window.left();
      const positionState = this.#position & this.#positionMask;
      if (this.#range.bit(this.#isMatch, this.#state * POSITIONS + positionState) === 0) this.#literal();
      else this.#match(positionState);
      this.#position += before - window.left();
    }
    if (!this.#range.isFinished()) throw damaged('xz', 'the end of a chunk');
  }

  #literal(): void {
    const window = this.#window;
    const range = this.#range;
    const last = window.peek(0);
    const context =
      ((this.#position & this.#literalPositionMask) << this.#literalContext) + (last >> (8 - this.#literalContext));
    const base = LITERAL_ODDS * context;
    const literals = this.#literals;
    let node = 1;
    if (this.#state >= FIRST_STATE_AFTER_MATCH) {
      let matched = window.peek(this.#distances[0]);
      while (node < 0x100) {
        const expected = (matched >> 7) & 1;
        matched <<= 1;
        const bit = range.bit(literals, base + ((1 + expected) << 8) + node);
        node = node * 2 + bit;
        if (bit !== expected) break;
      }
    }
    while (node < 0x100) node = node * 2 + range.bit(literals, base + node);
    window.put(node & 0xff);
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  #match(positionState: number): void {
    const range = this.#range;
    const state = this.#state;
    const afterMatch = state >= FIRST_STATE_AFTER_MATCH;
    const [first, second, third, fourth] = this.#distances;
    let length: number;
    if (range.bit(this.#isRepeat, state) === 0) {
      length = this.#readLength(this.#matchLength, positionState);
      this.#state = afterMatch ? 10 : 7;
      this.#distances = [this.#readDistance(length), first, second, third];
    } else if (range.bit(this.#isRepeatOf[0], state) === 0) {
      if (range.bit(this.#isLongRepeat, state * POSITIONS + positionState) === 0) {
        this.#state = afterMatch ? 11 : 9;
        this.#window.repeat(first, 1);
        return;
      }
      length = this.#readLength(this.#repeatLength, positionState);
      this.#state = afterMatch ? 11 : 8;
    } else {
      if (range.bit(this.#isRepeatOf[1], state) === 0) this.#distances = [second, first, third, fourth];
      else if (range.bit(this.#isRepeatOf[2], state) === 0) this.#distances = [third, first, second, fourth];
      else this.#distances = [fourth, first, second, third];
      length = this.#readLength(this.#repeatLength, positionState);
      this.#state = afterMatch ? 11 : 8;
    }
    this.#window.repeat(this.#distances[0], length);
  }

  #readLength({ choice, low, middle, high }: LengthOdds, positionState: number): number {
    const range = this.#range;
    if (range.bit(choice, 0) === 0) return SHORTEST_MATCH + range.tree(low, positionState * 8, 3);
    if (range.bit(choice, 1) === 0) return SHORTEST_MATCH + 8 + range.tree(middle, positionState * 8, 3);
    return SHORTEST_MATCH + 16 + range.tree(high, 0, 8);
  }

  #readDistance(length: number): number {
    const range = this.#range;
    const lengthState = Math.min(length - SHORTEST_MATCH, LENGTH_STATES - 1);
    const slot = range.tree(this.#slots, lengthState * 64, 6);
    if (slot < FIRST_MODELED_SLOT) return slot;
    const directBits = (slot >> 1) - 1;
    const start = (2 + (slot & 1)) * 2 ** directBits;
    if (slot < FIRST_DIRECT_SLOT) {
      return start + range.reverseTree(this.#specialDistances, start - slot, directBits);
    }
    const high = range.direct(directBits - ALIGN_BITS) * 2 ** ALIGN_BITS;
    return start + high + range.reverseTree(this.#alignment, 0, ALIGN_BITS);
  }
}

function odds(count: number): Uint16Array {
  return new Uint16Array(count).fill(EVEN_ODDS);
}

function lengthOdds(): LengthOdds {
  return { choice: odds(2), low: odds(POSITIONS * 8), middle: odds(POSITIONS * 8), high: odds(256) };
}
