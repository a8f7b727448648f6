import { InputEnds } from '../byte-cursor.ts';
import { assertNameLength, assertNoZeroByte, decodeIntAt } from './archive-header.ts';
import { textOf } from './known-texts.ts';

/** Fields of an archive, one after the other, in bytes that are at hand. Each step throws InputEnds where they end. */
export interface FieldsAtHand {
  /** How many bytes were moved past. */
  position(): number;
  /** Moves past a number of bytes, and gives the position behind them. */
  forward(length: number): number;
  int(): number;
  /** Null for a negative length. @throws DumpDamage */
  text(): string | null;
  /** As {@link text}, which is checked and not made. @returns its length in bytes, negative where text gives null */
  pass(): number;
}

/** @param intSize bytes of an integer's magnitude */
export function fieldsAtHand(bytes: Uint8Array, intSize: number): FieldsAtHand {
  let at = 0;
  const forward = (length: number): number => {
    at += length;
    if (at > bytes.length) throw new InputEnds();
    return at;
  };
  const int = (): number => {
    const end = forward(intSize + 1);
    return decodeIntAt(bytes, end - intSize - 1, end);
  };
  const pass = (): number => {
    const length = int();
    if (length < 0) return length;
    assertNameLength(length);
    const end = forward(length);
    assertNoZeroByte(bytes, end - length, end);
    return length;
  };
  return {
    position: () => at,
    forward,
    int,
    text: () => {
      const length = pass();
      return length < 0 ? null : textOf(bytes, at - length, at);
    },
    pass,
  };
}
