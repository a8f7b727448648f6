import { z } from 'zod';
import { exclusionSchema, failureDomainSchema, lossSchema, policySchema } from '../model/policy.ts';
import { locationSchema } from './location-schema.ts';
import { providerSchema } from './provider-schema.ts';
import {
  keyHolderSchema,
  name,
  path,
  s3Access,
  secretReference,
  serverHost,
  serviceAddress,
  tls,
} from './schema-parts.ts';

/** What the configuration file may say. Every object is strict: a misspelt key is a mistake, never ignored. */

const serverAccess = {
  host: serverHost,
  port: z.number().int().min(1).max(65535).default(5432),
  user: z.string().min(1),
  password: secretReference.optional(),
  ...tls,
  failureDomain: failureDomainSchema.optional(),
  /**
   * System identifiers the cluster had before pg_upgrade, each with the date of the upgrade: copies from before it
   * bear them.
   */
  formerSystemIdentifiers: z
    .array(
      z.strictObject({
        systemIdentifier: z.string().regex(/^\d{1,20}$/, { error: 'a system identifier in quotes, as digits' }),
        until: z.iso.date(),
      }),
    )
    .optional(),
  /** Names of databases on it that are of other applications, so that they are no orphans of this install. */
  otherDatabases: z.array(z.string().min(1)).optional(),
};

const storesSchema = z.strictObject({
  /** Binding of an organization without a row; `none` makes a missing row a gap. */
  default: z
    .union([
      z.literal('none'),
      z.strictObject({
        kind: z.literal('bundled'),
        /** Directory; `{organizationId}` stands for the organization's id. */
        path,
      }),
    ])
    .default('none'),
  /** Credentials for buckets that bindings name; the first entry whose bucket (and endpoint, where stated) agrees is used. */
  s3: z
    .array(
      z.strictObject({
        bucket: z.string().min(1),
        ...s3Access,
        failureDomain: failureDomainSchema.optional(),
        /** The key that what lies here is encrypted with, and the provider that holds it. */
        encryptedBy: keyHolderSchema.optional(),
        /** Names of locations that hold copies of this bucket's objects. */
        copies: z.array(name).default([]),
        /** Buckets of this list that something keeps like this one, under the same keys, other than rules of its own. */
        mirrors: z.array(z.string().min(1)).default([]),
      }),
    )
    .default([]),
});

/** An address of the install. Nothing is sent to it but what a TLS handshake takes. */
const addressSchema = z.strictObject({
  url: serviceAddress(/^https$/),
  /** Its certificate on the install host, in PEM. Without one, or where nobody could read it, the address is asked to show it. */
  certificateFile: path.optional(),
  caFile: path.optional(),
});

const policyFields = policySchema.omit({ loss: true, exclusions: true, proveKeys: true });

export const configSchema = z.strictObject({
  version: z.literal(1),
  install: z.strictObject({
    /** Name of the install host, as failure domains state it. */
    host: z.string().min(1),
    /** True where the collector runs on the install host, so that its files can be read. */
    collectorRunsHere: z.boolean().default(true),
    database: z.strictObject({ name: z.string().min(1), ...serverAccess }),
    /** Mapping file; default: the shipped reference mapping. */
    mapping: path.optional(),
    bootstrapFile: path.default('/etc/novantra/bootstrap.env'),
    stateDirectory: path.default('/var/lib/novantra/onprem'),
    /** The runbook for the recovery, as a text file. It is searched for the names of providers and locations in use. */
    runbook: path.optional(),
    /** Where the runbook lies, where that is not the install host. */
    runbookFailureDomain: failureDomainSchema.optional(),
    /** The file on the install host that holds the license. */
    licenseFile: path.optional(),
    /** Where people reach the install. */
    addresses: z.array(addressSchema).default([]),
  }),
  /** Servers of tenant databases. A tenant row without host uses the install database's server. */
  servers: z
    .array(z.strictObject({ name, maintenanceDatabase: z.string().min(1).default('postgres'), ...serverAccess }))
    .default([]),
  locations: z.array(locationSchema).default([]),
  providers: z.array(providerSchema).default([]),
  stores: storesSchema.default({ default: 'none', s3: [] }),
  /** Plans kept outside the product, of grade declared. */
  plans: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        covers: z.enum(['install-database', 'tenant-database', 'cluster', 'all']),
        /** Names of the servers whose databases it covers. Default: all. */
        servers: z.array(name).optional(),
        method: z.string().min(1),
        schedule: z.string().optional(),
        timeZone: z.string().optional(),
        retentionDays: z.number().positive().optional(),
      }),
    )
    .default([]),
  loss: lossSchema.optional(),
  policy: policyFields.prefault({}),
  exclusions: z.array(exclusionSchema).default([]),
  /** Attestations file; default: attestations.yaml beside the configuration, where it exists. */
  attestations: path.optional(),
  /**
   * Key of the digests of small secret files, and of the MAC of host bundles. Default: a new one for each run. Needed
   * where several hosts collect.
   */
  digestKey: secretReference.optional(),
  collect: z
    .strictObject({
      concurrency: z.number().int().min(1).max(256).default(16),
      perServer: z.number().int().min(1).max(256).default(16),
      connectTimeoutSeconds: z.number().positive().max(600).default(10),
      statementTimeoutSeconds: z.number().positive().max(3600).default(30),
      lockTimeoutSeconds: z.number().positive().max(600).default(5),
      requestTimeoutSeconds: z.number().positive().max(600).default(20),
      /** How many wrapped samples are unwrapped in one run where that is asked for. */
      proofs: z.number().int().min(1).max(1_000_000).default(10_000),
      /**
       * How much of the copies is read: catalogues, headers and names only; those and, within the budget, the newest
       * copy of each database and cluster in each location in full; every byte of every copy.
       */
      depth: z.enum(['structure', 'mixed', 'full']).default('mixed'),
      /** Also list every store and count the files that no artifact row names. */
      inventory: z.boolean().default(false),
      /** Artifact rows of each organization that are looked for in its store. */
      fileSample: z
        .strictObject({
          /** How many; 59 of which none is missing leave fewer than 5 % missing, with 95 % confidence. 0: none. */
          rows: z.number().int().min(0).max(10_000).default(59),
          /** Same seed, same rows. Default: the day of the run as a number, YYYYMMDD. */
          seed: z.number().int().min(0).max(2_147_483_647).optional(),
          /** Read each file and compare the checksum that its row records, up to 1 GiB a file. */
          checksums: z.boolean().default(false),
          /** Name files that are missing; otherwise a digest under the install's key stands for each name. */
          names: z.boolean().default(false),
        })
        .prefault({}),
      /** How much is read to its end in one run, and where that is remembered. */
      verification: z
        .strictObject({
          /** Default: 30 at depth mixed, none at depth full. */
          minutes: z.number().positive().max(100_000).optional(),
          /** Default: 200 at depth mixed, none at depth full. */
          gibibytes: z.number().positive().max(1_000_000_000).optional(),
          /** With one run a day: within how many days all have had their turn. */
          everyDays: z.number().min(1).max(3660).optional(),
          /** Default: verifications.ndjson beside the directory of the reports. */
          file: path.optional(),
        })
        .prefault({}),
      /** Key-version rows inside dumps of tenant databases, so that KEY-4 knows which versions each of them needs. */
      keyVersionsInCopies: z
        .strictObject({
          /** Read one table of each copy that may count; --read-key-versions asks for it once. */
          read: z.boolean().default(false),
          /** How long and how much one run reads for it, newest copies first; the others go by creation dates. */
          minutes: z.number().positive().max(100_000).default(15),
          gibibytes: z.number().positive().max(1_000_000_000).default(50),
        })
        .prefault({}),
      /** List of the plans that were written for other hosts; default: plans.ndjson beside the directory of the reports. */
      plans: path.optional(),
    })
    .prefault({}),
  report: z
    .strictObject({
      directory: path.default('reports'),
      /** List of the reports that were written; default: reports.ndjson beside the directory of the reports. */
      list: path.optional(),
      formats: z.array(z.enum(['json', 'html', 'pdf', 'csv'])).default(['json', 'html', 'pdf', 'csv']),
      pdfDetail: z.number().int().min(0).default(200),
      htmlPageSize: z.number().int().min(10).default(500),
    })
    .prefault({}),
});
export type Config = Readonly<z.infer<typeof configSchema>>;
export type ServerConfig = Config['servers'][number];
