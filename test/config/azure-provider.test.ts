import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import { loadConfig } from '../../src/config/load.ts';
import { scratchDirectory } from '../services/scratch.ts';

const GUID = '11111111-2222-3333-4444-555555555555';
const PROVIDER = {
  id: 'azure',
  kind: 'azure-key-vault',
  address: 'https://acme.vault.azure.net',
  tenantId: GUID,
  clientId: GUID,
};

/** The provider as a configuration file states it. */
async function loaded(more: object) {
  using directory = scratchDirectory('azure-config');
  const file = join(directory.path, 'recoverage.yaml');
  const database = { name: 'novantra', host: 'db', user: 'recoverage' };
  const providers = [{ ...PROVIDER, ...more }];
  await writeFile(
    file,
    stringify({ version: 1, install: { host: 'host-1', database }, providers }, { aliasDuplicateObjects: false }),
  );
  const { config } = await loadConfig(file, {});
  return { provider: config.providers[0], directory: directory.path };
}

async function mistakesOf(more: object): Promise<string> {
  const error: unknown = await loaded(more).then(
    () => expect.fail('it was accepted'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConfigurationError)) throw error;
  return error.mistakes.map(({ path, problem }) => `${path}: ${problem}`).join('\n');
}

describe('a provider in Azure', () => {
  it('signs in by one of three ways', async () => {
    for (const way of [
      { clientSecret: 'env:SECRET' },
      { clientCertificate: 'file:azure.pem' },
      { federatedTokenFile: '/var/token' },
    ]) {
      expect((await loaded(way)).provider).toMatchObject(way);
    }
    expect(await mistakesOf({})).toContain('exactly one of clientSecret, clientCertificate, federatedTokenFile');
    expect(await mistakesOf({ clientSecret: 'env:S', federatedTokenFile: '/t' })).toContain('exactly one of');
    expect(await mistakesOf({ clientSecret: 'the secret itself' })).toContain('a reference to a secret');
  });

  it('is asked over verified TLS by the address of a host', async () => {
    const secret = { clientSecret: 'env:S' };
    expect(await mistakesOf({ ...secret, address: 'http://acme.vault.azure.net' })).toContain('https:');
    expect(await mistakesOf({ ...secret, address: 'https://acme.vault.azure.net/keys/x' })).toContain('without a path');
    expect(await mistakesOf({ ...secret, address: 'https://a:b@acme.vault.azure.net' })).toContain('of a host');
    expect(await mistakesOf({ ...secret, authorityHost: 'http://login.internal' })).toContain('https:');
    expect(await mistakesOf({ ...secret, disableChallengeResourceVerification: true })).toContain('disableChallenge');
    expect(await mistakesOf({ ...secret, tenantId: 'contoso.onmicrosoft.com' })).toContain('a GUID');
  });

  it('names how samples were wrapped, and the one right that unwrapping them takes', async () => {
    const secret = { clientSecret: 'env:S' };
    expect((await loaded(secret)).provider).toMatchObject({ unwrapBy: 'unwrapKey' });
    const decrypting = { ...secret, wrapping: 'RSA-OAEP', unwrapBy: 'decrypt' };
    expect((await loaded(decrypting)).provider).toMatchObject(decrypting);
    expect(await mistakesOf({ ...decrypting, wrapping: 'A256KW' })).toContain(
      'decrypt opens what was encrypted by RSA',
    );
    // Something comes out of a wrong key, too.
    expect(await mistakesOf({ ...secret, wrapping: 'RSA1_5' })).toContain('wrapping');
  });

  it('names the resource of a vault by its whole id', async () => {
    const secret = { clientSecret: 'env:S' };
    const resourceId = `/subscriptions/${GUID}/resourceGroups/keys.(prod)/providers/Microsoft.KeyVault/vaults/acme`;
    expect((await loaded({ ...secret, resourceId })).provider).toMatchObject({
      resourceId,
      resourceManager: 'https://management.azure.com',
    });
    expect((await loaded(secret)).provider).not.toHaveProperty('resourceId');
    for (const wrong of [
      'acme',
      `${resourceId}/keys/a`,
      resourceId.replace('KeyVault', 'Storage'),
      resourceId.replace('keys.(prod)', '..'),
      resourceId.replace(GUID, 'x'),
    ]) {
      expect(await mistakesOf({ ...secret, resourceId: wrong })).toContain('the id of the resource of a vault');
    }
  });

  it('names files from beside the configuration', async () => {
    const { provider, directory } = await loaded({ federatedTokenFile: 'token', caFile: 'ca.pem' });
    expect(provider).toMatchObject({
      federatedTokenFile: join(directory, 'token'),
      caFile: join(directory, 'ca.pem'),
      authorityHost: 'https://login.microsoftonline.com',
    });
  });
});
