import { expect, it } from 'vitest';
import { keysNamed } from '../../../src/collect/keys/leaned-on-keys.ts';

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
