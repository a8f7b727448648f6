import { describe, expect, it } from 'vitest';
import { createAzureClient } from '../../../src/collect/keys/azure-client.ts';
import { createAzureCredential } from '../../../src/collect/keys/azure-credential.ts';
import { azureKeyProvider } from '../../../src/collect/keys/azure-key-provider.ts';
import { Secret } from '../../../src/model/secret.ts';
import { unavailable } from '../../services/availability.ts';

/*
 * All that needs a real vault or Managed HSM, for whoever has one: AZURE_TEST_VAULT (https://NAME.vault.azure.net or
 * https://NAME.managedhsm.azure.net), AZURE_TEST_KEY (an enabled key that may unwrap), AZURE_TEST_TENANT_ID,
 * AZURE_TEST_CLIENT_ID and AZURE_TEST_CLIENT_SECRET, with the rights that `recoverage permissions` prints. It only reads.
 */

const NAMES = ['VAULT', 'KEY', 'TENANT_ID', 'CLIENT_ID', 'CLIENT_SECRET'] as const;
const [address = '', keyName = '', tenantId = '', clientId = '', clientSecret = ''] = NAMES.map(
  (name) => process.env[`AZURE_TEST_${name}`] ?? '',
);

function realVaultUnavailable(): string | null {
  const missing = NAMES.filter((name) => (process.env[`AZURE_TEST_${name}`] ?? '') === '');
  if (missing.length === 0) return null;
  const names = missing.map((name) => `AZURE_TEST_${name}`).join(', ');
  return unavailable('azure', `no emulator of Azure Key Vault can be had, and no real vault is named: ${names} unset`);
}

describe.skipIf(realVaultUnavailable())('a real vault', () => {
  const open = (secret: string) => {
    const common = { caFile: null, timeoutMillis: 30_000, signal: null };
    const credential = createAzureCredential({
      authorityHost: 'https://login.microsoftonline.com',
      tenantId: tenantId.toLowerCase(),
      clientId,
      signIn: { kind: 'secret', clientSecret: new Secret(secret) },
      ...common,
    });
    return azureKeyProvider('real', createAzureClient({ address, service: null, credential, ...common }));
  };

  it('answers', async () => {
    const provider = open(clientSecret);
    expect((await provider.state()).items).toHaveLength(1);
    expect(Math.abs(provider.clockOffsetMillis() ?? Number.NaN)).toBeLessThan(300_000);
    provider.close();
  });

  it('shows an enabled key with its versions and its recovery level', async () => {
    const provider = open(clientSecret);
    const { items } = await provider.key(keyName);
    expect(items[0]).toMatchObject({ state: 'enabled', canDecrypt: true });
    expect(items[0]?.namedVersions?.some(({ name }) => name === items[0]?.currentName)).toBe(true);
    expect(items[0]?.createdAt).not.toBeNull();
    expect(items[0]?.recovery?.softDelete).not.toBeNull();
    provider.close();
  });

  it('tells a key that never was', async () => {
    const provider = open(clientSecret);
    expect((await provider.key('recoverage-no-such-key')).items[0]).toMatchObject({ state: 'missing' });
    provider.close();
  });

  it('does not accept a wrong secret', async () => {
    const provider = open('wrong');
    await expect(provider.state()).rejects.toMatchObject({ reason: 'unauthorized' });
    provider.close();
  });
});
