import type { Collection, OpenLocation } from '../../../src/collect/estate.ts';
import { readFileCopies } from '../../../src/collect/file-sets/read-file-copies.ts';
import type { LookedRow } from '../../../src/collect/sampled-rows.ts';
import { type CopiedStore, copySampleEvidence } from '../../../src/collect/second-copies/copy-sample-evidence.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { locationSchema } from '../../../src/config/location-schema.ts';
import type { AnyEvidence } from '../../../src/model/evidence.ts';
import type { Facts } from '../../../src/model/facts.ts';
import type { Instant } from '../../../src/model/instant.ts';
import { fact, TENANT_STORE } from '../../evaluate/fixture.ts';
import { toldBy } from '../stores/store-collection.ts';

/** When rows were registered unless a case says otherwise: long before any copy. */
export const OLD = '2026-10-01T00:00:00.000Z';

export interface ListedRow {
  readonly key: string;
  readonly bytes?: number | null;
  readonly sha256?: string | null;
  readonly createdAt?: Instant;
}

/** A store at `path` of the source host, and the rows that were drawn of its list. */
export function directoryStore(path: string, rows: readonly ListedRow[], live: readonly LookedRow[] = []): CopiedStore {
  const binding = { kind: 'local_filesystem_dedicated', bucket: null, region: null, path };
  return storeOf(fact('storage-binding', { ...binding, bindingId: TENANT_STORE.key }), rows, live);
}

export function storeOf(
  binding: Facts['storage-binding'],
  rows: readonly ListedRow[],
  live: readonly LookedRow[] = [],
): CopiedStore {
  const question = { rows: 59, seed: 7, before: '2026-11-22T00:00:00.000Z' };
  const drawn = rows.map(({ key, bytes = 5, sha256 = null, createdAt = OLD }) => ({
    objectKey: key,
    bytes,
    sha256,
    createdAt,
  }));
  return {
    subject: TENANT_STORE,
    binding,
    drawn: {
      sample: { question, method: 'drawn from all rows by a hash', rows: drawn, problems: [], estimate: null },
      population: 500,
      stillListed: async (keys) => new Set(keys),
      rowsOfKeys: async (keys) => drawn.filter(({ objectKey }) => keys.includes(objectKey)),
    },
    locator: 'db1:5432/tenant_acme',
    live,
  };
}

/** A directory as a location, open for reading. */
export function directoryLocation(
  settings: Readonly<Record<string, unknown>> & { readonly path: string },
): OpenLocation {
  const config = locationSchema.parse({ name: 'sets', kind: 'directory', purposes: ['files'], files: {}, ...settings });
  const subject = { kind: 'location', key: config.name, organizationId: null, name: config.name } as const;
  const tree = localDirectoryTree({ root: settings.path });
  return { config, subject, tree, blindSpot: null, bucket: null, clockOffsetMillis: () => null };
}

/** What was found in the copies: items, or the reason of a blind spot in front of them. */
export async function foundIn(
  collection: Collection,
  locations: readonly OpenLocation[],
  store: CopiedStore,
  evidence: readonly AnyEvidence[] = [],
): Promise<readonly unknown[]> {
  const fileCopies = await readFileCopies(collection, locations, []);
  const part = { evidence: [...evidence] };
  const told = await copySampleEvidence(collection, { fileCopies, locations }, part, store);
  return toldBy(told.evidence)['file-copy-sample'] ?? [];
}
