const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x27;
const DOLLAR = 0x24;
const SLASH = 0x2f;
const STAR = 0x2a;
const BACKSLASH = 0x5c;
/** The line that ends COPY rows, without its newline. */
const END_MARK = [BACKSLASH, 0x2e] as const;
const LINE_OF_END_MARK = Buffer.from([NEWLINE, ...END_MARK]);

/** Passes over one thing that may lie in several chunks: the position right after it, or null where the chunk ends first. */
export type Skipper = (chunk: Uint8Array, from: number) => number | null;

/** Up to and including the next newline. */
export const toNextLine: Skipper = (chunk, from) => after(chunk.indexOf(NEWLINE, from));

/** The rows of a COPY statement up to and including the line `\.`. Starts at the beginning of a line. */
export function rowSkipper(): Skipper {
  /** How much of the end mark the current line has shown; null when it is another line. */
  let shown: number | null = 0;
  return (chunk, from) => {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let at = from;
    while (at < bytes.length) {
      if (shown === null) {
        // One search for all lines: most dumps are rows.
        const line = bytes.indexOf(LINE_OF_END_MARK, at);
        if (line < 0) {
          shown = shownAtEnd(bytes, at);
          return null;
        }
        at = line + LINE_OF_END_MARK.length;
        shown = END_MARK.length;
        continue;
      }
      const byte = bytes[at];
      at += 1;
      if (byte === NEWLINE) {
        if (shown === END_MARK.length) return at;
        shown = 0;
      } else if (shown < END_MARK.length && byte === END_MARK[shown]) {
        shown += 1;
      } else if (shown < END_MARK.length || byte !== CARRIAGE_RETURN) {
        shown = null;
      }
    }
    return null;
  };
}

/** How much of an end mark the last line from `from` on has shown, where it holds no whole one. */
function shownAtEnd(bytes: Buffer, from: number): number | null {
  const newline = bytes.lastIndexOf(NEWLINE);
  if (newline < from) return null;
  if (newline === bytes.length - 1) return 0;
  return newline === bytes.length - 2 && bytes[newline + 1] === BACKSLASH ? 1 : null;
}

/** A string constant in which no backslash escapes, after its opening quote, up to and including the next one. */
export const toNextQuote: Skipper = (chunk, from) => after(chunk.indexOf(QUOTE, from));

/** A string constant after its opening quote, up to and including the next quote that no backslash escapes. */
export function escapingSkipper(): Skipper {
  let escaped = false;
  return (chunk, from) => {
    for (let at = from; at < chunk.length; at += 1) {
      if (!escaped && chunk[at] === QUOTE) return at + 1;
      escaped = !escaped && chunk[at] === BACKSLASH;
    }
    return null;
  };
}

/** A dollar-quoted constant after its opening tag, up to and including the same tag. */
export function dollarSkipper(tag: readonly number[]): Skipper {
  let matched = 0;
  return (chunk, from) => {
    let at = from;
    while (at < chunk.length) {
      if (matched === 0) {
        const dollar = chunk.indexOf(DOLLAR, at);
        if (dollar < 0) return null;
        at = dollar;
      }
      const byte = chunk[at];
      at += 1;
      if (byte === tag[matched]) matched += 1;
      else matched = byte === DOLLAR ? 1 : 0;
      if (matched === tag.length) return at;
    }
    return null;
  };
}

/** A bracketed comment after its opening, up to and including its end; such comments nest. */
export function bracketedCommentSkipper(): Skipper {
  let depth = 1;
  let before = 0;
  return (chunk, from) => {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      const opens = before === SLASH && byte === STAR;
      const closes = before === STAR && byte === SLASH;
      before = opens || closes ? 0 : byte;
      if (opens) depth += 1;
      if (closes) depth -= 1;
      if (depth === 0) return at + 1;
    }
    return null;
  };
}

function after(position: number): number | null {
  return position < 0 ? null : position + 1;
}
