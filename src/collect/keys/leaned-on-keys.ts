import type { Config } from '../../config/schema.ts';
import type { AnyEvidence } from '../../model/evidence.ts';
import type { Subject } from '../../model/subject.ts';
import type { Answer } from '../ask.ts';
import type { Holder } from '../custody.ts';
import type { Collection, Estate, OpenProvider } from '../estate.ts';
import type { KeyProvider } from './key-provider.ts';
import { namedSealKey, sealNeeds } from './seal-custody.ts';

/** Keys of a provider that the configuration names as those of a seal or a location. */
export function keysNamed(
  { providers, locations }: Pick<Config, 'providers' | 'locations'>,
  id: string,
): readonly string[] {
  const holders = [
    ...providers.map((one) => (one.kind === 'vault-transit' ? one.seal : undefined)),
    ...locations.map(({ encryptedBy }) => encryptedBy),
  ];
  const keys = holders.flatMap((holder) =>
    holder !== undefined && 'provider' in holder && holder.provider === id ? (holder.key ?? []) : [],
  );
  return [...new Set(keys)].sort();
}

/**
 * The live state of the keys of a provider by which another provider is unsealed, or by which what lies in a location is
 * encrypted: that their provider answers does not show that they are there.
 *
 * @param collected evidence so far, with what locations were seen to lean on
 */
export async function leanedOnKeyEvidence(
  { asker, config }: Pick<Collection, 'asker' | 'config'>,
  estate: Pick<Estate, 'providers'>,
  subject: Subject,
  { provider }: Pick<OpenProvider, 'provider'>,
  collected: readonly AnyEvidence[],
): Promise<AnyEvidence> {
  const question = {
    kind: 'key-state',
    subject,
    source: `provider ${provider.id}`,
    locator: provider.locator,
  } as const;
  const isHeldHere = ({ kind, name }: Holder) => kind === 'provider' && name === provider.id;
  const seen = [
    ...collected.flatMap((record) => (record.kind === 'custody' ? record.items.flatMap(({ needs }) => needs) : [])),
    ...[...estate.providers.values()].flatMap((open) => sealNeeds(estate, open).needs),
  ]
    .flatMap(({ heldBy }) => heldBy)
    .filter(isHeldHere)
    .flatMap(({ key }) => key ?? []);
  const keyRefs = [...new Set([...keysNamed(config, provider.id), ...seen])].sort();
  // A snapshot may name another key than is stated, and opens with that one.
  const named = [...estate.providers.values()]
    .flatMap((open) => namedSealKey(estate, open) ?? [])
    .filter(isHeldHere)
    .flatMap(({ key }) => key ?? []);
  if (keyRefs.length + named.length === 0) {
    return asker.record({ ...question, operation: NOTHING_LEANS }, { items: [] });
  }
  const answer = () => statesOf(provider, keyRefs, [...new Set(named)].sort());
  return asker.ask({ ...question, operation: provider.operations.key, answer });
}

/** `operation` of a record that only says that no key of a provider is leaned on. */
const NOTHING_LEANS = 'none, as no seal and no location leans on a key of it';

/** @param arns of keys that may be among the others by another name, and are asked about only where they are not */
async function statesOf(
  provider: Pick<KeyProvider, 'key'>,
  keyRefs: readonly string[],
  arns: readonly string[],
): Promise<Answer<'key-state'>> {
  const items: Answer<'key-state'>['items'][number][] = [];
  for (const keyRef of [...keyRefs, ...arns]) {
    if (items.some((item) => item.keyRef === keyRef || item.identity === keyRef)) continue;
    const answer = await provider.key(keyRef);
    items.push(...answer.items.map((item) => ({ ...item, keyRef })));
    if (answer.blindSpot != null) return { items, blindSpot: answer.blindSpot };
  }
  return { items };
}
