import { SourceError } from '../../model/source-error.ts';

/** Receives what a {@link jsonScanner} comes across. A path holds the names of members, and `[]` for elements of lists. */
export interface JsonHandlers {
  /** A string (decoded), a number (as written, so that nothing is rounded), `true`, `false` or `null`. */
  scalar(path: readonly string[], kind: 'string' | 'number' | 'word', text: string): void;
  /** Whether to look into the object or list at a path; what is not looked into costs no memory. */
  enter(path: readonly string[]): boolean;
}

export interface JsonScanner {
  /** @throws SourceError when it is no JSON */
  push(chunk: Uint8Array): void;
  /** @throws SourceError when the text ends too early */
  end(): void;
}

const DEEPEST = 64;
const LONGEST_TOKEN = 1024 * 1024;
const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS = new Set(['true', 'false', 'null']);

type Expected = 'value' | 'value-or-close' | 'name-or-close' | 'name' | 'colon' | 'comma-or-close' | 'end';

/**
 * Walks through JSON text (RFC 8259) of any length in bounded memory: files that list every file of a cluster can have
 * more than 1 GB. Inside of what is not entered only strings, brackets and their depth are looked at.
 *
 * @param what names the text for messages, e.g. `the sentinel`
 */
export function jsonScanner(what: string, { scalar, enter }: JsonHandlers): JsonScanner {
  const containers: ('object' | 'list')[] = [];
  const path: string[] = [];
  let expected: Expected = 'value';
  let token: number[] | null = null;
  let inString = false;
  let escaped = false;
  let skipped = 0;

  const refuse = (why: string, cause?: unknown): never => {
    const remedy = 'Look at the file: it was cut off, overwritten, or written by another program.';
    throw new SourceError('malformed', `${what} is no JSON: ${why}`, remedy, cause === undefined ? {} : { cause });
  };
  const isValueNext = (): boolean => expected === 'value' || expected === 'value-or-close';
  const afterValue = (): void => {
    if (containers.length > 0) path.pop();
    expected = containers.length === 0 ? 'end' : 'comma-or-close';
  };
  const beginValue = (): void => {
    if (!isValueNext()) refuse('a value where none may be');
    if (containers.at(-1) === 'list') path.push('[]');
  };
  const open = (kind: 'object' | 'list'): void => {
    beginValue();
    if (!enter(path)) {
      skipped = 1;
      return;
    }
    if (containers.length === DEEPEST) refuse(`nested deeper than ${DEEPEST} levels`);
    containers.push(kind);
    expected = kind === 'object' ? 'name-or-close' : 'value-or-close';
  };
  const close = (kind: 'object' | 'list'): void => {
    const may = expected === 'comma-or-close' || expected === (kind === 'object' ? 'name-or-close' : 'value-or-close');
    if (!may || containers.at(-1) !== kind) refuse('a bracket that closes nothing');
    containers.pop();
    afterValue();
  };
  const stringEnd = (bytes: readonly number[]): void => {
    const text = decoded(bytes);
    if (expected === 'name' || expected === 'name-or-close') {
      path.push(text);
      expected = 'colon';
      return;
    }
    beginValue();
    scalar(path, 'string', text);
    afterValue();
  };
  const decoded = (bytes: readonly number[]): string => {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
      return String(JSON.parse(`"${text}"`));
    } catch (error) {
      return refuse('a string that is none', error);
    }
  };
  const plainEnd = (bytes: readonly number[]): void => {
    const text = String.fromCharCode(...bytes.slice(0, 400));
    const kind = WORDS.has(text) ? 'word' : 'number';
    if (bytes.length > 400 || (kind === 'number' && !NUMBER.test(text))) refuse('neither a number nor a word');
    beginValue();
    scalar(path, kind, text);
    afterValue();
  };
  const structure = (byte: number): void => {
    if (byte === OPEN_OBJECT) open('object');
    else if (byte === OPEN_LIST) open('list');
    else if (byte === CLOSE_OBJECT) close('object');
    else if (byte === CLOSE_LIST) close('list');
    else if (byte === COLON && expected === 'colon') expected = 'value';
    else if (byte === COMMA && expected === 'comma-or-close') {
      expected = containers.at(-1) === 'object' ? 'name' : 'value';
    } else if (byte === QUOTE) {
      inString = true;
      token = [];
    } else if (byte === COMMA || byte === COLON) refuse('a comma or colon where none may be');
    else token = [byte];
  };
  const insideString = (byte: number): void => {
    if (escaped) escaped = false;
    else if (byte === BACKSLASH) escaped = true;
    else if (byte === QUOTE) {
      inString = false;
      const bytes = token;
      token = null;
      if (bytes !== null) stringEnd(bytes);
      return;
    }
    if (token !== null && token.push(byte) > LONGEST_TOKEN) refuse('a string longer than any');
  };
  const insideSkipped = (byte: number): void => {
    if (byte === QUOTE) inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) skipped += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      skipped -= 1;
      if (skipped === 0) afterValue();
    }
  };
  const outside = (byte: number): void => {
    const ends = BLANKS.has(byte) || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT || byte === COLON;
    if (token !== null && !ends) {
      if (token.push(byte) > LONGEST_TOKEN) refuse('a number longer than any');
      return;
    }
    if (token !== null) {
      const bytes = token;
      token = null;
      plainEnd(bytes);
    }
    if (!BLANKS.has(byte)) structure(byte);
  };
  return {
    push(chunk) {
      for (const byte of chunk) {
        if (inString) insideString(byte);
        else if (skipped > 0) insideSkipped(byte);
        else outside(byte);
      }
    },
    end() {
      if (token !== null && !inString) {
        const bytes = token;
        token = null;
        plainEnd(bytes);
      }
      if (expected !== 'end') refuse('it is cut off');
    },
  };
}
