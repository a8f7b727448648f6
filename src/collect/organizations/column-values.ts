import { z } from 'zod';
import { type Instant, toInstant } from '../../model/instant.ts';
import type { ColumnType } from './column-types.ts';
import { withoutCredentials } from './without-credentials.ts';

/** Longest text that is accepted, in characters. Names of this length are legal, if strange. */
export const MAX_TEXT_CHARACTERS = 10_000;

/** A kind of value: the column type that carries it, and the schema that reads it from PostgreSQL's text form. */
export interface ColumnKind<T> {
  readonly type: ColumnType;
  readonly schema: z.ZodType<T, string>;
}

function kind<T>(type: ColumnType, read: (value: string) => T | undefined, problem: string): ColumnKind<T> {
  const schema = z.string().transform((value, context): T => {
    const result = read(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });
  return { type, schema };
}

function shortEnough(value: string): string | undefined {
  if (value.length <= MAX_TEXT_CHARACTERS) return value;
  return [...value].length <= MAX_TEXT_CHARACTERS ? value : undefined;
}

function readInteger(value: string): number | undefined {
  if (!/^-?\d{1,17}$/.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

const INSTANT = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?(\.\d{1,9})? ?(Z|[+-]\d\d(?::?\d\d)?)$/;

/** Digits beyond milliseconds are dropped, never rounded up: an instant is not moved into the future. */
function readInstant(value: string): Instant | undefined {
  const [, date, minutes, seconds = ':00', fraction = '', offset = ''] = INSTANT.exec(value) ?? [];
  if (date === undefined || minutes === undefined) return undefined;
  const zone = offset === 'Z' ? 'Z' : `${offset.slice(0, 3)}:${offset.slice(3).replace(':', '') || '00'}`;
  const millis = Date.parse(`${date}T${minutes}${seconds}.${fraction.slice(1, 4).padEnd(3, '0')}${zone}`);
  if (Number.isNaN(millis)) return undefined;
  try {
    return toInstant(millis);
  } catch {
    return undefined;
  }
}

const BOOLEANS: Readonly<Record<string, boolean>> = { t: true, true: true, f: false, false: false };

function readJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** One element of a one-dimensional PostgreSQL array: quoted with backslash escapes, or bare. */
const ARRAY_ELEMENT = /"((?:[^"\\]|\\.)*)"|([^",{}\\\s][^",{}\\]*)/sy;

/** PostgreSQL's text form of a one-dimensional array (documentation, "Arrays"), or a JSON array. NULL elements are refused. */
function readList(value: string): readonly string[] | undefined {
  if (value.startsWith('[')) {
    const parsed = z.array(z.string()).safeParse(readJson(value));
    return parsed.success ? parsed.data : undefined;
  }
  if (!value.startsWith('{') || !value.endsWith('}')) return undefined;
  if (value === '{}') return [];
  const elements: string[] = [];
  for (let at = 1; at < value.length; at += 1) {
    ARRAY_ELEMENT.lastIndex = at;
    const found = ARRAY_ELEMENT.exec(value);
    if (found === null || found[2] === 'NULL') return undefined;
    elements.push(found[1]?.replace(/\\(.)/gs, '$1') ?? found[2] ?? '');
    at += found[0].length;
    if (value[at] !== ',' && !(value[at] === '}' && at === value.length - 1)) return undefined;
  }
  return elements;
}

/** Keys of a provider's settings that say where it is. All others are dropped unread: they can hold a PIN or a token. */
const SETTINGS_KEYS = [
  'address',
  'mount',
  'namespace',
  'region',
  'endpoint',
  'vaultUrl',
  'vault_url',
  'module',
  'slot',
  'tokenLabel',
  'token_label',
  'tokenSerial',
  'token_serial',
  'account',
] as const;

function readSettings(value: string): Readonly<Record<string, string>> | undefined {
  const parsed = z.record(z.string(), z.unknown()).safeParse(readJson(value));
  if (!parsed.success) return undefined;
  const kept = SETTINGS_KEYS.flatMap((key) => {
    const found = parsed.data[key];
    return typeof found === 'string' || typeof found === 'number' ? [[key, withoutCredentials(String(found))]] : [];
  });
  return Object.fromEntries(kept);
}

const TOO_LONG = `is longer than ${MAX_TEXT_CHARACTERS} characters`;

/** Text as it is, control characters included. */
export const text = kind('text', shortEnough, TOO_LONG);
/** Text that may hold a URI or a message with credentials in it: those are taken out. */
export const scrubbedText = kind('text', (value) => shortEnough(withoutCredentials(value)), TOO_LONG);
export const integer = kind('integer', readInteger, 'is not an integer below 2^53');
export const count = kind(
  'integer',
  (value) => {
    const number = readInteger(value);
    return number !== undefined && number >= 0 ? number : undefined;
  },
  'is not an integer from 0 to 2^53',
);
export const number = kind(
  'number',
  (value) => (value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined),
  'is not a finite number',
);
/** An integer of any size, as its decimal digits. */
export const position = kind(
  'integer',
  (value) => (/^-?\d{1,100}$/.test(value) ? value : undefined),
  'is not an integer',
);
export const boolean = kind('boolean', (value) => BOOLEANS[value.toLowerCase()], 'is neither true nor false');
export const instant = kind('instant', readInstant, 'is not a point in time with its offset from UTC, years 0 to 9999');
/** A digest or hash; bytea becomes lower-case hexadecimal without prefix. */
export const digest = kind(
  'digest',
  (value) => shortEnough(value.startsWith('\\x') ? value.slice(2).toLowerCase() : value),
  TOO_LONG,
);
/** Something wrapped by a key, as it is: text, or bytes in PostgreSQL's form of them. */
export const wrapped = kind('digest', shortEnough, TOO_LONG);
export const list = kind('list', readList, 'is not a list of texts');
export const settings = kind('json', readSettings, 'is not a JSON object');

/** One of the listed words. */
export function oneOf<const T extends string>(...values: readonly T[]): ColumnKind<T> {
  return kind('text', (value) => values.find((known) => known === value), `is none of ${values.join(', ')}`);
}

/** One of the listed words; any other counts as `otherwise`. */
export function oneOfOr<const T extends string>(otherwise: T, ...values: readonly T[]): ColumnKind<T> {
  return kind('text', (value) => values.find((known) => known === value) ?? otherwise, '');
}
