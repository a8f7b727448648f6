import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { objectCountSchema } from '../../../model/database-object.ts';
import type { Secret } from '../../../model/secret.ts';
import type { DumpReading } from '../../formats/pg-dump/dump-reading.ts';
import { physicalCopySchema } from './remembered-cluster-copy.ts';

/** Version of the file of remembered verifications. */
export const VERIFICATIONS_VERSION = 1;

const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const text = z.string().nullable();
const count = z.number().int().nonnegative();

/** First line of the file. A newer version is recognized, so that nobody takes it for a foreign file. */
export const verificationsHeaderSchema = z.strictObject({
  type: z.literal('recoverage-verifications'),
  version: count,
});

const scope = z.enum(['full', 'schema-only', 'data-only', 'partial-sections', 'unknown']);
const tableSchema = z.strictObject({
  oid: count.nullable(),
  schema: z.string(),
  name: z.string(),
  hasData: z.boolean(),
  partitioned: z.boolean(),
  unlogged: z.literal(true).exactOptional(),
});
const sequencesSchema = z
  .array(z.strictObject({ schema: z.string(), name: z.string(), unlogged: z.boolean() }))
  .readonly()
  .exactOptional();

/** What a dump told, as it is written down. */
export const readingSchema = z.strictObject({
  format: z.enum(['pg_dump-custom', 'pg_dump-directory', 'pg_dump-tar', 'pg_dump-plain', 'pg_dumpall-plain']),
  compression: z.enum(['none', 'gzip', 'lz4', 'zstd', 'unknown']),
  wrapped: z.enum(['none', 'gzip', 'zstd', 'lz4', 'bzip2', 'xz']),
  databaseName: text,
  databaseOid: count.nullable(),
  databases: z
    .array(
      z.strictObject({
        name: z.string(),
        tables: z.array(tableSchema).readonly(),
        objects: z.array(objectCountSchema).readonly().nullable(),
        sequencesWithoutValues: sequencesSchema,
        scope,
        ended: z.boolean(),
        mayLackRows: z.boolean(),
      }),
    )
    .readonly(),
  holdsRoles: z.boolean(),
  loginRoles: z.strictObject({ total: count, withPassword: count }).exactOptional(),
  serverVersion: text,
  toolVersion: text,
  startedLocal: text,
  startedAt: instant.nullable(),
  scope,
  tables: z.array(tableSchema).readonly().nullable(),
  objects: z.array(objectCountSchema).readonly().nullable(),
  sequencesWithoutValues: sequencesSchema,
  integrity: z.strictObject({ state: z.enum(['complete', 'incomplete', 'unproven']), because: z.string() }),
  bytesRead: count,
  sha256: text,
  sha256AtStore: z.string().exactOptional(),
}) satisfies z.ZodType<DumpReading>;

/** A reading as it is remembered; does not compile where a reader tells what the schema does not know. */
export function rememberedReading(reading: DumpReading): z.infer<typeof readingSchema> {
  const known: z.input<typeof readingSchema> = reading;
  return readingSchema.parse(known);
}

/** One copy that was read to its end: what it was then by the listing, and what the reading found. */
export const rememberedCopySchema = z.strictObject({
  type: z.literal('copy'),
  location: z.string(),
  locator: z.string(),
  path: z.string(),
  bytes: count,
  modifiedAt: z.string(),
  version: text,
  depth: z.literal('full'),
  /** Rules of the format's reader then, see READING_RULES. */
  rules: count,
  outcome: z.enum(['whole', 'damaged', 'unproven']),
  because: z.string(),
  sha256: text,
  verifiedAt: instant,
  toolVersion: z.string(),
  /** Null where it turned out to be no dump. */
  reading: readingSchema.nullable(),
});

/** A file that nobody can look into, whose bytes were read for the checksum that a run recorded. */
export const rememberedSumSchema = z.strictObject({
  type: z.literal('sum'),
  location: z.string(),
  locator: z.string(),
  path: z.string(),
  bytes: count,
  modifiedAt: z.string(),
  version: text,
  sha256: z.string(),
  verifiedAt: instant,
  toolVersion: z.string(),
});

/** A copy of a whole cluster that was read in full, itself without those that it builds on. */
export const rememberedClusterSchema = z.strictObject({
  type: z.literal('cluster-copy'),
  location: z.string(),
  locator: z.string(),
  purpose: z.string(),
  label: z.string(),
  /** Digest of what was known of it without reading it, see copy-identity.ts. */
  identity: z.string(),
  /** Rules of the reader then. */
  rules: count,
  verifiedAt: instant,
  toolVersion: z.string(),
  copy: physicalCopySchema,
  walDamage: text,
});

/** When something of a location was last read to its end: its turn comes by that. */
export const rememberedTurnSchema = z.strictObject({
  type: z.literal('turn'),
  location: z.string(),
  locator: z.string(),
  /** A database or server, whichever of its copies it was, or one copy. */
  of: z.string(),
  readAt: instant,
});

const lineSchema = z.discriminatedUnion('type', [
  rememberedCopySchema,
  rememberedSumSchema,
  rememberedClusterSchema,
  rememberedTurnSchema,
]);
export type RememberedLine = z.infer<typeof lineSchema>;
/** A line that tells what a reading found. */
export type RememberedReading = Exclude<RememberedLine, { readonly type: 'turn' }>;
export type RememberedTurn = Readonly<z.infer<typeof rememberedTurnSchema>>;

const sealSchema = z.looseObject({ mac: z.string().optional() });

/** A line as it stands in the file, without its line feed; with its seal where there is a key. */
export function sealedLine(line: RememberedLine, key: Secret | null): string {
  return JSON.stringify(key === null ? line : { ...line, mac: sealOf(JSON.stringify(line), key) });
}

/** The line, or why it does not count. */
export function openedLine(
  sealed: string,
  key: Secret | null,
): { readonly line: RememberedLine } | { readonly problem: 'damaged' | 'seal' } {
  let json: unknown;
  try {
    json = JSON.parse(sealed);
  } catch {
    return { problem: 'damaged' };
  }
  const loose = sealSchema.safeParse(json);
  if (!loose.success) return { problem: 'damaged' };
  const { mac, ...content } = loose.data;
  // A seal that nobody can check says as little as one that is missing where there is a key.
  if ((mac !== undefined) !== (key !== null)) return { problem: 'seal' };
  if (mac !== undefined && key !== null && !isEqual(mac, sealOf(JSON.stringify(content), key))) {
    return { problem: 'seal' };
  }
  const parsed = lineSchema.safeParse(content);
  return parsed.success ? { line: parsed.data } : { problem: 'damaged' };
}

function sealOf(content: string, key: Secret): string {
  return createHmac('sha256', key.reveal()).update('recoverage verification\n').update(content).digest('hex');
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
