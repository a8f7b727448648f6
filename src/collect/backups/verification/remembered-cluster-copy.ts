import { z } from 'zod';
import { factSchemas } from '../../../model/facts.ts';
import {
  type ClusterIdentity,
  PHYSICAL_METHODS,
  type PhysicalCopy,
  type PhysicalMethod,
} from '../physical/physical-copy.ts';

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

export const clusterSchema = z.strictObject({
  systemIdentifier: text,
  endpoints: z.array(z.string()).readonly(),
  port: z.number().int().nullable().exactOptional(),
  declaredServer: text,
}) satisfies KnowsAll<ClusterIdentity>;

/** A copy of a whole cluster as a full reading found it. */
export const physicalCopySchema = z.strictObject({
  label: z.string(),
  path: z.string(),
  method: z.enum(PHYSICAL_METHODS),
  format: z.string(),
  kind: z.enum(['full', 'differential', 'incremental', 'snapshot']),
  needs: z.array(z.string()).readonly(),
  cluster: clusterSchema,
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
  history: z
    .array(z.strictObject({ timeline: count, switchLsn: z.string() }))
    .readonly()
    .exactOptional(),
  otherWal: z
    .array(z.strictObject({ archive: z.string(), segment: z.string() }))
    .readonly()
    .exactOptional(),
  keys: factSchemas.copy.shape.kept.unwrap().shape.keys.unwrap().readonly().exactOptional(),
}) satisfies KnowsAll<PhysicalCopy>;

/** A schema of T; does not compile where it does not know a field, be that one optional: it would refuse what bears it. */
export type KnowsAll<T> = z.ZodType<T> & { readonly shape: Readonly<Record<keyof T, z.ZodType>> };

/** A copy as it is remembered. */
export function rememberedClusterCopy(copy: PhysicalCopy): z.infer<typeof physicalCopySchema> {
  return physicalCopySchema.parse(copy);
}
