import { expect, it } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import { hostAnswerSchema } from '../../../src/collect/recorded/host-bundle-lines.ts';
import { providerLine } from '../../../src/collect/recorded/provider-lines.ts';
import { recordProvider } from '../../../src/collect/recorded/record-provider.ts';
import { recordedKeyProvider } from '../../../src/collect/recorded/recorded-provider.ts';
import { providerSchema } from '../../../src/config/provider-schema.ts';
import { Secret } from '../../../src/model/secret.ts';

/** Where nothing listens: what is written of a provider that does not answer has the same form. */
const NOWHERE = '127.0.0.1:9';
const KINDS = {
  'vault-transit': { address: `http://${NOWHERE}`, token: 'env:T' },
  'aws-kms': {
    region: 'eu-central-1',
    endpoint: `http://${NOWHERE}`,
    stsEndpoint: `http://${NOWHERE}`,
    accessKeyId: 'env:A',
    secretAccessKey: 'env:S',
  },
  'azure-key-vault': {
    address: `https://${NOWHERE}`,
    tenantId: '11111111-2222-3333-4444-555555555555',
    clientId: '11111111-2222-3333-4444-555555555555',
    clientSecret: 'env:S',
  },
} as const;

it.each(Object.entries(KINDS))(
  'a provider of kind %s can be read from the bundle that it was written to',
  async (kind, settings) => {
    const { signal } = new AbortController();
    const lines: unknown[] = [];
    await recordProvider(
      {
        asker: createAsker(systemClock, [], signal),
        signal,
        secret: () => Promise.resolve(new Secret('hvs.token')),
        sampleDigest: () => '',
        timeoutMillis: 500,
        proveKeys: false,
      },
      { definition: providerSchema.parse({ id: 'p', kind, ...settings }), keys: ['one'], rights: [], samples: [] },
      (line) => Promise.resolve(void lines.push(JSON.parse(JSON.stringify(line)))),
    );
    expect(lines.map((line) => hostAnswerSchema.safeParse(line).error)).toEqual([undefined, undefined]);
    const itself = providerLine.parse(lines[0]);
    const recorded = {
      id: 'p',
      host: 'vault-room',
      collectedAt: itself.collectedAt,
      itself,
      keys: new Map(),
      proofs: new Map(),
      sampleDigest: () => '',
    };
    await expect(recordedKeyProvider(kind, recorded).names?.()).rejects.toThrow(/not for the names of all its keys/);
  },
  30_000,
);
