import { z } from 'zod';
import { blindSpotSchema } from '../../model/evidence.ts';
import { certificateReadingSchema } from '../../model/facts/rebuild.ts';
import { factSchemas } from '../../model/facts.ts';
import { PHYSICAL_METHODS, type WalArchive } from '../backups/physical/physical-copy.ts';
import { clusterSchema, type KnowsAll, physicalCopySchema } from '../backups/verification/remembered-cluster-copy.ts';
import { readingSchema } from '../backups/verification/remembered-lines.ts';

/** Version of the format of host bundles. A reader refuses a newer one. */
export const HOST_BUNDLE_VERSION = 1;

const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const count = z.number().int().nonnegative();
const text = z.string().nullable();
const attachment = z.enum(['local', 'remote', 'unknown']);

/** First line: who answers which plan. */
export const hostBundleHeaderSchema = z.strictObject({
  type: z.literal('host-bundle'),
  hostBundleVersion: z.literal(HOST_BUNDLE_VERSION),
  planId: z.string(),
  planDigest: z.string(),
  installId: z.string(),
  collectorHost: z.string(),
  toolVersion: z.string(),
  startedAt: instant,
  /** Tells whether two hosts use one digestKey, and nothing else; null where none is configured. */
  keyCheck: text,
  /** Of the digests of key names. */
  salt: z.string(),
});
export type HostBundleHeader = Readonly<z.infer<typeof hostBundleHeaderSchema>>;

const fileSchema = z.strictObject({
  path: z.string(),
  bytes: count,
  modifiedAt: instant,
  version: z.string().optional(),
  special: z.string().optional(),
});

const recognitionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dump'), reading: readingSchema }),
  z.strictObject({ kind: z.enum(['encrypted', 'compressed', 'foreign', 'empty']), what: z.string() }),
]);

const timelineSchema = z.strictObject({
  timeline: count,
  firstSegment: z.string(),
  lastSegment: z.string(),
  gaps: z.array(z.strictObject({ first: z.string(), last: z.string() })).readonly(),
  missing: count,
  lastArchivedAt: instant,
  previousArchivedAt: instant.nullable(),
  lastWrittenAt: instant.exactOptional(),
  isRetimed: z.boolean().exactOptional(),
}) satisfies KnowsAll<WalArchive['timelines'][number]>;

const archiveSchema = z.strictObject({
  path: z.string(),
  method: z.enum(PHYSICAL_METHODS),
  cluster: clusterSchema,
  segmentBytes: z.number(),
  timelines: z.array(timelineSchema).readonly(),
  history: z
    .array(z.strictObject({ timeline: count, switchLsn: z.string() }))
    .readonly()
    .exactOptional(),
  window: z.strictObject({ from: instant.nullable(), to: instant }).nullable(),
  readToEnd: z.boolean().exactOptional(),
  archived: z.strictObject({ segments: z.array(z.string()).readonly(), storageClass: z.string() }).exactOptional(),
}) satisfies KnowsAll<WalArchive>;

const physicalSchema = z.strictObject({
  copies: z.array(physicalCopySchema).readonly(),
  archives: z.array(archiveSchema).readonly(),
  plans: z.array(z.strictObject({ cluster: clusterSchema, plan: factSchemas['backup-plan'] })).readonly(),
  unmatched: z.array(factSchemas['unmatched-artifact']).readonly(),
  blindSpot: blindSpotSchema.nullable(),
});

const asked = { collectedAt: instant, blindSpot: blindSpotSchema.nullable() };

/** The answers, one a line. */
const answerSchemas = [
  z.strictObject({
    type: z.literal('host-file'),
    ...asked,
    role: factSchemas['host-file'].shape.role,
    path: z.string(),
    fact: factSchemas['host-file'].nullable(),
  }),
  z.strictObject({
    type: z.literal('license-file'),
    ...asked,
    path: z.string(),
    fact: factSchemas['license-file'].nullable(),
  }),
  z.strictObject({
    type: z.literal('certificate-file'),
    ...asked,
    path: z.string(),
    certificate: certificateReadingSchema.nullable(),
  }),
  z.strictObject({ type: z.literal('host-system'), ...asked, fact: factSchemas['host-system'].nullable() }),
  z.strictObject({
    type: z.literal('store'),
    ...asked,
    path: z.string(),
    state: z.strictObject({ isDirectory: z.boolean(), empty: z.boolean() }).nullable(),
    attachment,
  }),
  /** Opens a location; what follows about it comes after. */
  z.strictObject({
    type: z.literal('location'),
    collectedAt: instant,
    location: z.string(),
    locator: z.string(),
    attachment,
    failure: blindSpotSchema.nullable(),
    links: z.array(fileSchema).readonly(),
  }),
  z.strictObject({ type: z.literal('files'), location: z.string(), files: z.array(fileSchema).readonly() }),
  z.strictObject({
    type: z.literal('reading'),
    location: z.string(),
    path: z.string(),
    depth: z.enum(['structure', 'full']),
    readAt: instant,
    recognition: recognitionSchema.nullable(),
    failure: blindSpotSchema.nullable(),
  }),
  z.strictObject({
    type: z.literal('copied'),
    location: z.string(),
    copy: z.string(),
    sourcePath: z.string(),
    digest: text,
    digestOfModes: text.optional(),
  }),
  z.strictObject({
    type: z.literal('snapshot'),
    location: z.string(),
    fact: factSchemas['provider-snapshot'],
    keys: z.array(z.string()).readonly(),
  }),
  z.strictObject({
    type: z.literal('snapshots'),
    location: z.string(),
    unmatched: z.array(factSchemas['unmatched-artifact']).readonly(),
    blindSpot: blindSpotSchema.nullable(),
  }),
  z.strictObject({
    type: z.literal('physical'),
    location: z.string(),
    purpose: z.string(),
    contents: physicalSchema,
  }),
  z.strictObject({
    type: z.literal('packages'),
    location: z.string(),
    packages: z.array(factSchemas['installer-package']).readonly(),
  }),
] as const;

/** The line before the seal: that all was asked. */
const finishedSchema = z.strictObject({ type: z.literal('finished'), finishedAt: instant });

export const hostAnswerSchema = z.discriminatedUnion('type', [...answerSchemas, finishedSchema]);
export type HostAnswer = Readonly<z.infer<typeof hostAnswerSchema>>;
