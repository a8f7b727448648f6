import { describe, expect, it, test } from 'vitest';
import { azureServiceAt, matchAzureRequest } from '../../../src/collect/keys/azure-requests.ts';
import { azureAccessPolicy, azureDataActions, azureReadRole } from '../../../src/collect/keys/azure-role.ts';
import { parseAzureKeyReference, sameAzureKey } from '../../../src/model/azure-key-reference.ts';

const VAULT = 'https://acme.vault.azure.net';
const VERSION = '0123456789abcdef0123456789abcdef';

describe('what a vault may be sent', () => {
  it.each([
    ['keys?api-version=2025-07-01&maxresults=1', 'keys'],
    ['keys/acme/?api%2Dversion=2025-07-01', 'key'],
    [`keys/acme/${VERSION}`, 'keyVersion'],
    ['keys/acme/versions?api-version=7.4&$skiptoken=eyJ', 'versions'],
    ['deletedkeys/Acme-1', 'deletedKey'],
  ])('%s is %s', (path, name) => {
    expect(matchAzureRequest('vault', 'GET', new URL(`${VAULT}/${path}`))).toBe(name);
  });

  it.each([
    ['POST', 'keys/acme/create'],
    ['PUT', 'keys/acme'],
    ['PATCH', `keys/acme/${VERSION}`],
    ['DELETE', 'keys/acme'],
    ['DELETE', 'deletedkeys/acme'],
    ['POST', 'deletedkeys/acme/recover'],
    ['POST', `keys/acme/${VERSION}/unwrapkey`],
    ['POST', `keys/acme/${VERSION}/decrypt`],
    ['POST', 'keys/acme/backup'],
    ['GET', 'deletedkeys'],
    ['GET', 'secrets/acme'],
    ['GET', 'keys/../secrets/acme'],
    ['GET', 'keys/acme/rotationpolicy'],
    ['GET', 'keys/acme?x=1'],
    ['GET', 'keys/a%2Fb'],
    ['GET', 'keys//acme'],
  ])('%s %s is nothing', (method, path) => {
    expect(matchAzureRequest('vault', method, new URL(`${VAULT}/${path}`))).toBeNull();
  });

  it.each(['unwrapKey', 'decrypt'] as const)(
    'to prove by %s it may be sent that, of one version, and nothing more',
    (by) => {
      const at = (path: string) => matchAzureRequest('vault', 'POST', new URL(`${VAULT}/${path}`), by);
      expect(at(`keys/acme/${VERSION}/${by.toLowerCase()}?api-version=2025-07-01`)).toBe(by);
      const other = by === 'decrypt' ? 'unwrapkey' : 'decrypt';
      for (const path of [other, 'encrypt', 'wrapkey', 'sign', 'release', `${by.toLowerCase()}/x`]) {
        expect(at(`keys/acme/${VERSION}/${path}`)).toBeNull();
      }
      expect(at(`keys/acme/${by.toLowerCase()}`)).toBeNull();
      expect(
        matchAzureRequest('vault', 'GET', new URL(`${VAULT}/keys/acme/${VERSION}/${by.toLowerCase()}`), by),
      ).toBeNull();
      expect(matchAzureRequest('sign-in', 'POST', new URL(`${VAULT}/keys/acme/${VERSION}/decrypt`), by)).toBeNull();
    },
  );

  it('the sign-in is asked for a token, and where it gives them out', () => {
    const at = (method: string, path: string) =>
      matchAzureRequest('sign-in', method, new URL(`https://login.microsoftonline.com/${path}`));
    expect(at('POST', 'contoso.onmicrosoft.com/oauth2/v2.0/token')).toBe('token');
    expect(at('GET', 'tenant/v2.0/.well-known/openid-configuration')).toBe('signInDescription');
    expect(at('POST', 'tenant/oauth2/v2.0/devicecode')).toBeNull();
    expect(at('GET', 'common/discovery/instance?api-version=1.1')).toBeNull();
    expect(at('GET', 'keys')).toBeNull();
  });
});

describe('what the management plane may be sent', () => {
  const GROUP = 'subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/keys/providers/Microsoft.KeyVault';
  const at = (method: string, path: string) =>
    matchAzureRequest('management', method, new URL(`https://management.azure.com/${path}`));

  it('is the resource of one vault or Managed HSM', () => {
    expect(at('GET', `${GROUP}/vaults/acme?api-version=2023-07-01`)).toBe('vaultResource');
    expect(at('GET', `${GROUP}/managedHSMs/acme?api-version=2023-07-01`)).toBe('hsmResource');
  });

  it.each([
    ['PUT', 'vaults/acme'],
    ['PATCH', 'vaults/acme'],
    ['DELETE', 'vaults/acme'],
    ['POST', 'vaults/acme/purge'],
    ['GET', 'vaults'],
    ['GET', 'vaults/acme/keys/a'],
    ['GET', 'vaults/acme/../../../Microsoft.Storage'],
  ])('%s %s is nothing', (method, path) => {
    expect(at(method, `${GROUP}/${path}`)).toBeNull();
  });

  it('its action stands in the role where it is asked, and there alone', () => {
    const action = 'Microsoft.KeyVault/vaults/read';
    expect(azureReadRole('key-vault', '/subscriptions/1')).not.toContain(`"${action}"`);
    expect(JSON.parse(azureReadRole('key-vault', '/subscriptions/1', null, true))).toMatchObject({ Actions: [action] });
    expect(azureDataActions('key-vault')).not.toContain(action);
  });
});

test('the right to use keys is among them where that is asked for, and the one that is asked for', () => {
  expect(azureAccessPolicy('unwrapKey')).toEqual(['list', 'get', 'unwrapKey']);
  expect(azureDataActions('key-vault', 'decrypt')).toContain('Microsoft.KeyVault/vaults/keys/decrypt/action');
  expect(azureDataActions('managed-hsm', 'unwrapKey')).toContain('Microsoft.KeyVault/managedHsm/keys/unwrap/action');
  expect(azureReadRole('key-vault', '/subscriptions/1')).not.toMatch(/unwrap|decrypt/);
  const role = azureReadRole('key-vault', '/subscriptions/1', 'unwrapKey');
  expect(role).toContain('Microsoft.KeyVault/vaults/keys/unwrap/action');
  expect(role).not.toContain('decrypt');
});

test('rights follow from the list', () => {
  expect(azureAccessPolicy()).toEqual(['list', 'get']);
  expect(azureDataActions('key-vault')).toEqual(['Microsoft.KeyVault/vaults/keys/read']);
  expect(azureDataActions('managed-hsm')).toEqual([
    'Microsoft.KeyVault/managedHsm/keys/read/action',
    'Microsoft.KeyVault/managedHsm/keys/deletedKeys/read/action',
  ]);
  expect(JSON.parse(azureReadRole('key-vault', '/subscriptions/1'))).toMatchObject({
    Actions: [],
    DataActions: ['Microsoft.KeyVault/vaults/keys/read'],
    AssignableScopes: ['/subscriptions/1'],
  });
});

test.each([
  ['https://acme.vault.azure.net', 'key-vault'],
  ['https://acme.managedhsm.azure.net', 'managed-hsm'],
  ['https://acme.privatelink.managedhsm.azure.net', 'managed-hsm'],
  ['https://acme.managedhsm.usgovcloudapi.net', 'managed-hsm'],
  ['https://managedhsm.vault.azure.net', 'key-vault'],
])('%s is a %s', (address, service) => {
  expect(azureServiceAt(address)).toBe(service);
});

describe('references to keys', () => {
  it.each([
    ['Acme', { vault: null, name: 'acme', version: null }],
    [`acme/${VERSION.toUpperCase()}`, { vault: null, name: 'acme', version: VERSION }],
    [`${VAULT}/keys/acme/${VERSION}`, { vault: VAULT, name: 'acme', version: VERSION }],
    [`${VAULT}:443/keys/acme/`, { vault: VAULT, name: 'acme', version: null }],
  ])('%s', (text, reference) => {
    expect(parseAzureKeyReference(text)).toEqual(reference);
  });

  it.each(['', 'a b', 'acme/3', 'acme/versions', '../acme', 'http://x/keys/acme', `${VAULT}/secrets/acme`, 'a_b'])(
    '%j is none',
    (text) => {
      expect(parseAzureKeyReference(text)).toBeNull();
    },
  );

  it('of one key are alike, whatever version and address they name', () => {
    expect(sameAzureKey('acme', `ACME/${VERSION}`)).toBe(true);
    expect(sameAzureKey('acme', `${VAULT}/keys/acme`)).toBe(true);
    expect(sameAzureKey('https://other.vault.azure.net/keys/acme', `${VAULT}/keys/acme`)).toBe(false);
    expect(sameAzureKey('acme', 'globex')).toBe(false);
    expect(sameAzureKey('a b', 'a b')).toBe(false);
  });
});
