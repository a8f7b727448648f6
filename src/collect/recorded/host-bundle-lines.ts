import { z } from 'zod';
import { blindSpotSchema } from '../../model/evidence.ts';
import { certificateReadingSchema } from '../../model/facts/rebuild.ts';
import { diskSchema } from '../../model/facts/stores.ts';
import { factSchemas } from '../../model/facts.ts';
import { readingSchema } from '../backups/verification/remembered-lines.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';
import { copySampleLine } from './copy-sample-line.ts';
import { fileSampleLine } from './file-sample-line.ts';
import { copyDirectoriesLine, copyFilesLine, fileCopyLine, fileSetLine } from './file-set-lines.ts';
import { physicalSchema } from './physical-lines.ts';
import { keyLine, proofLine, providerLine } from './provider-lines.ts';

/** Version of the format of host bundles. A reader refuses a newer one. */
export const HOST_BUNDLE_VERSION = 2;

const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const count = z.number().int().nonnegative();
const text = z.string().nullable();
const attachment = z.enum(['local', 'remote', 'unknown']);

/** First line: who answers which plan. */
export const hostBundleHeaderSchema = z.strictObject({
  type: z.literal('host-bundle'),
  hostBundleVersion: z.union([z.literal(1), z.literal(HOST_BUNDLE_VERSION)]),
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
  version: z.string().exactOptional(),
  archivedIn: z.string().exactOptional(),
  linked: z.string().exactOptional(),
  special: z.string().exactOptional(),
  isSizeElsewhere: z.boolean().exactOptional(),
} satisfies Record<keyof ArtifactFile, z.ZodType>);

const recognitionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dump'), reading: readingSchema }),
  z.strictObject({ kind: z.enum(['encrypted', 'compressed', 'archive', 'foreign', 'empty']), what: z.string() }),
]);

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
    state: z
      .strictObject({
        isDirectory: z.boolean(),
        empty: z.boolean(),
        /** Absent in bundles of older versions. */
        disk: diskSchema.exactOptional(),
      })
      .nullable(),
    /** Whether the file system answered that nothing is there; absent where it did not, and in bundles of older versions. */
    isAbsent: z.literal(true).exactOptional(),
    attachment,
  }),
  /** Opens a location; what follows about it comes after. */
  z.strictObject({
    type: z.literal('location'),
    collectedAt: instant,
    /** When its listing was done; absent in bundles of older versions. */
    listedAt: instant.exactOptional(),
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
  fileSetLine,
  fileCopyLine,
  copyFilesLine,
  copyDirectoriesLine,
  copySampleLine,
  z.strictObject({
    type: z.literal('copied'),
    location: z.string(),
    copy: z.string(),
    sourcePath: z.string(),
    digest: text,
    digestOfModes: text.optional(),
    /** Absent in bundles of older versions, and where they cannot be counted. */
    links: count.optional(),
  }),
  z.strictObject({
    type: z.literal('snapshot'),
    location: z.string(),
    fact: factSchemas['provider-snapshot'],
    keys: z.array(z.string()).readonly(),
    /** Of a copy of files, by the key: when the file with its versions was last written. Absent where nothing tells. */
    written: z.record(z.string(), instant).readonly().optional(),
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
    /** Whether only copies of databases that the plan names were looked for; see the lines *names*. */
    byNames: z.boolean().exactOptional(),
    contents: physicalSchema,
  }),
  /** Names of databases out of the plan. */
  z.strictObject({ type: z.literal('names'), databases: z.array(z.string()).readonly() }),
  z.strictObject({
    type: z.literal('packages'),
    location: z.string(),
    packages: z.array(factSchemas['installer-package']).readonly(),
  }),
  providerLine,
  keyLine,
  proofLine,
  fileSampleLine,
] as const;

/** The line before the seal: that all was asked. */
const finishedSchema = z.strictObject({ type: z.literal('finished'), finishedAt: instant });

export const hostAnswerSchema = z.discriminatedUnion('type', [...answerSchemas, finishedSchema]);
export type HostAnswer = Readonly<z.infer<typeof hostAnswerSchema>>;
