import { expect, it } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import type { Collection, Estate } from '../../../src/collect/estate.ts';
import type { KeyProvider } from '../../../src/collect/keys/key-provider.ts';
import { keysNamed, leanedOnKeyEvidence } from '../../../src/collect/keys/leaned-on-keys.ts';
import { PROVIDER } from '../../evaluate/fixture.ts';

const CONFIG = {
  providers: [
    { kind: 'vault-transit', id: 'vault-main', seal: { provider: 'vault-unseal', key: 'unseal-main' } },
    { kind: 'vault-transit', id: 'vault-unseal' },
  ],
  locations: [
    { encryptedBy: { provider: 'vault-unseal', key: 'dumps' } },
    { encryptedBy: { provider: 'vault-unseal' } },
    { encryptedBy: { outside: 'HCP Vault', key: 'elsewhere' } },
    {},
  ],
} as unknown as Parameters<typeof keysNamed>[0];

it('knows the keys that seals and locations name of a provider, and no others', () => {
  expect(keysNamed(CONFIG, 'vault-unseal')).toEqual(['dumps', 'unseal-main']);
  expect(keysNamed(CONFIG, 'vault-main')).toEqual([]);
});

it('asks about a key that a snapshot names besides the one that is stated, unless that is the same by another name', async () => {
  const arn = (id: string) => `arn:aws:kms:eu-central-1:111122223333:key/${id}`;
  const asked: string[] = [];
  const domain = { account: '111122223333', region: 'eu-central-1' };
  const kms = {
    id: 'kms',
    locator: 'AWS KMS',
    operations: { key: 'DescribeKey' },
    observedDomain: () => domain,
    mountUuid: () => null,
    async key(keyRef: string) {
      asked.push(keyRef);
      return { items: [{ identity: keyRef.startsWith('alias/') ? arn('1') : keyRef }] };
    },
  } as unknown as KeyProvider;
  const ask = async (stated: string, named: string) => {
    asked.length = 0;
    const seal = { provider: 'kms', key: stated };
    const vault = {
      config: { kind: 'vault-transit', id: 'vault', seal },
      provider: { mountUuid: () => 'mount-1', observedDomain: () => null },
      snapshots: [{ found: { snapshots: [{ fact: { sealKeyId: named, takenAt: null, mountUuids: ['mount-1'] } }] } }],
    };
    const estate = {
      providers: new Map<string, unknown>([
        ['vault', vault],
        ['kms', { config: { kind: 'aws-kms', id: 'kms' }, provider: kms, snapshots: [] }],
      ]),
    } as unknown as Estate;
    const collection = {
      config: { providers: [vault.config], locations: [] },
      asker: createAsker(systemClock, [], new AbortController().signal),
    } as unknown as Collection;
    await leanedOnKeyEvidence(collection, estate, PROVIDER, { provider: kms }, []);
    return [...asked];
  };
  expect(await ask(arn('2'), arn('1'))).toEqual([arn('2'), arn('1')]);
  expect(await ask(arn('1'), arn('1'))).toEqual([arn('1')]);
  expect(await ask('alias/seal', arn('1'))).toEqual(['alias/seal']);
  expect(await ask('alias/seal', arn('3'))).toEqual(['alias/seal', arn('3')]);
});
