import { z } from 'zod';
import { count, instant, text, when } from './parts.ts';

/** What the install says of itself and of its organizations. */
export const installFacts = {
  /** Of the install: who it is and which product version it runs. */
  install: z.strictObject({
    installId: z.string(),
    productVersion: z.string(),
    channel: text,
    profile: text,
    /** `deb`, `msi`, `docker`; absent in bundles of older versions. */
    packageKind: text.optional(),
    mode: text,
    installedAt: when,
    lastUpgradedAt: when,
    previousVersion: text,
  }),
  /** Of the install: the count taken in the same transaction, and the rows streamed to the end. */
  'organization-list': z.strictObject({
    counted: count,
    streamed: count,
    idsDifferingInCase: z.array(z.string()),
    /** Rows of other datasets that name organizations which are not in the list, by dataset. */
    rowsUnlisted: z.array(z.strictObject({ dataset: z.string(), rows: count })).optional(),
  }),
  /** Of an organization: its row in the install database. */
  organization: z.strictObject({
    organizationId: z.string(),
    slug: z.string(),
    name: z.string(),
    state: z.string(),
    createdAt: instant,
    locale: text,
    timezone: text,
    allowedRegions: z.array(z.string()).nullable(),
  }),
  /** Of an organization: one row for each tenant database it is said to have. */
  'tenant-database': z.strictObject({
    host: text,
    port: z.number().int().nullable(),
    databaseName: z.string(),
    schemaName: text,
    createdAt: when,
  }),
  /** Of the install or of one organization: a row of the backup-plan inventory. */
  'backup-plan': z.strictObject({
    planId: z.string(),
    covers: z.enum(['install-database', 'tenant-database', 'cluster', 'all']),
    method: z.string(),
    enabled: z.boolean(),
    schedule: text,
    timezone: text,
    retentionDays: z.number().nullable(),
    targetUri: text,
    createdAt: when,
  }),
  /** Of a database: a run that the inventory recorded. */
  'backup-run': z.strictObject({
    runId: z.string(),
    planId: text,
    status: z.enum(['running', 'succeeded', 'failed', 'skipped']),
    startedAt: instant,
    finishedAt: when,
    artifactUri: text,
    artifactBytes: z.number().nullable(),
    sha256: text,
    error: text,
  }),
  /** Of the install or of an organization: a recorded restore test. `organizationId` null: the install database. */
  'restore-test': z.strictObject({
    validationId: z.string(),
    organizationId: text,
    performedAt: instant,
    outcome: z.enum(['succeeded', 'failed']),
    productVersion: text,
    keyProviderUsed: z.boolean().nullable(),
    chainVerified: z.boolean().nullable(),
    signInConfirmed: z.boolean().nullable(),
    durationSeconds: z.number().nullable(),
    cleanedUp: z.boolean().nullable(),
  }),
  /** Of an organization: where its files are. `origin` tells a row from the policy's default binding. */
  'storage-binding': z.strictObject({
    bindingId: z.string(),
    kind: z.string(),
    state: z.string(),
    bucket: text,
    prefix: text,
    region: text,
    endpoint: text,
    path: text,
    /** Where the path leads on the install host, of one that symbolic links lead elsewhere; absent where nobody looked. */
    realPath: z.string().optional(),
    activatedAt: when,
    origin: z.enum(['row', 'policy-default']),
  }),
  /** Of the install or an organization: a keyring row. */
  keyring: z.strictObject({
    keyringId: z.string(),
    providerId: z.string(),
    providerKind: text,
    keyRef: z.string(),
    currentVersion: z.number().int().nullable(),
    rotatedAt: when,
    customerManaged: z.boolean().nullable(),
    /** When the provider row was last configured. */
    providerConfiguredAt: when,
  }),
  license: z.strictObject({
    state: text,
    validFrom: when,
    validUntil: instant,
    maxOrganizations: z.number().nullable(),
    /** Ids in lower case that exist in the install but not in the license. */
    organizationsNotCovered: z.array(z.string()),
    /** Ids in lower case that the license names and the install does not have, at most 1000; absent where nobody looked. */
    organizationsNotInstalled: z.array(z.string()).optional(),
    /** How many organizations the license names. */
    organizationsNamed: count,
    /** How many organizations the install has. */
    organizationsInstalled: count,
  }),
} as const;
