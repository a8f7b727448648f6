import type { EmbeddedFont, PdfDocument } from './document.ts';
import { FACES, type FaceName, faceFile } from './font-files.ts';

/** A piece of text as its font draws it: the inside of a TJ array, and its advance in thousandths of the font size. */
export interface EncodedText {
  readonly glyphs: string;
  readonly advance: number;
}

/** One embedded font of one document. */
export interface Typeface {
  readonly name: FaceName;
  readonly font: EmbeddedFont;
  /** Height above and below the baseline, as fractions of the font size; both positive. */
  readonly ascent: number;
  readonly descent: number;
  covers(codePoint: number): boolean;
  encode(text: string): EncodedText;
}
export type Typefaces = Readonly<Record<FaceName, Typeface>>;

/** Words repeat from row to row; names and instants do not. The cache is emptied when it grows past this. */
const CACHED_WORDS = 20_000;

/** Embeds the report's fonts into `document`. */
export function openTypefaces(document: PdfDocument): Typefaces {
  const open = (name: FaceName): Typeface => {
    document.font(faceFile(name));
    return typeface(name, document._font);
  };
  const names = Object.keys(FACES) as FaceName[];
  return Object.fromEntries(names.map((name) => [name, open(name)])) as Record<FaceName, Typeface>;
}

function typeface(name: FaceName, font: EmbeddedFont): Typeface {
  const words = new Map<string, EncodedText>();
  const covered = new Map<number, boolean>();
  return {
    name,
    font,
    ascent: font.ascender / 1000,
    descent: -font.descender / 1000,
    covers(codePoint) {
      const known = covered.get(codePoint);
      if (known !== undefined) return known;
      const answer = font.font.hasGlyphForCodePoint(codePoint);
      covered.set(codePoint, answer);
      return answer;
    },
    encode(text) {
      const known = words.get(text);
      if (known !== undefined) return known;
      const encoded = encode(font, text);
      if (words.size >= CACHED_WORDS) words.clear();
      words.set(text, encoded);
      return encoded;
    },
  };
}

/**
 * Glyphs and kerning as a TJ array holds them (ISO 32000-1, 9.4.3: adjustments are subtracted). Vertical offsets of
 * combining marks are left out: names are composed first, so that few remain.
 */
function encode(font: EmbeddedFont, text: string): EncodedText {
  const [codes, positions] = font.encode(text);
  let glyphs = '<';
  let advance = 0;
  for (let index = 0; index < codes.length; index += 1) {
    const position = positions[index];
    const code = codes[index];
    if (position === undefined || code === undefined) break;
    if (position.xOffset !== 0) glyphs += `> ${-round(position.xOffset)} <`;
    glyphs += code;
    const adjustment = position.xAdvance - position.advanceWidth - position.xOffset;
    if (adjustment !== 0) glyphs += `> ${-round(adjustment)} <`;
    advance += position.xAdvance;
  }
  return { glyphs: `${glyphs}>`, advance };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
