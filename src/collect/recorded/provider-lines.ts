import { z } from 'zod';
import { blindSpotSchema } from '../../model/evidence.ts';
import { factSchemas } from '../../model/facts.ts';
import type { KeyPeer, KeyProvider } from '../keys/key-provider.ts';

/* What a key provider answered that only another host can reach, as a host bundle tells it. */

const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const blindSpot = blindSpotSchema.nullable();

function answer<T extends z.ZodType>(fact: T) {
  return z.strictObject({ items: z.array(fact).readonly(), blindSpot });
}

/** One entry for each that there is: a line with one more could be written, and would be refused when it is joined. */
type Operations<T extends { readonly operations: object }> = Readonly<Record<keyof T['operations'], z.ZodType>>;

/** Opens a provider: what it says of itself. What follows about its keys comes after. */
export const providerLine = z.strictObject({
  type: z.literal('provider'),
  provider: z.string(),
  collectedAt: instant,
  /** Of how it is reached, as the plan states it. */
  definition: z.string(),
  locator: z.string(),
  operations: z.strictObject({
    state: z.string(),
    key: z.string(),
    rights: z.string(),
    settings: z.string().exactOptional(),
    rotation: z.string().exactOptional(),
    /** Told, and not asked there: names of keys that no keyring names stay with their provider. */
    names: z.string().exactOptional(),
  } satisfies Operations<KeyProvider>),
  /** What else of its keys it can be asked. */
  tells: z.strictObject({ settings: z.boolean(), rotation: z.boolean(), proofs: z.boolean() }),
  state: answer(factSchemas['provider-state']),
  rights: answer(factSchemas['access-rights']).nullable(),
  peer: z
    .strictObject({
      locator: z.string(),
      operations: z.strictObject({ state: z.string(), key: z.string() } satisfies Operations<KeyPeer>),
      state: answer(factSchemas['provider-peer']),
    })
    .nullable(),
  domain: factSchemas['failure-domain'].nullable(),
  clockOffsetMillis: z.number().nullable(),
  mountUuid: z.string().nullable(),
  /** How many samples collect.proofs left out of the plan; absent where none, and in bundles of older versions. */
  samplesLeftOut: z.number().int().positive().exactOptional(),
});
export type ProviderLine = Readonly<z.infer<typeof providerLine>>;

/** One key that keyrings name; null where the provider is not asked that. */
export const keyLine = z.strictObject({
  type: z.literal('key'),
  provider: z.string(),
  keyRef: z.string(),
  collectedAt: instant,
  state: answer(factSchemas['key-state']),
  settings: answer(factSchemas['key-settings']).nullable(),
  rotation: answer(factSchemas['key-rotation']).nullable(),
  peer: answer(factSchemas['key-peer']).nullable(),
});
export type KeyLine = Readonly<z.infer<typeof keyLine>>;

/** What unwrapping the sample of one key version showed. */
export const proofLine = z.strictObject({
  type: z.literal('proof'),
  provider: z.string(),
  keyRef: z.string(),
  version: z.number().int().nullable(),
  /** Keyed digest of the sample with its context and mechanism; absent in bundles of older versions. */
  sample: z.string().exactOptional(),
  collectedAt: instant,
  proof: factSchemas['unwrap-proof'].nullable(),
  blindSpot,
});
export type ProofLine = Readonly<z.infer<typeof proofLine>>;
