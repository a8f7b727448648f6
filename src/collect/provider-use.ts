import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Collection, Estate, OpenProvider } from './estate.ts';
import { createNamingSurvey, type KeyNaming, keyNameIn } from './keys/key-naming.ts';
import { sealNeeds } from './keys/seal-custody.ts';
import { type FoundKey, leftByName, listKeys, withPlaces } from './left-keys.ts';
import type { KeyringRow } from './organizations/dataset-contracts.ts';
import { readSpool } from './organizations/spool.ts';

/** Keys of one provider that are told one by one. */
const MOST_LEFT = 200;

/** What the walk over the organizations told, once it is over. */
export interface Walked {
  /** Of every organization in the list, in lower case, whether audited or left out. */
  readonly organizationKeys: ReadonlySet<string>;
  readonly streamed: number;
}

/**
 * Whether anything uses each configured provider, and which keys there, or in its snapshots, are of organizations that
 * the install does not list. Where not every keyring and organization was read nothing is told of any: what was not read
 * uses keys, too.
 *
 * @param ids of providers that are not one organization's alone
 * @param collected what seals and locations lean on
 */
export async function providerUseEvidence(
  { asker, signal }: Pick<Collection, 'asker' | 'signal'>,
  estate: Estate,
  ids: readonly string[],
  { organizationKeys, streamed }: Walked,
  collected: readonly AnyEvidence[],
): Promise<readonly AnyEvidence[]> {
  const { keyrings, organizations } = estate.reading.datasets;
  if (keyrings.status !== 'read' || organizations.status !== 'read') return [];
  const isWhole = keyrings.problems.length + organizations.problems.length === 0;
  if (!isWhole || estate.reading.organizationCount !== streamed) return [];
  const told = await readKeyrings(keyrings.file, estate, organizationKeys);
  const leanedOn = leanedOnBy(collected, estate);
  const evidence: AnyEvidence[] = [];
  for (const id of ids) {
    const open = estate.providers.get(id);
    if (open === undefined) continue;
    signal.throwIfAborted();
    const usedBy = [
      ...(told.used.has(id) ? ['keyrings'] : []),
      ...(leanedOn.has(id) ? ['seals or locations'] : []),
      ...(estate.leanedOnByStores.has(id) ? ['live buckets'] : []),
    ];
    const left = await leftKeys(open, told, keyrings.file, organizationKeys);
    evidence.push(
      asker.record(
        {
          kind: 'provider-use',
          subject: { kind: 'provider', key: id, organizationId: null, name: id },
          source: `provider ${id}`,
          operation: left.operation,
          locator: open.provider.locator,
        },
        { items: [{ usedBy, ...left.fact }] },
      ),
    );
  }
  return evidence;
}

/** What keyrings say of providers. */
interface Keyrings {
  readonly used: ReadonlySet<string>;
  /** Keys that rows name of organizations which are not in the list, by provider. */
  readonly left: ReadonlyMap<string, readonly FoundKey[]>;
  readonly naming: KeyNaming | null;
}

async function readKeyrings(
  file: string,
  { providers }: Pick<Estate, 'providers'>,
  organizationKeys: ReadonlySet<string>,
): Promise<Keyrings> {
  const used = new Set<string>();
  const left = new Map<string, FoundKey[]>();
  const survey = createNamingSurvey();
  for await (const record of readSpool<KeyringRow>(file)) {
    if (!record.ok) continue;
    const { key } = record;
    const { providerId, keyRef } = record.row;
    used.add(providerId);
    if (key === null) continue;
    const name = keyNameIn(providers.get(providerId)?.config.kind ?? null, keyRef);
    if (organizationKeys.has(key)) survey.add(key, name);
    else {
      const known = left.get(providerId);
      const found: FoundKey = { name, organizationId: key, toldBy: 'keyring row' };
      if (known === undefined) left.set(providerId, [found]);
      else known.push(found);
    }
  }
  return { used, left, naming: survey.naming(organizationKeys) };
}

async function leftKeys(
  open: OpenProvider,
  { left, naming }: Keyrings,
  keyrings: string,
  organizationKeys: ReadonlySet<string>,
): Promise<{ readonly operation: string; readonly fact: Omit<Facts['provider-use'], 'usedBy'> }> {
  const recorded = left.get(open.config.id) ?? [];
  // Where names tell no organization, a list of them tells nothing of those that are gone.
  const isAsked = naming !== null || recorded.length > 0;
  const listing = isAsked ? await listKeys(open) : { names: null, notListed: null };
  const named = naming === null ? [] : await leftByName(open, listing, naming, keyrings, organizationKeys);
  const found = withPlaces(open, listing, [...recorded, ...named]);
  return {
    operation: isAsked ? (open.provider.operations.names ?? 'none') : 'none',
    fact: { notListed: listing.notListed, leftKeys: found.slice(0, MOST_LEFT), leftCount: found.length },
  };
}

/** Providers that seals and locations lean on: also seals of providers that are one organization's alone. */
function leanedOnBy(collected: readonly AnyEvidence[], estate: Estate): ReadonlySet<string> {
  const holders = [
    ...collected.flatMap((record) => (record.kind === 'custody' ? record.items.flatMap((one) => one.needs) : [])),
    ...[...estate.providers.values()].flatMap((open) => sealNeeds(estate, open).needs),
  ].flatMap(({ heldBy }) => heldBy);
  return new Set(holders.flatMap(({ kind, name }) => (kind === 'provider' ? [name] : [])));
}
