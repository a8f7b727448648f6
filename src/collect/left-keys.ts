import type { Facts } from '../model/facts.ts';
import { SourceError } from '../model/source-error.ts';
import type { OpenProvider } from './estate.ts';
import { type KeyNaming, keyNameIn } from './keys/key-naming.ts';
import type { KeyringRow } from './organizations/dataset-contracts.ts';
import { readSpool } from './organizations/spool.ts';

export type LeftKey = Facts['provider-use']['leftKeys'][number];

/** A key of an organization that is not in the list. */
export type FoundKey = Pick<LeftKey, 'name' | 'organizationId' | 'toldBy'>;

/** The names of all keys of a provider; null where they were not listed, with the reason where that was refused. */
export interface KeyListing {
  readonly names: readonly string[] | null;
  readonly notListed: string | null;
}

/** Asked once, and left alone where it is refused: it needs a right that nothing else needs. */
export async function listKeys({ provider }: OpenProvider): Promise<KeyListing> {
  if (provider.names === undefined) return { names: null, notListed: null };
  try {
    return { names: await provider.names(), notListed: null };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { names: null, notListed: error.message };
  }
}

/**
 * Keys of a provider, live or in snapshots, that are named after organizations which are not in the list, and that no
 * keyring names.
 *
 * @param keyrings spool of all keyrings
 */
export async function leftByName(
  open: OpenProvider,
  { names }: KeyListing,
  naming: KeyNaming,
  keyrings: string,
  organizationKeys: ReadonlySet<string>,
): Promise<readonly FoundKey[]> {
  const found = new Map<string, FoundKey>();
  for (const name of [...(names ?? []), ...namesInSnapshots(open)]) {
    const organizationId = naming.organizationIn(name);
    if (organizationId === null || organizationKeys.has(organizationId)) continue;
    found.set(name.toLowerCase(), { name, organizationId, toldBy: 'name' });
  }
  if (found.size === 0) return [];
  const { id, kind } = open.config;
  for await (const record of readSpool<KeyringRow>(keyrings)) {
    if (record.ok && record.row.providerId === id) found.delete(keyNameIn(kind, record.row.keyRef).toLowerCase());
  }
  return [...found.values()];
}

/** Each key once, with where it is. */
export function withPlaces(open: OpenProvider, { names }: KeyListing, keys: readonly FoundKey[]): readonly LeftKey[] {
  const live = names === null ? null : new Set(names.map((name) => name.toLowerCase()));
  const uuid = open.provider.mountUuid();
  const places = keys.map((key): LeftKey => {
    const holding = open.snapshots
      .flatMap(({ found }) => found.snapshots)
      .filter((snapshot) => uuid !== null && snapshot.holds(uuid, key.name));
    const taken = holding.flatMap(({ fact }) => fact.takenAt ?? []).sort();
    return {
      ...key,
      inProvider: live === null ? null : live.has(key.name.toLowerCase()),
      snapshots: holding.length,
      newestSnapshot: taken.at(-1) ?? null,
    };
  });
  return places
    .filter(({ inProvider, snapshots }) => inProvider !== false || snapshots > 0)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function* namesInSnapshots({ provider, snapshots }: OpenProvider): Generator<string> {
  const uuid = provider.mountUuid();
  if (uuid === null) return;
  const prefix = `${uuid}/`;
  for (const { found } of snapshots) {
    for (const snapshot of found.snapshots) {
      for (const key of snapshot.keys?.() ?? []) if (key.startsWith(prefix)) yield key.slice(prefix.length);
    }
  }
}
