import { z } from 'zod';
import { PHYSICAL_METHODS, type PhysicalCopy, type PhysicalMethod } from '../physical/physical-copy.ts';

/**
 * The rules by which copies of each tool are read in full, as a number: raise it where a reader comes to tell more, or
 * judges otherwise than before. What was verified by other rules is read again.
 */
const RULES: Partial<Record<PhysicalMethod, number>> = { pg_basebackup: 1, pgbackrest: 1, barman: 1, 'wal-g': 1 };

/** Zero for copies that are never read in full. */
export function clusterReadingRules(method: PhysicalMethod): number {
  return RULES[method] ?? 0;
}

const text = z.string().nullable();
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const count = z.number().int().nonnegative();

/** A copy of a whole cluster as a full reading found it. */
export const physicalCopySchema = z.strictObject({
  label: z.string(),
  path: z.string(),
  method: z.enum(PHYSICAL_METHODS),
  format: z.string(),
  kind: z.enum(['full', 'differential', 'incremental', 'snapshot']),
  needs: z.array(z.string()).readonly(),
  cluster: z.strictObject({
    systemIdentifier: text,
    endpoints: z.array(z.string()).readonly(),
    declaredServer: text,
  }),
  timeline: count.nullable(),
  databases: z
    .array(z.strictObject({ oid: count.nullable(), name: text }))
    .readonly()
    .nullable(),
  startedAt: instant.nullable(),
  stoppedAt: instant.nullable(),
  timesFrom: z.string(),
  wal: z
    .strictObject({ startLsn: text, stopLsn: text, firstSegment: text, lastSegment: text, inside: z.boolean() })
    .nullable(),
  serverVersion: text,
  toolVersion: text,
  bytes: count,
  modifiedAt: instant,
  integrity: z.enum(['complete', 'incomplete', 'unproven']),
  integrityBecause: z.string(),
  beingTaken: z.boolean().exactOptional(),
  readToEnd: z.boolean(),
  encrypted: z.boolean().nullable(),
  lockedUntil: instant.nullable(),
  domain: z.strictObject({ account: text, region: text }).nullable(),
}) satisfies z.ZodType<PhysicalCopy>;

/** A copy as it is remembered; does not compile where a reader tells what the schema does not know. */
export function rememberedClusterCopy(copy: PhysicalCopy): z.infer<typeof physicalCopySchema> {
  const known: z.input<typeof physicalCopySchema> = copy;
  return physicalCopySchema.parse(known);
}
