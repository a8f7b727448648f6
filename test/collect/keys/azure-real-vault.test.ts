import { describe, expect, it } from 'vitest';
import { createAzureClient } from '../../../src/collect/keys/azure-client.ts';
import { createAzureCredential } from '../../../src/collect/keys/azure-credential.ts';
import { azureKeyProvider } from '../../../src/collect/keys/azure-key-provider.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { AzureUnwrapOperation } from '../../../src/model/wrapping.ts';
import { unavailable } from '../../services/availability.ts';
import { ALL_REFUSED, triedWrites } from '../../services/azure-writes.ts';
import { damaged } from '../../services/wrapped-sample.ts';

/*
 * All that needs a real vault or Managed HSM, for whoever has one: AZURE_TEST_VAULT (https://NAME.vault.azure.net or
 * https://NAME.managedhsm.azure.net), AZURE_TEST_KEY (an enabled key that may unwrap), AZURE_TEST_TENANT_ID,
 * AZURE_TEST_CLIENT_ID and AZURE_TEST_CLIENT_SECRET, with the rights that `recoverage permissions` prints. It reads, and
 * tries writes to a key that does not exist, which those rights must not allow. With AZURE_TEST_WRAPPED_SAMPLE (base64)
 * and AZURE_TEST_WRAPPING (its algorithm), and the rights that `permissions --prove-keys` prints, it also has the key
 * unwrap that sample, and a damaged one.
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

function sampleUnavailable(): string | null {
  const missing = ['WRAPPED_SAMPLE', 'WRAPPING'].filter((name) => (process.env[`AZURE_TEST_${name}`] ?? '') === '');
  if (missing.length === 0) return null;
  return unavailable(
    'azure',
    `no wrapped sample is given: ${missing.map((name) => `AZURE_TEST_${name}`).join(', ')} unset`,
  );
}

describe.skipIf(realVaultUnavailable())('a real vault', () => {
  const common = { caFile: null, timeoutMillis: 30_000, signal: null };
  const signedIn = (secret: string) =>
    createAzureCredential({
      authorityHost: 'https://login.microsoftonline.com',
      tenantId: tenantId.toLowerCase(),
      clientId,
      signIn: { kind: 'secret', clientSecret: new Secret(secret) },
      ...common,
    });
  const open = (secret: string, prove: AzureUnwrapOperation | null = null) => {
    const credential = signedIn(secret);
    return azureKeyProvider('real', createAzureClient({ address, service: null, credential, prove, ...common }));
  };

  it('answers', async () => {
    const provider = open(clientSecret);
    expect((await provider.state()).items).toHaveLength(1);
    expect(Math.abs(provider.clockOffsetMillis() ?? Number.NaN)).toBeLessThan(300_000);
    await provider.close();
  });

  it('shows an enabled key with its versions and its recovery level', async () => {
    const provider = open(clientSecret);
    const { items } = await provider.key(keyName);
    expect(items[0]).toMatchObject({ state: 'enabled', canDecrypt: true });
    expect(items[0]?.namedVersions?.some(({ name }) => name === items[0]?.currentName)).toBe(true);
    expect(items[0]?.createdAt).not.toBeNull();
    expect(items[0]?.recovery?.softDelete).not.toBeNull();
    await provider.close();
  });

  it('tells a key that never was', async () => {
    const provider = open(clientSecret);
    expect((await provider.key('recoverage-no-such-key')).items[0]).toMatchObject({ state: 'missing' });
    await provider.close();
  });

  it('refuses every write with the same token, whoever sends it', async () => {
    const credential = signedIn(clientSecret);
    const domain = new URL(address).hostname.split('.').slice(1).join('.');
    const token = await credential.getToken(`https://${domain}/.default`);
    expect(await triedWrites(new URL(address).origin, token?.token ?? '')).toEqual(ALL_REFUSED);
    credential.close();
  });

  it('does not accept a wrong secret', async () => {
    const provider = open('wrong');
    await expect(provider.state()).rejects.toMatchObject({ reason: 'unauthorized' });
    await provider.close();
  });

  it.skipIf(sampleUnavailable())('unwraps its own sample, and refuses the same with one bit changed', async () => {
    const provider = open(clientSecret, 'unwrapKey');
    const sample = Buffer.from(process.env['AZURE_TEST_WRAPPED_SAMPLE'] ?? '', 'base64');
    const mechanism = process.env['AZURE_TEST_WRAPPING'] ?? '';
    const prove = (bytes: Buffer) =>
      provider.prove?.(keyName, null, { value: bytes.toString('base64'), context: undefined, mechanism });
    expect(await prove(sample)).toMatchObject({ outcome: 'unwrapped' });
    expect(await prove(damaged(sample))).toMatchObject({ outcome: 'refused' });
    await provider.close();
  });
});
