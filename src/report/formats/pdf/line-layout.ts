import type { EncodedText, Typeface, Typefaces } from './typeface.ts';

/** A word, or a piece of one, in the face that draws it. Spaces are words of their own. */
interface Token extends EncodedText {
  readonly face: Typeface;
  readonly text: string;
  readonly space: boolean;
  readonly rightToLeft: boolean;
}

/** One line of text, in the order it is drawn from left to right. A space at its end is drawn too: readers of tagged text join lines without one. */
export interface TextLine {
  readonly tokens: readonly Token[];
  /** Advance in thousandths of the font size, without the space at the end. */
  readonly advance: number;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const PIECES =
  /\s+|[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]+|[^\s\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]+/gu;
/** After these a long identifier or path may be broken. */
const BREAKABLE = /(?<=[/\\.:_,;=&?@|-])/u;
const NEUTRAL = /^[\p{N}\p{P}\p{S}]+$/u;
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Breaks text into lines no wider than `width` points, at spaces, else after the punctuation of paths and identifiers,
 * else anywhere. Always at least one line. Words written from right to left are put in their visual order, line by
 * line, within left-to-right text: the small part of the Unicode bidirectional algorithm that names need.
 */
export function layOut(text: string, face: Typeface, faces: Typefaces, size: number, width: number): TextLine[] {
  const limit = (width / size) * 1000;
  const lines: TextLine[] = [];
  let line: Token[] = [];
  let advance = 0;
  const close = () => {
    const last = line.at(-1);
    if (last?.space) advance -= last.advance;
    lines.push({ tokens: visualOrder(line), advance });
    line = [];
    advance = 0;
  };
  const put = (token: Token) => {
    line.push(token);
    advance += token.advance;
  };
  const words = unbroken(tokens(text, face, faces));
  for (const word of words) {
    if (word[0]?.space) {
      if (line.length > 0) for (const token of word) put(token);
      continue;
    }
    const wide = word.reduce((sum, token) => sum + token.advance, 0);
    if (line.length > 0 && advance + wide > limit) {
      if (wide <= limit || advance > limit * 0.7) close();
    }
    if (advance + wide <= limit) {
      for (const token of word) put(token);
      continue;
    }
    for (const token of word.flatMap((piece) => split(piece, limit))) {
      if (line.length > 0 && advance + token.advance > limit) close();
      put(token);
    }
  }
  if (line.length > 0 || lines.length === 0) close();
  return lines;
}

function tokens(text: string, face: Typeface, faces: Typefaces): Token[] {
  const pieces = PLAIN.test(text) ? text.match(/ +|[^ ]+/g) : text.match(PIECES);
  return (pieces ?? []).map((piece) => token(/^\s/.test(piece) ? ' ' : piece, face, faces));
}

function token(text: string, face: Typeface, faces: Typefaces): Token {
  const drawn = text.length > 0 && !PLAIN.test(text) && !covers(face, text) ? faces.regular : face;
  const { glyphs, advance } = drawn.encode(text);
  return { text, glyphs, advance, face: drawn, space: text === ' ', rightToLeft: RIGHT_TO_LEFT.test(text) };
}

function covers(face: Typeface, text: string): boolean {
  for (const character of text) if (!face.covers(character.codePointAt(0) ?? 0)) return false;
  return true;
}

/** Neighbouring tokens without a space between them: broken apart only where the whole does not fit on a line. */
function unbroken(all: readonly Token[]): Token[][] {
  const words: Token[][] = [];
  for (const item of all) {
    const last = words.at(-1);
    if (last === undefined || item.space || last[0]?.space) words.push([item]);
    else last.push(item);
  }
  return words;
}

/** Cuts a token wider than a line; of one that fits, only the places where it may be cut. */
function split(whole: Token, limit: number): Token[] {
  const again = (text: string): Token => ({ ...whole, ...whole.face.encode(text), text });
  return whole.text.split(BREAKABLE).flatMap((part) => {
    const piece = again(part);
    if (piece.advance <= limit) return [piece];
    const characters = [...part];
    const count = Math.max(1, Math.floor((characters.length * limit * 0.9) / piece.advance));
    const cut: Token[] = [];
    for (let start = 0; start < characters.length; start += count) {
      cut.push(again(characters.slice(start, start + count).join('')));
    }
    return cut.flatMap((part) => (part.advance > limit && [...part.text].length > 1 ? split(part, limit) : [part]));
  });
}

/** Runs of right-to-left words are turned around, numbers and punctuation between two of them included. */
function visualOrder(line: readonly Token[]): readonly Token[] {
  if (!line.some((item) => item.rightToLeft)) return line;
  const out: Token[] = [];
  for (let start = 0; start < line.length; ) {
    const first = line[start];
    if (first === undefined) break;
    let end = start + 1;
    if (first.rightToLeft) {
      for (let next = end; next < line.length && joins(line[next]); next += 1) {
        if (line[next]?.rightToLeft) end = next + 1;
      }
    }
    const run = line.slice(start, end);
    out.push(...(first.rightToLeft ? run.reverse() : run));
    start = end;
  }
  return out;
}

function joins(item: Token | undefined): boolean {
  return item !== undefined && (item.space || item.rightToLeft || NEUTRAL.test(item.text));
}
