import { expect, it } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import type { Collection, Estate } from '../../../src/collect/estate.ts';
import type { KeyProvider } from '../../../src/collect/keys/key-provider.ts';
import { proofEvidence, type SampledDatabase } from '../../../src/collect/keys/proof-evidence.ts';
import { createProofLedger } from '../../../src/collect/keys/proof-ledger.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { TENANT_KEYRING } from '../../evaluate/fixture.ts';

const signal = new AbortController().signal;
const SAMPLE = 'vault:v1:c2FtcGxl';

function collectionOf(proveKeys: boolean): Collection {
  return { policy: { proveKeys }, asker: createAsker(systemClock, [], signal), signal } as unknown as Collection;
}

interface Asked {
  readonly value: string;
  readonly keyRef: string;
  readonly version: number | null;
  readonly context: string | null | undefined;
  readonly mechanism: string | null;
}

/** An estate with one provider, and what was asked of it. */
function estateOf(provider: Partial<KeyProvider> | null, budget = 10, kind = 'vault-transit') {
  const asked: Asked[] = [];
  const proving: Partial<KeyProvider> = {
    prove: (keyRef, version, { value, context, mechanism }) => {
      asked.push({ keyRef, version, value, context, mechanism });
      return Promise.resolve({ version, outcome: 'unwrapped', because: 'it unwraps' });
    },
  };
  const open = {
    config: { id: 'vault', kind },
    provider: { locator: 'Vault', ...(provider ?? proving) },
  };
  const estate = {
    providers: new Map([['vault', open]]),
    recordedProviders: { others: new Map() },
    proofs: createProofLedger(budget),
  } as unknown as Estate;
  return { estate, asked };
}

const record = (version: number | null, state = 'active', keyRef = 'acme') => ({ keyRef, version, state }) as never;
const row = (
  version: number | null,
  keyRef = 'acme',
  context: string | null = null,
  mechanism: string | null = null,
) => ({
  keyRef,
  version,
  wrappedSample: SAMPLE,
  context,
  mechanism,
});

function database(
  samples: readonly ReturnType<typeof row>[],
  versions: SampledDatabase['versions'] = null,
  hasContext = false,
): SampledDatabase {
  const dataset = { status: 'read' as const, rows: samples, problems: [] };
  return { reading: { samples: dataset, hasContext }, blindSpot: null, versions };
}

async function proofs(estate: Estate, databases: readonly SampledDatabase[], { keyRef = 'acme', prove = true } = {}) {
  const keyring = { keyringId: 'k', organizationId: 'o', providerId: 'vault', keyRef } as never;
  const [evidence] = await proofEvidence(collectionOf(prove), estate, TENANT_KEYRING, keyring, databases);
  if (evidence === undefined) return null;
  return {
    items: evidence.items.length,
    why: evidence.blindSpot,
    grade: evidence.grade,
    text: JSON.stringify(evidence),
  };
}

it('nothing is asked, and nothing recorded, where nobody asked for it', async () => {
  const { estate, asked } = estateOf(null);
  expect(await proofs(estate, [database([row(1)])], { prove: false })).toBeNull();
  expect(asked).toEqual([]);
});

it('one sample of each version in use is tried, and those of others are not', async () => {
  const { estate, asked } = estateOf(null);
  const versions = [record(1, 'retired'), record(2), record(3)];
  const samples = [row(1), row(2), row(2), row(3), row(2, 'other')];
  const found = await proofs(estate, [database(samples, versions)]);
  expect(found).toMatchObject({ items: 2, why: null, grade: 'verified' });
  expect(asked.map(({ version }) => version)).toEqual([2, 3]);
  expect(found?.text).not.toContain(SAMPLE);
});

it('a sample that several keyrings share is tried once', async () => {
  const { estate, asked } = estateOf(null);
  expect(await proofs(estate, [database([row(1)])])).toMatchObject({ items: 1 });
  expect(await proofs(estate, [database([row(1)])])).toMatchObject({ items: 1 });
  expect(asked).toHaveLength(1);
});

it('a key that two organizations use is tried with the sample of each, within the budget', async () => {
  const OTHERS = 'vault:v1:b3RoZXJz';
  const proving: Partial<KeyProvider> = {
    prove: (_, version, { value }) =>
      Promise.resolve(
        value === SAMPLE
          ? { version, outcome: 'unwrapped', because: 'it unwraps' }
          : { version, outcome: 'refused', because: 'it does not' },
      ),
  };
  const one = [database([row(1)])];
  const other = [database([{ ...row(1), wrappedSample: OTHERS }])];
  for (const order of [
    [one, other],
    [other, one],
  ]) {
    const { estate } = estateOf(proving);
    for (const databases of order) {
      const outcome = databases === one ? 'unwrapped' : 'refused';
      expect((await proofs(estate, databases))?.text).toContain(`"outcome":"${outcome}"`);
    }
  }
  const { estate } = estateOf(proving, 1);
  expect(await proofs(estate, one)).toMatchObject({ items: 1, why: null });
  expect(await proofs(estate, other)).toMatchObject({
    items: 0,
    why: { reason: 'not-asked', detail: expect.stringContaining('its own sample was not unwrapped') },
  });
});

it('the same bytes with another context, or wrapped otherwise, are another sample', async () => {
  const { estate, asked } = estateOf(null);
  await proofs(estate, [database([row(1, 'acme', 'YQ==')], null, true)]);
  await proofs(estate, [database([row(1, 'acme', 'Yg==')], null, true)]);
  await proofs(estate, [database([row(1)], null, true)]);
  await proofs(estate, [database([row(1)])]);
  await proofs(estate, [database([row(1, 'acme', null, 'CKM_AES_KEY_WRAP')])]);
  await proofs(estate, [database([row(1, 'acme', null, 'CKM_AES_KEY_WRAP')])]);
  expect(asked).toHaveLength(5);
});

it('of several samples of a version the same one is tried in whatever order they come', async () => {
  const rows = ['Yg', 'YQ', 'Yw'].map((text) => ({ ...row(1), wrappedSample: `vault:v1:${text}==` }));
  const { estate, asked } = estateOf(null);
  await proofs(estate, [database(rows)]);
  await proofs(estate, [database(rows.slice(1)), database(rows.slice(0, 1))]);
  expect(asked.map(({ value }) => value)).toEqual(['vault:v1:YQ==']);
});

it('the context goes along where the mapping has a column for it', async () => {
  const { estate, asked } = estateOf(null);
  await proofs(estate, [database([row(1, 'acme', 'YQ=='), row(2)], null, true)]);
  await proofs(estate, [database([row(3, 'acme', 'YQ==')])]);
  expect(asked.map(({ context }) => context)).toEqual(['YQ==', null, undefined]);
});

it('how it was wrapped goes along where its row says it', async () => {
  const { estate, asked } = estateOf(null);
  await proofs(estate, [database([row(1, 'acme', null, 'CKM_AES_KEY_WRAP'), row(2)])]);
  expect(asked.map(({ mechanism }) => mechanism)).toEqual(['CKM_AES_KEY_WRAP', null]);
});

it('of a key whose versions have names, each that a record states is one of its own', async () => {
  const [first, second] = ['1', '2'].map((digit) => `ACME/${digit.repeat(32)}`);
  const samples = [row(null, first), row(null, second), row(null), row(null, 'other')];
  const azure = estateOf(null, 10, 'azure-key-vault');
  const found = await proofs(azure.estate, [database(samples)]);
  expect(found).toMatchObject({ items: 3, why: null });
  expect(azure.asked.map(({ keyRef }) => keyRef)).toEqual([first, second, 'acme']);
  expect(found?.text).toContain(`"versionName":"${'1'.repeat(32)}"`);
  const vault = estateOf(null);
  expect(await proofs(vault.estate, [database(samples)])).toMatchObject({ items: 1 });
  expect(vault.asked.map(({ keyRef }) => keyRef)).toEqual(['acme']);
});

it('beyond the budget nothing is tried, and it says so', async () => {
  const { estate, asked } = estateOf(null, 2);
  const found = await proofs(estate, [database([row(1), row(2), row(3)])]);
  expect(found).toMatchObject({
    items: 2,
    why: { reason: 'not-asked', detail: expect.stringContaining('collect.proofs') },
  });
  expect(asked).toHaveLength(2);
});

it('a provider that can prove nothing is a blind spot, and so is one that is not configured', async () => {
  const { estate } = estateOf({});
  expect(await proofs(estate, [database([row(1)])])).toMatchObject({ items: 0, why: { reason: 'unsupported' } });
  const nobody = { ...estate, providers: new Map() } as Estate;
  expect(await proofs(nobody, [database([row(1)])])).toMatchObject({ items: 0, why: { reason: 'not-asked' } });
});

it('a provider that denies it ends the asking, and keeps what was shown before', async () => {
  let calls = 0;
  const { estate } = estateOf({
    prove: (_, version) => {
      calls += 1;
      return calls === 1
        ? Promise.resolve({ version, outcome: 'unwrapped', because: 'it unwraps' })
        : Promise.reject(new SourceError('unauthorized', 'permission denied', 'Add a line.'));
    },
  });
  const found = await proofs(estate, [database([row(1), row(2), row(3)])]);
  expect(found).toMatchObject({ items: 1, why: { reason: 'unauthorized' } });
  expect(calls).toBe(2);
});

it('where nobody asked about one sample, that of another version is looked at all the same', async () => {
  const { estate } = estateOf({
    prove: (_, version) =>
      version === 1
        ? Promise.reject(new SourceError('not-asked', 'the sample was changed', 'Plan anew.'))
        : Promise.resolve({ version, outcome: 'refused', because: 'it does not' }),
  });
  const found = await proofs(estate, [database([row(1), row(2)])]);
  expect(found).toMatchObject({ items: 1, why: { reason: 'not-asked', detail: 'the sample was changed' } });
});

it.each<readonly [string, SampledDatabase, string]>([
  [
    'the mapping has none',
    { reading: { samples: { status: 'absent' }, hasContext: false }, blindSpot: null, versions: null },
    'names no wrapped samples',
  ],
  [
    'they could not be read',
    {
      reading: {
        samples: { status: 'blind', error: new SourceError('unauthorized', 'no right to them', 'Grant it.') },
        hasContext: false,
      },
      blindSpot: null,
      versions: null,
    },
    'no right to them',
  ],
  [
    'the database did not answer',
    { reading: null, blindSpot: { reason: 'unreachable', detail: 'it is down', remedy: 'Start it.' }, versions: null },
    'it is down',
  ],
])('without samples, as %s: a blind spot', async (_, one, detail) => {
  const { estate } = estateOf(null);
  const found = await proofs(estate, [one]);
  expect(found).toMatchObject({ items: 0, why: { detail: expect.stringContaining(detail) } });
});
