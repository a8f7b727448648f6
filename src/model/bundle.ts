import { z } from 'zod';
import { type AnyEvidence, type ComparedEvidence, comparedEvidenceSchema, evidenceSchema } from './evidence.ts';
import { policySchema } from './policy.ts';
import { type SubjectNode, subjectNodeSchema } from './subject.ts';

const count = z.number().int().nonnegative();

/** Version of the bundle format. A reader refuses a newer one. */
export const BUNDLE_VERSION = 1;

/** `what` of {@link bundleHeaderSchema}'s `answeredElsewhere` where the install host itself was asked. */
export const ANSWERING_INSTALL_HOST = 'install host';

/** First line of a bundle. Holds no secret. */
export const bundleHeaderSchema = z.strictObject({
  type: z.literal('header'),
  bundleVersion: z.literal(BUNDLE_VERSION),
  runId: z.string(),
  toolVersion: z.string(),
  timeZoneData: z.string(),
  collectorHost: z.string(),
  operator: z.string(),
  configDigest: z.string(),
  mappingDigest: z.string(),
  startedAt: z.string(),
  policy: policySchema,
  /** What was not asked because it is optional and was left off. */
  notAsked: z.array(z.string()),
  /** Bundles of other hosts whose answers are in it; absent where there are none. */
  joined: z
    .array(
      z.strictObject({
        collectorHost: z.string(),
        /** Version of the program that wrote it; absent in bundles of older versions. */
        toolVersion: z.string().optional(),
        startedAt: z.string(),
        finishedAt: z.string(),
        digest: z.string(),
        isAuthenticated: z.boolean(),
      }),
    )
    .optional(),
  /** What another host answered than the one that is said to reach it alone; absent where there is none. */
  answeredElsewhere: z
    .array(z.strictObject({ what: z.string(), reachableFrom: z.string(), answeredBy: z.string() }))
    .optional(),
});
export type BundleHeader = Readonly<z.infer<typeof bundleHeaderSchema>>;

const evidenceList = z.array(evidenceSchema) as z.ZodType<AnyEvidence[]>;

/** What belongs to the install itself and to shared subjects. May be spread over several lines. */
export const installPartSchema = z.strictObject({
  type: z.literal('install'),
  subjects: z.array(subjectNodeSchema),
  evidence: evidenceList,
});

/** One organization: its subjects and every fact about them. Parts come in the order of their ids. */
export const organizationPartSchema = z.strictObject({
  type: z.literal('organization'),
  organizationId: z.string(),
  subjects: z.array(subjectNodeSchema),
  evidence: evidenceList,
});

/** How far the copies were read in one run. */
export const readingSummarySchema = z.strictObject({
  depth: z.enum(['structure', 'mixed', 'full']),
  /** Copies that were read to their end, and their bytes. */
  read: count,
  readBytes: count,
  /** Copies that were left for a later run as the budget was used up, and how many of them nothing else proves. */
  left: count,
  leftUnproven: count,
  /** What kept earlier verifications from counting, or these from being remembered, as sentences. */
  notes: z.array(z.strictObject({ text: z.string(), remedy: z.string() })),
});
export type ReadingSummary = Readonly<z.infer<typeof readingSummarySchema>>;

/** One organization as far as comparing it with all others looks at it; see {@link comparedEvidenceSchema}. */
const comparedPartSchema = z.object({
  type: z.literal('organization'),
  organizationId: z.string(),
  evidence: z.array(comparedEvidenceSchema),
});

/** Last line. A bundle without it was cut off and is refused. `total` null: the organizations could not be listed. */
export const bundleTrailerSchema = z.strictObject({
  type: z.literal('trailer'),
  organizationParts: z.number().int().nonnegative(),
  total: z.number().int().nonnegative().nullable(),
  finishedAt: z.string(),
  /** Absent where nothing was read, and in bundles of older versions. */
  reading: readingSummarySchema.optional(),
});
export type BundleTrailer = Readonly<z.infer<typeof bundleTrailerSchema>>;

export interface InstallPart {
  readonly type: 'install';
  readonly subjects: readonly SubjectNode[];
  readonly evidence: readonly AnyEvidence[];
}
export interface OrganizationPart {
  readonly type: 'organization';
  /** Lower-case id; also where two ids differ only in case, so that both parts carry it. */
  readonly organizationId: string;
  readonly subjects: readonly SubjectNode[];
  readonly evidence: readonly AnyEvidence[];
}
/** An organization's part, or what comparing all organizations needs of it. */
export interface ComparedPart {
  readonly type: 'organization';
  readonly organizationId: string;
  readonly evidence: readonly ComparedEvidence[];
}

export const bundleLineSchema = z.discriminatedUnion('type', [
  bundleHeaderSchema,
  installPartSchema,
  organizationPartSchema,
  bundleTrailerSchema,
]);

/** Lines as the comparison of all organizations reads them: the second reading, to judge, checks all of every part. */
export const comparedLineSchema = z.discriminatedUnion('type', [
  bundleHeaderSchema,
  installPartSchema,
  comparedPartSchema,
  bundleTrailerSchema,
]);
