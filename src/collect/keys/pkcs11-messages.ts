import { z } from 'zod';

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
  | { readonly ask: 'open'; readonly module: string; readonly token: TokenName }
  /** Opens the session and logs in. */
  | { readonly ask: 'login'; readonly pin: string }
  /** What the token says of itself now. */
  | { readonly ask: 'token' }
  | { readonly ask: 'keys'; readonly name: KeyName }
  /** Logs out and ends the process. */
  | { readonly ask: 'end' };

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
});
export type ObjectReading = Readonly<z.infer<typeof objectReadingSchema>>;
export const objectReadingsSchema = z.array(objectReadingSchema);

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
