import { z } from 'zod';
import { instant, text, when } from './parts.ts';

/** What is read of one X.509 certificate (RFC 5280). Every part of it is public. */
export const certificateReadingSchema = z.strictObject({
  /** DNS names and IP addresses that it is for; of one without any, the common name of its subject. */
  names: z.array(z.string()),
  issuer: z.string(),
  validFrom: instant,
  validUntil: instant,
  /** Of its DER form, in hexadecimal. */
  sha256: z.string(),
});

/** What a license file says of itself. Its signature is not checked. */
export const licenseReadingSchema = z.strictObject({ installId: text, validFrom: when, validUntil: instant });

/** What whoever rebuilds the install needs besides its data: its license, its address and its certificate. */
export const rebuildFacts = {
  /** Of the install: the file on its host that holds its license. What else is in it goes nowhere. */
  'license-file': z.strictObject({
    path: z.string(),
    exists: z.boolean(),
    /** Permission bits in octal. */
    mode: text,
    modifiedAt: when,
    /** As of `host-file`. */
    digest: text,
    /** Null where its format does not tell. */
    says: licenseReadingSchema.nullable(),
  }),
  /** Of the install: an address at which people reach it. */
  address: z.strictObject({
    url: z.string(),
    host: z.string(),
    port: z.number().int(),
    /** IP addresses that the name service of the collecting host gives for it; empty where it knows no such name. */
    resolvesTo: z.array(z.string()),
  }),
  /** Of the install: the certificate of one of its addresses. */
  certificate: certificateReadingSchema.extend({
    /** `host:port` of the address. */
    address: z.string(),
    /** Read from the file on the install host, or as the address shows it. */
    origin: z.enum(['file', 'handshake']),
    /** Of a file: its path. */
    path: text,
    /**
     * Of a handshake: why a TLS client refuses it, as a code of OpenSSL or Node.js; null where one accepts it. Of a file
     * null as well: who trusts it is not asked.
     */
    refusedBecause: text,
  }),
} as const;
