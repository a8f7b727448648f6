import { z } from 'zod';
import type { AzureRequestName } from './azure-requests.ts';

/** Answers of the service as it sends them, before the SDK translates them. Fields that nobody looks at are let through. */

/** A word of the service's own vocabulary. */
const word = z.string().min(1).max(100);
/** Seconds since the epoch, within what a date can hold. */
const seconds = z.int().min(0).max(253_402_300_799);

const attributesSchema = z.looseObject({
  enabled: z.boolean(),
  nbf: seconds.nullish(),
  exp: seconds.nullish(),
  created: seconds.nullish(),
  recoveryLevel: word.nullish(),
  recoverableDays: z.int().min(0).nullish(),
});

const keySchema = z.looseObject({
  key: z.looseObject({ kid: z.url(), kty: word, key_ops: z.array(word).max(100).nullish() }),
  attributes: attributesSchema,
});

const listSchema = z.looseObject({
  value: z.array(z.looseObject({ kid: z.url(), attributes: attributesSchema })),
  nextLink: z.string().nullish(),
});

const deletedKeySchema = keySchema.extend({
  recoveryId: z.string().nullish(),
  deletedDate: seconds.nullish(),
  scheduledPurgeDate: seconds.nullish(),
});

/** After what it held of the plaintext was taken out of it. */
const unwrappedSchema = z.looseObject({ kid: z.url(), value: z.string().min(1) });

const SCHEMAS: Readonly<Partial<Record<AzureRequestName, z.ZodType>>> = {
  keys: listSchema,
  key: keySchema,
  keyVersion: keySchema,
  versions: listSchema,
  deletedKey: deletedKeySchema,
  unwrapKey: unwrappedSchema,
  decrypt: unwrappedSchema,
};

/** Whether the body of an answer with status 200 is one that this request gets. */
export function isAnswerTo(name: AzureRequestName, body: string): boolean {
  return SCHEMAS[name]?.safeParse(parsedJson(body)).success ?? false;
}

/** Which key version an answer to unwrapKey or decrypt says that it used; null where it does not. */
export function usedKeyOf(body: string): string | null {
  const parsed = unwrappedSchema.safeParse(parsedJson(body));
  return parsed.success ? parsed.data.kid : null;
}

/** Where an answer says that the list goes on; null where it ends. */
export function nextPageOf(body: string): string | null {
  const parsed = listSchema.safeParse(parsedJson(body));
  return parsed.success ? (parsed.data.nextLink ?? null) : null;
}

const codeSchema = z.string().regex(/^[A-Za-z0-9_]{1,60}$/);
const errorSchema = z.looseObject({
  error: z.looseObject({ code: codeSchema, innererror: z.looseObject({ code: codeSchema }).nullish() }),
});

/** The codes in an error answer of the service; none of its text, which may repeat the request. Null where it is no such answer. */
export function errorCodesOf(body: string): { readonly code: string; readonly inner: string | null } | null {
  const parsed = errorSchema.safeParse(parsedJson(body));
  return parsed.success ? { code: parsed.data.error.code, inner: parsed.data.error.innererror?.code ?? null } : null;
}

function parsedJson(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return parsed;
  } catch {
    return null;
  }
}
