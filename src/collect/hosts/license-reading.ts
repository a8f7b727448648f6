import type { z } from 'zod';
import type { licenseReadingSchema } from '../../model/facts/rebuild.ts';
import { type Instant, instantOrNull } from '../../model/instant.ts';

export type LicenseReading = Readonly<z.infer<typeof licenseReadingSchema>>;

/**
 * Names as the vendor documents them for what a license carries ("License management"). The format of the file itself
 * is not published: only one that is JSON tells its validity here. Looked at by hand: the process that looks at files of
 * the host starts without zod.
 */
interface LicenseFields {
  readonly installId?: unknown;
  readonly validFrom?: unknown;
  readonly validUntil?: unknown;
}

const LONGEST_ID = 200;

/**
 * What a license says of itself, at the top of its JSON or one level below, as where a signature stands beside it; null
 * where its format does not tell. Its signature is not checked, and nothing else of it is kept: it carries app keys.
 */
export function readLicense(bytes: Uint8Array): LicenseReading | null {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
  const inner = typeof json === 'object' && json !== null ? Object.values(json) : [];
  for (const candidate of [json, ...inner]) {
    if (typeof candidate !== 'object' || candidate === null) continue;
    const fields: LicenseFields = candidate;
    const validUntil = instantOf(fields.validUntil);
    if (validUntil === null) continue;
    const installId = typeof fields.installId === 'string' ? fields.installId.slice(0, LONGEST_ID) : null;
    return { installId, validFrom: instantOf(fields.validFrom), validUntil };
  }
  return null;
}

/** An ISO 8601 day, which is taken for its beginning, or a time with its offset; null for every other text. */
function instantOf(text: unknown): Instant | null {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text))
    return null;
  return instantOrNull(Date.parse(text));
}
