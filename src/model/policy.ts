import { z } from 'zod';
import { LIMIT_KINDS, type LimitKind, limitKindOf } from './limit-kinds.ts';
import { SEVERITIES } from './severity.ts';
import type { Subject } from './subject.ts';

/**
 * Thresholds that an operator may set, with their defaults. Units are in the names. Sources of the defaults: the
 * control catalogue's own numbers; 92 days is a calendar quarter, Novantra's own restore cadence. `retentionDays` holds
 * where no plan promises another; set in a policy, it is a duty that no plan may fall short of. `restorableMoments` is a
 * week of daily copies. `archiveWaitMinutes` is how long a completed WAL segment may wait to be archived: a healthy
 * archiver takes it within a minute, its longest pause (PGARCH_AUTOWAKE_INTERVAL in PostgreSQL's pgarch.c).
 * `verificationMaxAgeDays` is how long a full reading vouches for an unchanged copy: media rot changes no date.
 * `auditIntervalHours` is as long as the newest copy may be old: who looks more rarely learns too late that one is missing.
 */
export const LIMIT_DEFAULTS = {
  databaseRpoHours: 26,
  filesRpoHours: 26,
  firstCopyHours: 26,
  runGraceMinutes: 60,
  clockToleranceMinutes: 5,
  fileSkewMinutes: 15,
  provisioningHours: 24,
  licenseDays: 28,
  snapshotMaxAgeDays: 7,
  restoreTestDays: 92,
  shrinkToFraction: 0.5,
  retentionDays: 30,
  restorableMoments: 7,
  archiveWaitMinutes: 15,
  evidenceMaxAgeHours: 24,
  attestationMaxAgeDays: 366,
  verificationMaxAgeDays: 30,
  auditIntervalHours: 26,
} as const;
export type LimitName = keyof typeof LIMIT_DEFAULTS;

/** Larger limits are none, and outrun the calendar: a million hours are 114 years. */
const LARGEST_LIMIT = 1_000_000;

const limitsSchema = z.strictObject(
  Object.fromEntries(
    Object.keys(LIMIT_DEFAULTS).map((name) => [name, z.number().positive().max(LARGEST_LIMIT).optional()]),
  ) as {
    [K in LimitName]: z.ZodOptional<z.ZodNumber>;
  },
);

/** Evidence is of no kind when its age is told: that limit holds for the whole install. */
const limitsOfKind = limitsSchema.omit({ evidenceMaxAgeHours: true });

const kindLimitsSchema = z.strictObject(
  Object.fromEntries(LIMIT_KINDS.map((kind) => [kind, limitsOfKind.optional()])) as {
    [K in LimitKind]: z.ZodOptional<typeof limitsOfKind>;
  },
);

/** A failure domain as the configuration states it. What is left out is not stated. */
export const failureDomainSchema = z.strictObject({
  host: z.string().min(1).optional(),
  site: z.string().min(1).optional(),
  account: z.string().min(1).optional(),
  region: z.string().min(1).optional(),
});
export type FailureDomain = Readonly<z.infer<typeof failureDomainSchema>>;

/** The loss that is judged. */
export const lossSchema = z.strictObject({
  level: z.enum(['host', 'site', 'account', 'region']),
  /** The host, site, account or region that is lost. */
  name: z.string().min(1),
});
export type Loss = Readonly<z.infer<typeof lossSchema>>;

/** An organization left out on purpose. Named on page one; never improves a verdict. */
export const exclusionSchema = z.strictObject({
  organization: z.string().min(1),
  reason: z.string().regex(/\S/, { error: 'a text that says something' }),
  approver: z.string().regex(/\S/, { error: 'a text that says something' }),
  /** Last day it counts, UTC, `YYYY-MM-DD`. */
  expires: z.iso.date(),
});
export type Exclusion = Readonly<z.infer<typeof exclusionSchema>>;

/** Everything besides the bundle's facts and the clock that judging depends on. */
export const policySchema = z.strictObject({
  loss: lossSchema,
  failOn: z.enum(SEVERITIES).default('high'),
  acceptExcluded: z.boolean().default(false),
  limits: limitsSchema.default({}),
  /** Limits by the kind of what is judged: before those of the install, behind those of an organization. */
  kindLimits: kindLimitsSchema.optional(),
  /** Limits of single organizations, by lower-case id. */
  organizationLimits: z.record(z.string(), limitsSchema).default({}),
  /** RST-4: hours; without it the control is unknown. */
  rtoHours: z.number().positive().nullable().default(null),
  /** RST-6: days; without it the control is not applicable. */
  organizationRestoreTestDays: z.number().positive().nullable().default(null),
  /** DB-15: PostgreSQL major version of the restore target; without it the live server's. */
  restoreTargetMajorVersion: z.number().int().positive().nullable().default(null),
  /** KEY-4: true where a retired key version means that its data was rewrapped. */
  retiredMeansRewrapped: z.boolean().default(false),
  /**
   * KEY-9: who may delete or disable keys, as key policies name them: ARNs, or an account's number for all that its own
   * policies decide. Without it nobody besides the account a key belongs to is known to be meant.
   */
  mayDeleteKeys: z
    .array(
      z.string().regex(/^(?:\d{12}|\*|[a-z]+:\S+|[A-Z0-9]{16,})$/, {
        error: 'an ARN, the 12 digits of an account in quotes, or service: with a name',
      }),
    )
    .nullable()
    .default(null),
  /** KEY-11: true where wrapped samples were to be unwrapped; without it the control is not applicable. */
  proveKeys: z.boolean().default(false),
  exclusions: z.array(exclusionSchema).default([]),
});
export type Policy = Readonly<z.infer<typeof policySchema>>;

/** A threshold as a finding prints it: its value with unit, and where it was set. */
export interface Limit {
  readonly value: number;
  readonly text: string;
  readonly origin: string;
}

/** The parts of a policy that set thresholds. */
export type PolicyLimits = Pick<Policy, 'limits' | 'kindLimits' | 'organizationLimits'>;

/** The number that a policy sets for a subject: of its organization, else of its kind, else of the install, else the default. */
export function limitValue(
  name: Exclude<LimitName, 'evidenceMaxAgeHours'>,
  { limits, kindLimits, organizationLimits }: PolicyLimits,
  subject: Pick<Subject, 'kind' | 'organizationId'>,
  kind: LimitKind | null = limitKindOf(subject),
): number {
  const own = subject.organizationId === null ? undefined : organizationLimits[subject.organizationId];
  const ofKind = kind === null ? undefined : kindLimits?.[kind]?.[name];
  return own?.[name] ?? ofKind ?? limits[name] ?? LIMIT_DEFAULTS[name];
}

/**
 * How long a full reading of a copy counts, in days.
 *
 * @param subject what it is a copy of, its organization in lower case; null for copies of whole clusters, which are judged
 * as copies of each of their databases: the shortest of any kind
 */
export function verificationDays(
  policy: PolicyLimits,
  subject: Pick<Subject, 'kind' | 'organizationId'> | null,
): number {
  if (subject !== null) return limitValue('verificationMaxAgeDays', policy, subject);
  const ofNone = { kind: 'cluster', organizationId: null } as const;
  const kinds = ['cluster', 'install-database', 'tenant-database'] as const;
  return Math.min(...kinds.map((kind) => limitValue('verificationMaxAgeDays', policy, ofNone, kind)));
}
