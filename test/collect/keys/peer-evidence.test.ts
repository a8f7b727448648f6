import { expect, it } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import type { Collection, Estate, OpenProvider } from '../../../src/collect/estate.ts';
import { NO_PEER, providerPeerEvidence } from '../../../src/collect/keys/peer-evidence.ts';
import { fact, PROVIDER } from '../../evaluate/fixture.ts';

const config = {
  providers: [
    { kind: 'vault-transit', id: 'vault-1', seal: { provider: 'hsm', key: 'unseal' } },
    { kind: 'vault-transit', id: 'vault-2', seal: { outside: 'HCP Vault', key: 'other' } },
  ],
  locations: [{ encryptedBy: { provider: 'hsm', key: 'bucket' } }, { encryptedBy: { provider: 'hsm' } }, {}],
};
const asker = createAsker(systemClock, [], new AbortController().signal);
const collection = { asker, config } as unknown as Collection;

function open(kind: string, peered: boolean): OpenProvider {
  const peer = {
    locator: 'the peer',
    operations: { state: 'state', key: 'key' },
    state: async () => ({ items: [fact('provider-peer')] }),
    key: async (keyRef: string) => ({ items: [fact('key-peer', { because: `asked about ${keyRef}` })] }),
  };
  return {
    config: { kind, id: 'hsm', ...(peered ? { peer: {} } : {}) },
    provider: { id: 'hsm', locator: 'hsm', peer },
  } as unknown as OpenProvider;
}

async function told(kind: string, peered: boolean) {
  const provider = open(kind, peered);
  const estate = { providers: new Map([['hsm', provider]]) } as unknown as Estate;
  return await providerPeerEvidence(collection, estate, PROVIDER, provider);
}

it('asks a peer about the keys of seals and locations that the configuration names', async () => {
  const [state, keys] = await told('pkcs11', true);
  expect(state).toMatchObject({ kind: 'provider-peer', items: [{}] });
  expect(keys).toMatchObject({
    kind: 'key-peer',
    items: [
      { keyRef: 'bucket', because: 'asked about bucket' },
      { keyRef: 'unseal', because: 'asked about unseal' },
    ],
  });
});

it('says of an HSM without a peer that it has none, and nothing where there is no HSM', async () => {
  expect(await told('pkcs11', false)).toMatchObject([
    { kind: 'provider-peer', operation: NO_PEER, items: [], blindSpot: null },
    { kind: 'key-peer', operation: NO_PEER, items: [], blindSpot: null },
  ]);
  expect(await told('vault-transit', false)).toEqual([]);
});
