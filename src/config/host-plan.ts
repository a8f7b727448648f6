import { z } from 'zod';
import { factSchemas } from '../model/facts.ts';
import { locationSchema } from './schema.ts';
import { secretReference } from './schema-parts.ts';

/** Version of the format of plans. A reader refuses a newer one. */
export const HOST_PLAN_VERSION = 1;

const [directorySchema] = locationSchema.options;

/**
 * What a host is asked that can answer for itself alone. Written where the audit runs, read where the files are; holds
 * paths and references to secrets, and no secret.
 */
export const hostPlanSchema = z.strictObject({
  type: z.literal('host-plan'),
  hostPlanVersion: z.literal(HOST_PLAN_VERSION),
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
