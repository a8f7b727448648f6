import { z } from 'zod';
import { factSchemas } from '../model/facts.ts';
import { plannedCopyDrawSchema, plannedDrawSchema } from '../model/planned-draw.ts';
import { locationSchema } from './location-schema.ts';
import { providerSchema } from './provider-schema.ts';
import { secretReference } from './schema-parts.ts';

/** Version of the format of plans. A reader refuses a newer one. */
export const HOST_PLAN_VERSION = 2;

const [directorySchema] = locationSchema.options;

/** A key provider, with what it is to be asked. */
const plannedProviderSchema = z.strictObject({
  definition: providerSchema,
  /** The keys that keyrings name. */
  keys: z.array(z.string()),
  /** Those by whose names it is asked what its credentials may do. */
  rights: z.array(z.string()),
  /** One wrapped sample of each organization and key version in use, as the databases hold them: ciphertext. Only to prove keys. */
  samples: z.array(
    z.strictObject({
      keyRef: z.string(),
      version: z.number().int().nullable(),
      value: z.string(),
      /** Absent where the mapping has no column for it. */
      context: z.string().nullable().exactOptional(),
      /** How it was wrapped, where the database says it. */
      mechanism: z.string().nullable().default(null),
    }),
  ),
  /** How many further samples collect.proofs left out; absent where none were. */
  samplesLeftOut: z.number().int().positive().exactOptional(),
});
export type PlannedProvider = Readonly<z.infer<typeof plannedProviderSchema>>;

/**
 * What a host is asked that can answer for itself alone. Written where the audit runs, read where the files are; holds
 * paths, names and references to secrets, and no secret.
 */
export const hostPlanSchema = z.strictObject({
  type: z.literal('host-plan'),
  hostPlanVersion: z.union([z.literal(1), z.literal(HOST_PLAN_VERSION)]),
  /** Random, so that an answer to another plan can be told. */
  planId: z.string().regex(/^[0-9a-f]{32}$/),
  installId: z.string().min(1),
  installHost: z.string().min(1),
  productVersion: z.string().nullable(),
  toolVersion: z.string(),
  createdAt: z.string(),
  /** As it was asked for on the command line. */
  only: z.array(z.string()),
  depth: z.enum(['structure', 'mixed', 'full']),
  hostFiles: z.array(z.strictObject({ role: factSchemas['host-file'].shape.role, path: z.string().startsWith('/') })),
  /** Absent where the configuration names none, and in plans of older versions; so is what follows. */
  licenseFile: z.string().startsWith('/').optional(),
  certificateFiles: z.array(z.string().startsWith('/')).optional(),
  system: z.boolean(),
  stores: z.array(z.string().startsWith('/')),
  locations: z.array(directorySchema),
  copied: z.array(z.strictObject({ path: z.string(), digest: z.enum(['file', 'tree']) })),
  /** Names that only the install knows, where copies in a location are told by them; null where nothing needs them. */
  names: z
    .strictObject({ databases: z.array(z.string()), servers: z.array(z.string()) })
    .nullable()
    .default(null),
  providers: z.array(plannedProviderSchema).default([]),
  /** For one question to a provider or a store. */
  requestTimeoutSeconds: z.number().positive().default(20),
  /** Files to look for in the stores. */
  fileSamples: z.array(plannedDrawSchema).default([]),
  /** Files to look for in snapshots of the locations; absent where there is nothing to look in. */
  copySamples: z.array(plannedCopyDrawSchema).optional(),
  /** Whether these are read for their checksums. */
  checksums: z.boolean().default(false),
  /** Resolved on the host that is asked. Null: none is configured, so that digests of two hosts never compare. */
  digestKey: secretReference.nullable(),
  /** SHA-256 over all of the above. */
  digest: z.string(),
  /** HMAC-SHA-256 of it under the shared key; null where none is configured. */
  mac: z.string().nullable(),
});
export type HostPlan = Readonly<z.infer<typeof hostPlanSchema>>;
/** A plan before it is sealed. */
export type HostPlanContent = Omit<HostPlan, 'digest' | 'mac'>;
