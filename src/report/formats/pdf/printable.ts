/**
 * Text that the report's fonts can draw. A character without a glyph, or without any visible form (controls,
 * directional overrides, unassigned), is written as its number in brackets, e.g. `[U+4E2D U+6587]`: a name must stay
 * recognizable, and nothing in it may vanish or turn the line around.
 */
export interface PrintableText {
  readonly text: string;
  /** How many characters were written as numbers. */
  readonly replaced: number;
}

const PLAIN = /^[\x20-\x7e]*$/;
/** Joiners (U+200C, U+200D) shape Persian and emoji and stay. */
const INVISIBLE = /(?![\u200c\u200d])\p{C}|[\u2028\u2029]/u;
const SPACE = /\s/u;

export function printable(text: string, covers: (codePoint: number) => boolean): PrintableText {
  if (PLAIN.test(text)) return { text, replaced: 0 };
  let out = '';
  let replaced = 0;
  let open = false;
  for (const character of text.normalize('NFC')) {
    const codePoint = character.codePointAt(0) ?? 0;
    const line = SPACE.test(character);
    if (line || (!INVISIBLE.test(character) && covers(codePoint))) {
      if (open) out += ']';
      open = false;
      out += line ? ' ' : character;
      continue;
    }
    out += `${open ? ' ' : '['}U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
    open = true;
    replaced += 1;
  }
  return { text: open ? `${out}]` : out, replaced };
}
