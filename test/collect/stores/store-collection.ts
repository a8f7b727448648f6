import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import type { Collection, Estate, PartBuilder } from '../../../src/collect/estate.ts';
import { configSchema } from '../../../src/config/schema.ts';
import type { AnyEvidence } from '../../../src/model/evidence.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { Secret } from '../../../src/model/secret.ts';
import { fact, policyOf } from '../../evaluate/fixture.ts';

const signal = new AbortController().signal;

/** A collection that asks these stores. References of secrets are the secrets themselves, after `file:`. */
export function storeCollection(stores: object, more: object = {}): Collection {
  const config = configSchema.parse({
    version: 1,
    install: { host: 'install-1', database: { name: 'novantra', host: 'db', user: 'recoverage_ro' } },
    stores,
    ...more,
  });
  return {
    config,
    policy: policyOf(),
    asker: createAsker(systemClock, [], signal),
    signal,
    attestations: [],
    attestationsUsed: new Set(),
    digestKey: new Secret('key of the test'),
    startedAt: '2026-11-22T03:00:00.000Z',
    secret: async (_setting: string, reference: string) => new Secret(reference.replace(/^(?:env|file):/, '')),
  } as unknown as Collection;
}

export const NO_ESTATE = {
  fileCopies: [],
  locations: [],
  providers: new Map(),
  leanedOnByStores: new Set(),
  reading: { datasets: { organizations: { status: 'blind' } } },
} as unknown as Estate;

/** A binding of a bucket at a service. */
export function bucketBinding(
  bucket: string,
  endpoint: string,
  prefix: string | null = null,
): Facts['storage-binding'] {
  return fact('storage-binding', { bucket, endpoint, prefix, region: 'us-east-1' });
}

export function emptyPart(): PartBuilder {
  return { subjects: [], evidence: [] };
}

/** What was told by kind of fact: the items, or the blind spot's reason in front of them. */
export function toldBy(records: readonly AnyEvidence[]): Record<string, readonly unknown[]> {
  const told: Record<string, unknown[]> = {};
  for (const { kind, items, blindSpot } of records) {
    const list = told[kind] ?? [];
    told[kind] = list;
    if (blindSpot !== null) list.push(blindSpot.reason);
    list.push(...items);
  }
  return told;
}

/** What to do about the blind spot of a kind of fact. */
export function remedyOf(records: readonly AnyEvidence[], kind: AnyEvidence['kind']): string | undefined {
  return records.find((one) => one.kind === kind && one.blindSpot !== null)?.blindSpot?.remedy;
}
