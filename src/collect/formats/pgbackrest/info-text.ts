import { createHash } from 'node:crypto';
import { PgBackRestDamage } from './damage.ts';
import { parseExactJson } from './exact-json.ts';

/** One `key=value` line; the value is JSON, with integers above 2^53 as decimal text. */
export interface InfoEntry {
  readonly section: string;
  readonly key: string;
  readonly value: unknown;
}

const LONGEST_LINE = 16 * 1024 * 1024;
/** Names hold few of them; without a limit a line of them would be tried at each. */
const MOST_EQUALS_SIGNS = 1000;
const CHECKSUM_KEY = 'backrest-checksum';
const NON_ASCII = /[\x80-\xff]/;

/**
 * Reads the text format of `backup.info`, `archive.info` and `backup.manifest`: sections in brackets, and lines of a
 * raw key, `=` and a JSON value. A key may hold `=` itself: the value begins after the first one that leaves valid JSON.
 * The last section holds the SHA-1, in hexadecimal, of all else, written as one JSON object of sections without white
 * space. (Format 5, as pgBackRest 2.45 writes and checks it.)
 *
 * @param what the name of the file, for messages
 * @param each called for every entry but the checksum, before it is known whether that is right
 * @throws PgBackRestDamage when a line is none of the format, or the checksum is missing or wrong
 */
export async function readInfoText(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
  each: (entry: InfoEntry) => void,
): Promise<void> {
  const hash = createHash('sha1').update('{');
  let section: string | null = null;
  let hashed: string | null = null;
  let checksum: unknown = null;
  let number = 0;
  for await (const line of linesOf(chunks, what)) {
    number += 1;
    if (line === '') continue;
    if (line.startsWith('[') && line.endsWith(']')) {
      section = line.slice(1, -1);
      continue;
    }
    const parsed = section === null ? null : keyAndValue(line);
    if (section === null || parsed === null)
      throw new PgBackRestDamage(`line ${number} of ${what} is no key and value`);
    const { key, json, value } = parsed;
    if (section === 'backrest' && key === CHECKSUM_KEY) {
      checksum = value;
      continue;
    }
    hash.update(hashed === section ? ',' : `${hashed === null ? '' : '},'}"${section}":{`, 'latin1');
    hashed = section;
    hash.update(`${quoted(key)}:${json}`, 'latin1');
    each({ section, key: fromUtf8(key), value });
  }
  if (checksum === null) throw new PgBackRestDamage(`${what} is cut off: the checksum at its end is missing`);
  if (hash.update(hashed === null ? '}' : '}}').digest('hex') !== checksum) {
    throw new PgBackRestDamage(`the checksum at the end of ${what} does not match its content`);
  }
}

interface KeyAndValue {
  /** Raw bytes, one to a character, like `json`. */
  readonly key: string;
  readonly json: string;
  readonly value: unknown;
}

function keyAndValue(line: string): KeyAndValue | null {
  let at = line.indexOf('=');
  for (let tried = 0; at > 0 && tried < MOST_EQUALS_SIGNS; tried += 1) {
    const json = line.slice(at + 1);
    try {
      return { key: line.slice(0, at), json, value: parseExactJson(fromUtf8(json)) };
    } catch {
      // This one belongs to the key.
    }
    at = line.indexOf('=', at + 1);
  }
  return null;
}

/** Lines as their raw bytes, one to a character: the checksum is over bytes, which need not be UTF-8. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new PgBackRestDamage(`a line of ${what} has no end`);
    yield* lines;
  }
  if (rest !== '') yield rest;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** Other control characters stay as they are, unlike in JSON.stringify. */
function quoted(key: string): string {
  return `"${key.replace(/["\\\n\r\t\b\f]/g, (character) => ESCAPES[character] ?? character)}"`;
}

function fromUtf8(raw: string): string {
  return NON_ASCII.test(raw) ? Buffer.from(raw, 'latin1').toString('utf8') : raw;
}
