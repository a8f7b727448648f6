import { numberText } from './numbers.ts';

/*
 * Text from the outside (names of organizations, buckets, files; sentences that hold such names) made fit to print.
 * Nothing is dropped without a word: what cannot be shown is written out, what is too long names its length.
 */

/**
 * Characters that move, hide or break text around them: controls (C0, DEL, C1), line and paragraph separators, the
 * bidirectional marks, embeddings, overrides and isolates (Unicode Standard Annex 9, table 4), invisible formatting
 * characters, tag characters, noncharacters and halves of surrogate pairs. The joiners U+200C and U+200D stay:
 * Persian and emoji need them.
 */
const DISRUPTIVE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF\u{E0000}-\u{E0FFF}]/gu;

/** Latin, Greek, Cyrillic and common punctuation: nothing to write out and nothing that runs from right to left. Most text ends here, quickly. */
const PLAIN = /^[ -~\u00A0-\u00AC\u00AE-\u058F\u2010-\u2027]*$/;

/** Each disruptive character replaced by its code point, e.g. `[U+202E]`. Nothing is shortened. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(DISRUPTIVE, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return `[U+${point.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}

const LONGEST_NAME = 120;
const KEPT_OF_NAME = 80;
const LONGEST_SENTENCE = 900;
const KEPT_OF_SENTENCE = { start: 500, end: 300 } as const;

/** The first and last code points of a text, cut before anything is measured, so that hostile lengths cost nothing. */
function start(text: string, length: number): string {
  return [...text.slice(0, length * 2)].slice(0, length).join('');
}

function end(text: string, length: number): string {
  return [...text.slice(-length * 2)].slice(-length).join('');
}

/**
 * A name for print: disruptive characters are written out, and above 120 characters only the first 80 are kept,
 * followed by the true length: `… (10,000 characters in all)`. An empty name becomes `(no name)`. Applying it twice
 * changes nothing more.
 */
export function neutralize(name: string): string {
  if (name.trim() === '') return '(no name)';
  const shown = visible(name);
  if (shown.length <= LONGEST_NAME) return shown;
  const kept = wholeCharacters(visible(start(name, KEPT_OF_NAME)).slice(0, KEPT_OF_NAME));
  return `${kept}… (${numberText(characterCount(name))} characters in all)`;
}

/** No sentence of ours brings along more than this without a space. */
const LONGEST_WORD = 160;

/**
 * A sentence that may hold outside names: disruptive characters are written out, text of more than 160 characters
 * without a space is shortened like a name, and above 900 characters the middle is left out with a word, so that both
 * what it is about and how it ends stay readable. Applying it twice changes nothing more.
 */
export function neutralizeSentence(text: string): string {
  const sentence = text.length <= LONGEST_WORD ? text : text.replace(/\S+/gu, shortenedWord);
  if (sentence.length <= LONGEST_SENTENCE) {
    const shown = visible(sentence);
    if (shown.length <= LONGEST_SENTENCE) return shown;
  }
  const first = visible(start(sentence, KEPT_OF_SENTENCE.start)).slice(0, KEPT_OF_SENTENCE.start);
  const last = visible(end(sentence, KEPT_OF_SENTENCE.end)).slice(-KEPT_OF_SENTENCE.end);
  const left = Math.max(0, sentence.length - KEPT_OF_SENTENCE.start - KEPT_OF_SENTENCE.end);
  return `${wholeCharacters(first)} [… ${numberText(left)} characters left out …] ${wholeCharacters(last)}`;
}

function shortenedWord(word: string): string {
  if (word.length <= LONGEST_WORD) return word;
  const stop = /[.,:;]$/.exec(word)?.[0] ?? '';
  return neutralize(stop === '' ? word : word.slice(0, -1)) + stop;
}

/** The same as a sentence that ends: a text from elsewhere may or may not bring its full stop. */
export function asSentence(text: string): string {
  const shown = neutralizeSentence(text);
  return /[.!?…;:\])`”]$/.test(shown) ? shown : `${shown}.`;
}

function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Drops half a surrogate pair at either end. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, '');
}

const RIGHT_TO_LEFT =
  '\\p{Script=Hebrew}\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Thaana}\\p{Script=Nko}\\p{Script=Samaritan}\\p{Script=Mandaic}\\p{Script=Adlam}\\p{Script=Hanifi_Rohingya}';
const RIGHT_TO_LEFT_RUN = new RegExp(
  `[${RIGHT_TO_LEFT}](?:[\\p{M}\\p{N}\\p{P}\\p{Zs}\\p{S}\\u200C\\u200D]*[${RIGHT_TO_LEFT}])*\\p{M}*`,
  'gu',
);

/**
 * Wraps each run of right-to-left text in FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (U+2068, U+2069), so that
 * a Hebrew or Arabic name inside a sentence leaves the words and numbers beside it where they belong. For outputs that
 * lay text out by the Unicode bidirectional algorithm, as browsers do; expects `neutralize`d text.
 */
export function isolateRightToLeft(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(RIGHT_TO_LEFT_RUN, '\u2068$&\u2069');
}
