import { z } from 'zod';
import type { Pkcs11Wrapping } from '../../model/wrapping.ts';

/*
 * What the audit and the process that holds a vendor's module say to each other. Whatever comes from that process is
 * read by these schemas: the module runs in its memory.
 */

/** A key as a keyring names it: its label, or its id in lower-case hexadecimal digits. */
export interface KeyName {
  readonly by: 'label' | 'id';
  readonly value: string;
}

/** Which token is meant. Numbers of slots change, so that they are no name. */
export interface TokenName {
  readonly label: string | null;
  readonly serial: string | null;
}

export type Pkcs11Question =
  /** Loads the module and finds the token; must come first, and once. */
  | { readonly ask: 'open'; readonly module: string; readonly token: TokenName; readonly prove: boolean }
  /** Opens the session and logs in. */
  | { readonly ask: 'login'; readonly pin: string }
  /** What the token says of itself now. */
  | { readonly ask: 'token' }
  | { readonly ask: 'keys'; readonly name: KeyName }
  /** Labels and ids of all keys. */
  | { readonly ask: 'names' }
  /** Unwraps a sample with a key and keeps nothing of it; only where `open` said that it may. */
  | { readonly ask: 'prove'; readonly name: KeyName; readonly sample: SampleToOpen }
  /** Logs out and ends the process. */
  | { readonly ask: 'end' };

/** A sample and all that opening it takes. */
export interface SampleToOpen {
  readonly wrapping: Pkcs11Wrapping;
  /** Lower-case hexadecimal digits, as of the context. */
  readonly bytes: string;
  /** What went along when it was wrapped; null: nothing. */
  readonly context: string | null;
}

export interface SentQuestion {
  readonly number: number;
  readonly question: Pkcs11Question;
}

const flag = z.boolean().nullable();
const amount = z.number().nonnegative().nullable();

/** What a token says of itself (CK_TOKEN_INFO). Amounts are null where the token does not tell them. */
export const tokenReadingSchema = z.strictObject({
  label: z.string(),
  serial: z.string(),
  manufacturer: z.string(),
  model: z.string(),
  firmware: z.string(),
  /** Description and version of the module, as it says itself. */
  module: z.string(),
  initialized: z.boolean(),
  loginRequired: z.boolean(),
  pinLocked: z.boolean(),
  /** One more wrong PIN would lock it. */
  pinLastTry: z.boolean(),
  freePrivateBytes: amount,
  totalPrivateBytes: amount,
  sessions: amount,
  /** Null also where there is no limit. */
  maxSessions: amount,
});
export type TokenReading = Readonly<z.infer<typeof tokenReadingSchema>>;

/** An object of the token with the name that was asked for. Attributes that it does not have or show are null. */
export const objectReadingSchema = z.strictObject({
  /** Numbers of PKCS#11: CKO_… and CKK_… */
  objectClass: z.number(),
  keyType: z.number().nullable(),
  label: z.string().nullable(),
  /** Lower-case hexadecimal digits. */
  id: z.string().nullable(),
  sensitive: flag,
  alwaysSensitive: flag,
  extractable: flag,
  neverExtractable: flag,
  modifiable: flag,
  local: flag,
  decrypt: flag,
  unwrap: flag,
  /** Days as the token keeps them, `YYYYMMDD`. */
  startDate: z.string().nullable(),
  endDate: z.string().nullable(),
  valueBytes: z.number().nullable(),
  /** Hexadecimal: three bytes of a known text encrypted with the key. */
  checkValue: z.string().nullable(),
  /** SHA-256 of the public part of an RSA key. */
  publicDigest: z.string().nullable(),
  /** Length of that part. */
  modulusBytes: z.number().nullable(),
});
export type ObjectReading = Readonly<z.infer<typeof objectReadingSchema>>;
export const objectReadingsSchema = z.array(objectReadingSchema);
/** Of each key its label, and `id:` with its id. */
export const keyNamesSchema = z.array(z.string());

/** What came of a sample. Nothing of what was wrapped is in it. */
export const openedSampleSchema = z.discriminatedUnion('is', [
  /** By which function; what C_Decrypt gave was overwritten in the process that holds the module. */
  z.strictObject({ is: z.literal('opened'), by: z.enum(['C_UnwrapKey', 'C_Decrypt']) }),
  /** The token has the mechanism neither for unwrapping nor for decrypting. */
  z.strictObject({ is: z.literal('not-offered') }),
  /** The key may not do what the mechanism is offered for. */
  z.strictObject({ is: z.literal('not-permitted'), lacks: z.array(z.enum(['CKA_UNWRAP', 'CKA_DECRYPT'])) }),
  /** No single key bears the name any more. */
  z.strictObject({ is: z.literal('no-key') }),
  /** The function that would have opened it answered with an error (CKR_…), each time that it was called. */
  z.strictObject({
    is: z.literal('refused'),
    function: z.string(),
    name: z.string(),
    code: z.number(),
    times: z.number(),
  }),
]);
export type OpenedSample = Readonly<z.infer<typeof openedSampleSchema>>;

/** Why a question has no answer. */
export const childFailureSchema = z.discriminatedUnion('why', [
  /** The package that speaks to modules is not installed. */
  z.strictObject({ why: z.literal('not-installed') }),
  /** The module could not be loaded; the system's own words. */
  z.strictObject({ why: z.literal('not-loaded'), detail: z.string() }),
  /** A function answered with an error (CKR_…). */
  z.strictObject({ why: z.literal('refused'), function: z.string(), name: z.string(), code: z.number() }),
  /** How many tokens are there; their labels may name organizations, and are nobody else's business. */
  z.strictObject({ why: z.literal('no-token'), others: z.number() }),
  z.strictObject({ why: z.literal('two-tokens'), serials: z.array(z.string()) }),
  /** More objects bear the name than a key can have. */
  z.strictObject({ why: z.literal('too-many') }),
  /** The token holds more keys than are listed. */
  z.strictObject({ why: z.literal('too-many-keys') }),
  /** A defect of this program. */
  z.strictObject({ why: z.literal('defect'), detail: z.string() }),
]);
export type ChildFailure = Readonly<z.infer<typeof childFailureSchema>>;

export const sentAnswerSchema = z.union([
  z.strictObject({ number: z.number(), answer: z.unknown() }),
  z.strictObject({ number: z.number(), failure: childFailureSchema }),
]);
export type SentAnswer =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly failure: ChildFailure };
