import { z } from 'zod';
import { blindSpotSchema } from '../../model/evidence.ts';
import { factSchemas } from '../../model/facts.ts';
import type { StatedCopy } from '../backups/inventory/stated-copy.ts';
import { PHYSICAL_METHODS, type WalArchive } from '../backups/physical/physical-copy.ts';
import { POSSIBLE_FORMS, type PossibleCopy } from '../backups/possible-copy.ts';
import type { SnapshotFile } from '../backups/repositories/repository-contents.ts';
import { physicalCopySchema } from '../backups/verification/remembered-cluster-copy.ts';

/*
 * What a place of copies holds, as a host bundle tells it. Each shape must name every field of what readers tell: one
 * that a reader gains and the shape does not have would make a whole bundle unreadable.
 */

const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const count = z.number().int().nonnegative();

const clusterSchema = physicalCopySchema.shape.cluster;

const timelineShape = {
  timeline: count,
  firstSegment: z.string(),
  lastSegment: z.string(),
  gaps: z.array(z.strictObject({ first: z.string(), last: z.string() })).readonly(),
  missing: count,
  lastArchivedAt: instant,
  previousArchivedAt: instant.nullable(),
  lastWrittenAt: instant.exactOptional(),
  isRetimed: z.boolean().exactOptional(),
} satisfies Record<keyof WalArchive['timelines'][number], z.ZodType>;

const ancestors = z.array(z.strictObject({ timeline: count, switchLsn: z.string() })).readonly();

const archiveShape = {
  path: z.string(),
  method: z.enum(PHYSICAL_METHODS),
  cluster: clusterSchema,
  segmentBytes: z.number(),
  timelines: z.array(z.strictObject(timelineShape)).readonly(),
  history: ancestors.exactOptional(),
  historyAhead: z.strictObject({ timeline: count, ancestors }).exactOptional(),
  window: z.strictObject({ from: instant.nullable(), to: instant }).nullable(),
  readToEnd: z.boolean().exactOptional(),
  archived: z.strictObject({ segments: z.array(z.string()).readonly(), storageClass: z.string() }).exactOptional(),
} satisfies Record<keyof WalArchive, z.ZodType>;

const snapshotFileShape = {
  method: z.enum(['restic', 'borg']),
  path: z.string(),
  bytes: count,
  snapshotAt: instant,
  modifiedAt: instant,
  claimedName: z.string(),
  form: z.enum(['file', 'directory']),
  isEmpty: z.boolean(),
  encrypted: z.boolean(),
} satisfies Record<keyof SnapshotFile, z.ZodType>;

const possibleCopyShape = {
  path: z.string(),
  snapshot: z.string().nullable(),
  form: z.enum(POSSIBLE_FORMS),
} satisfies Record<keyof PossibleCopy, z.ZodType>;

const statedCopyShape = {
  row: count,
  database: z.string().nullable(),
  server: z.string().nullable(),
  path: z.string().nullable(),
  moment: z.strictObject({ notBefore: instant, notAfter: instant }),
  method: z.string(),
  where: z.string(),
  complete: z.boolean().nullable(),
  owner: z.string(),
  recordedAt: instant,
} satisfies Record<keyof StatedCopy, z.ZodType>;

/** The contents of one place for one purpose. */
export const physicalSchema = z.strictObject({
  copies: z.array(physicalCopySchema).readonly(),
  archives: z.array(z.strictObject(archiveShape)).readonly(),
  plans: z.array(z.strictObject({ cluster: clusterSchema, plan: factSchemas['backup-plan'] })).readonly(),
  unmatched: z.array(factSchemas['unmatched-artifact']).readonly(),
  files: z.array(z.strictObject(snapshotFileShape)).readonly().exactOptional(),
  mayHoldAny: z.array(z.strictObject(possibleCopyShape)).readonly().exactOptional(),
  leftOut: count.exactOptional(),
  stated: z.array(z.strictObject(statedCopyShape)).readonly().exactOptional(),
  /** What files with several names share. */
  linked: z.array(z.string()).readonly().exactOptional(),
  /** How much of the data of its snapshots is damaged. */
  damage: z.string().exactOptional(),
  blindSpot: blindSpotSchema.nullable(),
});
export type PhysicalLine = z.infer<typeof physicalSchema>;
