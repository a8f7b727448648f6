import type { z } from 'zod';
import { artifactFacts } from './facts/artifacts.ts';
import { copyFacts } from './facts/copies.ts';
import { databaseFacts } from './facts/databases.ts';
import { hostFacts } from './facts/hosts.ts';
import { installFacts } from './facts/install.ts';
import { keyFacts } from './facts/keys.ts';
import type { momentSchema } from './facts/parts.ts';
import { placeFacts } from './facts/places.ts';
import { providerFacts } from './facts/providers.ts';
import { rebuildFacts } from './facts/rebuild.ts';
import { storeFacts } from './facts/stores.ts';

/**
 * The whole vocabulary that controls may rely on. Vendors are translated into it; a new word is a design decision.
 * Every instant is ISO 8601 UTC; every size is in bytes; null means "the source does not tell".
 */
export const factSchemas = {
  ...installFacts,
  ...databaseFacts,
  ...copyFacts,
  ...keyFacts,
  ...providerFacts,
  ...storeFacts,
  ...hostFacts,
  ...rebuildFacts,
  ...placeFacts,
  ...artifactFacts,
} as const;

export type FactKind = keyof typeof factSchemas;
export type Facts = { readonly [K in FactKind]: Readonly<z.infer<(typeof factSchemas)[K]>> };
export const FACT_KINDS = Object.keys(factSchemas) as readonly FactKind[];

/** The moment a copy is consistent as of. */
export type Moment = Readonly<z.infer<typeof momentSchema>>;
