import { isUtf8 } from 'node:buffer';
import { DumpDamage } from './dump-reading.ts';

const LONGEST_CHARACTER = 4;

/**
 * Looks at COPY rows that arrive in pieces and are to be UTF-8: the server refuses all rows of a table where a byte is none
 * (PostgreSQL source, wchar.c, `pg_utf8_verifystr`, which knows the same rules as Node.js). A character may lie in two pieces.
 *
 * @param table for the sentence
 */
export function utf8RowVisitor(table: string): (piece: Uint8Array) => void {
  let begun: Uint8Array = new Uint8Array(0);
  return (piece) => {
    let from = 0;
    if (begun.length > 0) {
      from = Math.min(missingBytes(begun), piece.length);
      const character = Buffer.concat([begun, piece.subarray(0, from)]);
      begun = missingBytes(character) > 0 ? character : new Uint8Array(0);
      if (begun.length === 0 && !isUtf8(character)) throw damaged(table);
    }
    const kept = begun.length > 0 ? 0 : unfinished(piece, from);
    if (!isUtf8(piece.subarray(from, piece.length - kept))) throw damaged(table);
    if (kept > 0) begun = Uint8Array.prototype.slice.call(piece, piece.length - kept);
  };
}

/** How many bytes at the end of a piece are a character that is not over. */
function unfinished(piece: Uint8Array, from: number): number {
  for (let length = 1; length < LONGEST_CHARACTER && length <= piece.length - from; length += 1) {
    const missing = missingBytes(piece.subarray(piece.length - length));
    if (missing > 0) return length;
    if (((piece[piece.length - length] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return 0;
}

/** How many bytes a character that begins so still needs. */
function missingBytes(character: Uint8Array): number {
  const first = character[0] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return Math.max(0, length - character.length);
}

function damaged(table: string): DumpDamage {
  return new DumpDamage(
    `bytes that are no UTF-8 lie in the rows of table ${table}, which the dump says to be UTF-8: the server refuses them`,
  );
}
