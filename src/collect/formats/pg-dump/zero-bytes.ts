import type { PieceVisitor } from '../byte-cursor.ts';
import { DumpDamage } from './dump-reading.ts';

/**
 * Text of a dump holds no zero byte: PostgreSQL's text cannot (documentation, "Character Types"), and neither can COPY
 * rows, whose escapes are printable. Where some lie, a block was lost or a preallocated file never filled.
 *
 * @param at position of the first byte of `text`, to say where the zero bytes begin
 * @throws DumpDamage
 */
export function assertNoZeroBytes(text: Uint8Array, at: number): void {
  const zero = text.indexOf(0);
  if (zero >= 0) throw new DumpDamage(`zero bytes lie in its text, from byte ${at + zero} on: part of it was lost`);
}

/** As {@link assertNoZeroBytes}, for text that arrives in pieces from that position on. */
export function textVisitor(at: number): PieceVisitor {
  let passed = at;
  return (piece) => {
    assertNoZeroBytes(piece, passed);
    passed += piece.length;
  };
}
