import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { type AskedBucket, storeCustody } from '../custody.ts';
import type { Collection, Estate } from '../estate.ts';
import type { KeyProvider } from '../keys/key-provider.ts';

/**
 * Keys without which the files of a live bucket cannot be read, and what the providers that hold them say of their state.
 * Keys of services and people that the configuration does not name as providers are asked about nowhere.
 */
export async function storeKeyEvidence(
  collection: Pick<Collection, 'asker' | 'signal'>,
  estate: Pick<Estate, 'providers' | 'leanedOnByStores'>,
  bucket: AskedBucket,
): Promise<readonly AnyEvidence[]> {
  const custody = storeCustody(collection, estate, bucket);
  const held = new Map<string, { readonly provider: KeyProvider; readonly keyRef: string }>();
  for (const { kind, name, key } of custody.items.flatMap(({ needs }) => needs).flatMap(({ heldBy }) => heldBy)) {
    const provider = kind === 'provider' ? estate.providers.get(name)?.provider : undefined;
    if (provider === undefined) continue;
    estate.leanedOnByStores.add(name);
    if (key !== null) held.set(JSON.stringify([name, key]), { provider, keyRef: key });
  }
  const asked = [...held.values()];
  const [first] = asked;
  if (first === undefined) return [custody];
  const names = [...new Set(asked.map(({ provider }) => `provider ${provider.id}`))];
  const states = await collection.asker.ask({
    kind: 'key-state',
    subject: bucket.subject,
    source: names.join(', '),
    operation: [...new Set(asked.map(({ provider }) => provider.operations.key))].join(', '),
    locator: first.provider.locator,
    answer: async () => {
      const items: Facts['key-state'][] = [];
      let blindSpot: BlindSpot | null = null;
      for (const { provider, keyRef } of asked) {
        const answer = await provider.key(keyRef);
        items.push(...answer.items.map((item) => ({ ...item, keyRef })));
        blindSpot ??= answer.blindSpot ?? null;
      }
      return { items, blindSpot };
    },
  });
  return [custody, states];
}
