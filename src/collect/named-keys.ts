import type { KeyringRow } from './organizations/dataset-contracts.ts';
import type { InstallReading } from './organizations/install-database.ts';
import { readSpool } from './organizations/spool.ts';

/** How many keys of one provider are remembered by name. */
export const MAX_NAMED_KEYS = 200;

/** The keys of one provider that keyrings of the install and its organizations name. */
export interface NamedKeys {
  /** Distinct, in the order of the keyrings; at most {@link MAX_NAMED_KEYS}. */
  readonly keyRefs: readonly string[];
  /** Keyrings whose key is not among `keyRefs`, as there are too many. */
  readonly leftOut: number;
}

export const NO_NAMED_KEYS: NamedKeys = { keyRefs: [], leftOut: 0 };

/** The keys that keyrings name, by id of the configured providers. Reads one row at a time. */
export async function readNamedKeys(
  reading: Pick<InstallReading, 'datasets'>,
  providerIds: readonly string[],
): Promise<ReadonlyMap<string, NamedKeys>> {
  const found = new Map(providerIds.map((id) => [id, { keyRefs: new Set<string>(), leftOut: 0 }]));
  const dataset = reading.datasets.keyrings;
  if (dataset.status === 'read') {
    for await (const record of readSpool<KeyringRow>(dataset.file)) {
      const named = record.ok ? found.get(record.row.providerId) : undefined;
      if (!record.ok || named === undefined || named.keyRefs.has(record.row.keyRef)) continue;
      if (named.keyRefs.size < MAX_NAMED_KEYS) named.keyRefs.add(record.row.keyRef);
      else named.leftOut += 1;
    }
  }
  return new Map([...found].map(([id, { keyRefs, leftOut }]) => [id, { keyRefs: [...keyRefs], leftOut }]));
}
