import { z } from 'zod';
import { GRADES } from './evidence.ts';
import { type Finding, findingSchema, STATUSES } from './finding.ts';
import { lossSchema } from './policy.ts';
import { SEVERITIES } from './severity.ts';
import { BLIND_REASONS } from './source-error.ts';
import { subjectSchema } from './subject.ts';

/**
 * The report model: every format is a view of it. The zod schemas here are the one truth of `report.json`; its JSON
 * Schema in `config/` is generated from them. Instants are ISO 8601 UTC.
 */
export const REPORT_SCHEMA_VERSION = 1;

export const VERDICTS = ['not-recoverable', 'unknown', 'at-risk', 'recoverable'] as const;
/** Worst first. */
export type Verdict = (typeof VERDICTS)[number];

export const PLANES = ['host', 'keys', 'database', 'files', 'restore'] as const;
export type Plane = (typeof PLANES)[number];
export const PLANE_STATES = ['gap', 'unknown', 'ok', 'not-applicable'] as const;
export type PlaneState = (typeof PLANE_STATES)[number];

export const AT_RISK_REASONS = ['gap', 'blind-spot', 'first-copy-due'] as const;

const count = z.number().int().nonnegative();
const planesSchema = z.strictObject({
  database: z.enum(PLANE_STATES),
  keys: z.enum(PLANE_STATES),
  files: z.enum(PLANE_STATES),
  host: z.enum(PLANE_STATES),
  restore: z.enum(PLANE_STATES),
});
export type Planes = Readonly<z.infer<typeof planesSchema>>;

/** The first thing that stands in the way, in recovery order, as a sentence a reader without technical background understands. */
const weakestLinkSchema = z.strictObject({ plane: z.enum(PLANES), findingId: z.string(), sentence: z.string() });

/** One step of the recovery chain, in recovery order: host, key provider, install database, tenant database, files. */
const chainLinkSchema = z.strictObject({
  step: z.enum(['host', 'key provider', 'install database', 'tenant database', 'files']),
  state: z.enum(PLANE_STATES),
  sentence: z.string(),
});
export type ChainLink = Readonly<z.infer<typeof chainLinkSchema>>;

const runSchema = z.strictObject({
  id: z.string(),
  toolVersion: z.string(),
  timeZoneData: z.string(),
  collectorHost: z.string(),
  operator: z.string(),
  failOn: z.enum(SEVERITIES),
  asOf: z.string(),
  startedAt: z.string(),
  finishedAt: z.string(),
  loss: lossSchema,
  configDigest: z.string(),
  mappingDigest: z.string(),
  policyDigest: z.string(),
  bundleDigest: z.string(),
  previousReportDigest: z.string().nullable(),
});

const installSummarySchema = z.strictObject({
  installId: z.string().nullable(),
  productVersion: z.string().nullable(),
  verdict: z.enum(VERDICTS).nullable(),
  /** Organizations by verdict; `none` counts those without one (excluded, or nothing applicable). */
  verdicts: z.strictObject({
    recoverable: count,
    'at-risk': z.strictObject({ gap: count, blindSpot: count, firstCopyDue: count }),
    unknown: count,
    'not-recoverable': count,
    none: count,
  }),
  recoveryPoint: z.string().nullable(),
  weakestLink: weakestLinkSchema.nullable(),
  planes: planesSchema,
  chain: z.array(chainLinkSchema),
});

/** One organization's row. `statuses` holds the worst status per control over its own and shared subjects. */
export const organizationSummarySchema = z.strictObject({
  organizationId: z.string(),
  slug: z.string(),
  name: z.string(),
  state: z.string(),
  verdict: z.enum(VERDICTS).nullable(),
  atRiskBy: z.array(z.enum(AT_RISK_REASONS)),
  /** Instant until which the first copy is awaited; null where none is. */
  firstCopyDue: z.string().nullable(),
  recoveryPoint: z.string().nullable(),
  recoveryPointAgeSeconds: z.number().nullable(),
  weakestLink: weakestLinkSchema.nullable(),
  planes: planesSchema,
  chain: z.array(chainLinkSchema),
  statuses: z.record(z.string(), z.enum(STATUSES)),
  blindSpotIds: z.array(z.string()),
  /** Excluded by policy, with the reason given there. */
  exclusion: z.strictObject({ reason: z.string(), approver: z.string(), expires: z.string() }).nullable(),
  /** Listed, but nothing of its own in database, keys and files could be judged. */
  blind: z.boolean(),
});
export type OrganizationSummary = Readonly<z.infer<typeof organizationSummarySchema>>;

/** A question without (complete) answer; the same one about many organizations is one entry. */
export const reportedBlindSpotSchema = z.strictObject({
  id: z.string(),
  reason: z.enum(BLIND_REASONS),
  source: z.string(),
  detail: z.string(),
  remedy: z.string(),
  affects: z.strictObject({ organizations: count, install: z.boolean() }),
});
export type ReportedBlindSpot = Readonly<z.infer<typeof reportedBlindSpotSchema>>;

/** One copy, with what is known of its integrity. */
export const reportedCopySchema = z.strictObject({
  path: z.string(),
  method: z.string(),
  bytes: count,
  modifiedAt: z.string(),
  /** When it is consistent as of; null where nothing tells. */
  moment: z.strictObject({ notBefore: z.string(), notAfter: z.string() }).nullable(),
  integrity: z.enum(['complete', 'incomplete', 'unproven']),
  because: z.string(),
  grade: z.enum(GRADES),
  /** When it was last read to its end and found whole; null where it was not, or nobody remembers. */
  verifiedAt: z.string().nullable(),
});
export type ReportedCopy = Readonly<z.infer<typeof reportedCopySchema>>;

/** What was asked where and when; the answers themselves stay in the bundle. */
export const reportedEvidenceSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  subject: subjectSchema,
  source: z.string(),
  operation: z.string(),
  locator: z.string(),
  grade: z.enum(GRADES),
  rows: count.nullable(),
  complete: z.boolean(),
  collectedAt: z.string(),
  /** SHA-256 of the canonical JSON of the answer. */
  digest: z.string(),
  /** Of an answer about copies: each of them, newest first. Absent for all other questions. */
  copies: z.array(reportedCopySchema).optional(),
});
export type ReportedEvidence = Readonly<z.infer<typeof reportedEvidenceSchema>>;

export const REBUILD_TOPICS = ['product', 'host', 'license', 'license file', 'address', 'certificate'] as const;

/** One thing that whoever rebuilds the install must know. It is a fact and no finding. */
const rebuildEntrySchema = z.strictObject({
  topic: z.enum(REBUILD_TOPICS),
  sentence: z.string(),
  /** Until when it is valid; null for what does not run out, or does not tell. */
  validUntil: z.string().nullable(),
  /** What to do about it; null where nothing is amiss. */
  remedy: z.string().nullable(),
  /** Ids of evidence. */
  evidence: z.array(z.string()),
});
export type RebuildEntry = Readonly<z.infer<typeof rebuildEntrySchema>>;

export const reportHeadSchema = z.strictObject({
  schemaVersion: z.literal(REPORT_SCHEMA_VERSION),
  scope: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('install') }),
    z.strictObject({ kind: z.literal('organization'), organizationId: z.string() }),
  ]),
  run: runSchema,
  /** Seconds between the bundle's end and the clock it was judged by. */
  bundleAgeSeconds: z.number(),
  install: installSummarySchema,
  denominator: z.strictObject({
    organizations: z.strictObject({ total: count.nullable(), judged: count, blind: count, excluded: count }),
  }),
  tally: z.strictObject({ pass: count, fail: count, unknown: count, 'not-applicable': count, waived: count }),
  exit: z.strictObject({ code: z.number().int(), reasons: z.array(z.string()) }),
  /** The worst gaps in words, worst first, at most 20; `total` says how many there are. */
  worstGaps: z.strictObject({
    total: count,
    shown: z.array(
      z.strictObject({
        findingId: z.string(),
        controlId: z.string(),
        severity: z.enum(SEVERITIES),
        /** e.g. "Tenant database acme: newest usable copy is from 2026-11-19 02:00 UTC, 3 days old; the limit is 26 h". */
        sentence: z.string(),
      }),
    ),
  }),
  blindSpots: z.array(reportedBlindSpotSchema),
  unmatched: z.array(
    z.strictObject({
      location: z.string(),
      path: z.string(),
      bytes: count,
      modifiedAt: z.string(),
      what: z.string(),
      foundName: z.string().nullable(),
    }),
  ),
  /** How many unmatched artifacts there are; `unmatched` holds at most the first 1,000, the rest are in unmatched.ndjson. */
  unmatchedTotal: count,
  /** Controls of the catalogue that gave no finding, each with the reason: not built yet, or not asked for. */
  notEvaluated: z.array(z.strictObject({ controlId: z.string(), question: z.string(), reason: z.string() })),
  /** What rests on somebody's word: context from the configuration, and attestations. */
  declared: z.array(
    z.strictObject({
      kind: z.enum(['context', 'attestation']),
      subject: z.string(),
      statement: z.string(),
      owner: z.string().nullable(),
      date: z.string().nullable(),
      expires: z.string().nullable(),
    }),
  ),
  /** Passing findings whose weakest evidence is a declaration. */
  passesResting: count,
  notices: z.array(z.strictObject({ text: z.string(), remedy: z.string() })),
  /** What a rebuild needs to know besides the data; absent in an organization's own report and in those of older versions. */
  rebuild: z.array(rebuildEntrySchema).optional(),
  exclusions: z.array(
    z.strictObject({ organizationId: z.string(), reason: z.string(), approver: z.string(), expires: z.string() }),
  ),
  /** The controls that were judged, in the order of their ids. */
  controls: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      severity: z.enum(SEVERITIES),
      bears: z.string(),
      rationale: z.string(),
      remediation: z.string(),
      tally: z.strictObject({ pass: count, fail: count, unknown: count, 'not-applicable': count, waived: count }),
    }),
  ),
  /** The sources that were read, each with what was sent to it. */
  method: z.array(z.strictObject({ source: z.string(), operations: z.array(z.string()), questions: count })),
});
export type ReportHead = Readonly<z.infer<typeof reportHeadSchema>>;

/** Everything a report says about one organization beside its row. */
export interface OrganizationChapter {
  readonly summary: OrganizationSummary;
  readonly findings: readonly Finding[];
  readonly evidence: readonly ReportedEvidence[];
}

/**
 * The whole report, as every format sees it. Iterables can be walked several times and stream from disk, so a report
 * of 100,000 organizations needs bounded memory. Order: organization id, then control id.
 */
export interface Report {
  readonly head: ReportHead;
  /** Findings on the install and on shared subjects; empty in an organization's own report, where the shared ones that concern it are in its chapter. */
  readonly installFindings: readonly Finding[];
  readonly installEvidence: readonly ReportedEvidence[];
  organizations(): AsyncIterable<OrganizationSummary>;
  /** Chapters in the order of organization ids, or only the wanted ones. */
  chapters(wanted?: ReadonlySet<string>): AsyncIterable<OrganizationChapter>;
  /** Ids of the organizations that are worst off, worst first, at most `limit`. */
  worst(limit: number): readonly string[];
}

/** `report.json`, the canonical form. */
export const reportSchema = z.strictObject({
  ...reportHeadSchema.shape,
  organizations: z.array(organizationSummarySchema),
  findings: z.array(findingSchema),
  /** Where `findings` holds only fail, unknown and waived: the file with all of them, its count and SHA-256. */
  findingsFile: z.strictObject({ name: z.string(), count, digest: z.string() }).nullable(),
  evidence: z.array(reportedEvidenceSchema),
  /** As `findingsFile`, for the evidence list. */
  evidenceFile: z.strictObject({ name: z.string(), count, digest: z.string() }).nullable(),
});

/** Where a format puts its bytes. Written whole or not at all: the caller renames on success and removes on failure. */
export interface ReportSink {
  /** Opens a file below the report's directory, e.g. `report.html` or `organizations/0001.html`. */
  file(name: string): Promise<{ write(chunk: string | Uint8Array): Promise<void>; close(): Promise<void> }>;
}

/** A report in, files out through the sink. Knows no path and no clock. */
export interface ReportFormat {
  readonly id: string;
  readonly title: string;
  render(report: Report, sink: ReportSink, options: FormatOptions): Promise<void>;
}
export interface FormatOptions {
  /** Organizations whose chapters the PDF holds; the total is always named. */
  readonly pdfDetail: number;
  /** Above this many organizations the HTML report is an index with linked pages. */
  readonly htmlPageSize: number;
}
