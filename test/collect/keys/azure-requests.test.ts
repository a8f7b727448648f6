import { describe, expect, it, test } from 'vitest';
import {
  azureAccessPolicy,
  azureDataActions,
  azureReadRole,
  azureServiceAt,
  matchAzureReadRequest,
} from '../../../src/collect/keys/azure-requests.ts';
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
    expect(matchAzureReadRequest('vault', 'GET', new URL(`${VAULT}/${path}`))).toBe(name);
  });

  it.each([
    ['POST', 'keys/acme/create'],
    ['PUT', 'keys/acme'],
    ['PATCH', `keys/acme/${VERSION}`],
    ['DELETE', 'keys/acme'],
    ['DELETE', 'deletedkeys/acme'],
    ['POST', 'deletedkeys/acme/recover'],
    ['POST', `keys/acme/${VERSION}/unwrapkey`],
    ['POST', 'keys/acme/backup'],
    ['GET', 'deletedkeys'],
    ['GET', 'secrets/acme'],
    ['GET', 'keys/../secrets/acme'],
    ['GET', 'keys/acme/rotationpolicy'],
    ['GET', 'keys/acme?x=1'],
    ['GET', 'keys/a%2Fb'],
    ['GET', 'keys//acme'],
  ])('%s %s is nothing', (method, path) => {
    expect(matchAzureReadRequest('vault', method, new URL(`${VAULT}/${path}`))).toBeNull();
  });

  it('the sign-in is asked for a token, and where it gives them out', () => {
    const at = (method: string, path: string) =>
      matchAzureReadRequest('sign-in', method, new URL(`https://login.microsoftonline.com/${path}`));
    expect(at('POST', 'contoso.onmicrosoft.com/oauth2/v2.0/token')).toBe('token');
    expect(at('GET', 'tenant/v2.0/.well-known/openid-configuration')).toBe('signInDescription');
    expect(at('POST', 'tenant/oauth2/v2.0/devicecode')).toBeNull();
    expect(at('GET', 'common/discovery/instance?api-version=1.1')).toBeNull();
    expect(at('GET', 'keys')).toBeNull();
  });
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
