import { X509Certificate } from 'node:crypto';
import type { z } from 'zod';
import type { certificateReadingSchema } from '../../model/facts/rebuild.ts';
import { instantOrNull } from '../../model/instant.ts';

export type CertificateReading = Readonly<z.infer<typeof certificateReadingSchema>>;

/** A certificate may hold thousands of names; a report needs those of one address. */
const MOST_NAMES = 200;
const LONGEST = 300;

/**
 * The first certificate of a PEM text (RFC 7468), which of a chain is the server's own (RFC 8446, 4.4.2); null where
 * there is none. A key that stands in the same file is passed over.
 */
export function firstCertificate(pem: string): X509Certificate | null {
  const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)?.[0];
  if (block === undefined) return null;
  try {
    return new X509Certificate(block);
  } catch {
    return null;
  }
}

/** What a report says of a certificate; null where its times are outside the years 0 to 9999. */
export function readCertificate(certificate: X509Certificate): CertificateReading | null {
  const validFrom = instantOrNull(Date.parse(certificate.validFrom));
  const validUntil = instantOrNull(Date.parse(certificate.validTo));
  if (validFrom === null || validUntil === null) return null;
  return {
    names: namesOf(certificate),
    issuer: bounded((certificate.issuer ?? '').replaceAll('\n', ', ')),
    validFrom,
    validUntil,
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

/** Entries are parted by a comma; one with a comma or quote in it stands as a JSON string (Node.js, "x509.subjectAltName"). */
const ALTERNATIVE = /(?:^|, )([^:,"]+):("(?:[^"\\]|\\.)*"|[^,]*)/g;
const NAMES: ReadonlySet<string> = new Set(['DNS', 'IP Address']);

function namesOf({ subjectAltName, subject }: X509Certificate): string[] {
  if (subjectAltName === undefined) {
    const common = /^CN=(.+)$/m.exec(subject ?? '')?.[1];
    return common === undefined ? [] : [bounded(common)];
  }
  const names: string[] = [];
  for (const [, kind = '', name = ''] of subjectAltName.matchAll(ALTERNATIVE)) {
    if (NAMES.has(kind) && name !== '' && names.length < MOST_NAMES) names.push(bounded(name));
  }
  return names;
}

function bounded(text: string): string {
  return text.slice(0, LONGEST);
}
