import { z } from 'zod';

/** ISO 8601 UTC to the millisecond. */
export const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** Null where the source does not tell. */
export const text = z.string().nullable();

/** An instant, or null where the source does not tell. */
export const when = instant.nullable();

export const count = z.number().int().nonnegative();

/** The bounds of the moment that a copy is consistent as of, and what told them. */
export const momentSchema = z.strictObject({ notBefore: instant, notAfter: instant, origin: z.string() });

/** A key-version row of a tenant database, live or in a copy. `version` null: the provider has no versions. */
export const keyVersionSchema = z.strictObject({
  keyRef: z.string(),
  version: z.number().int().nullable(),
  state: z.enum(['active', 'retired', 'destroyed']),
  createdAt: instant,
  retiredAt: when,
  /**
   * True where no keyring of its organization names the key, and one of another organization does. Absent elsewhere, and
   * in bundles of older versions.
   */
  ofAnotherOrganization: z.literal(true).optional(),
});

/** A key of AWS KMS that a service encrypted something with, as it is now. */
export const storedKeySchema = z.strictObject({
  /** As the service names it: an ARN. */
  key: z.string(),
  /** Null where it was not told; `because` says why. */
  state: z.enum(['enabled', 'disabled', 'pending-deletion', 'pending-import', 'unavailable', 'missing']).nullable(),
  deletionDate: when,
  because: text,
});
export type StoredKey = Readonly<z.infer<typeof storedKeySchema>>;
