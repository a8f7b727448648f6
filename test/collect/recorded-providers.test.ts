import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { InstallReading } from '../../src/collect/organizations/install-database.ts';
import { openSpool } from '../../src/collect/organizations/spool.ts';
import { compareRecorded, type InstallHost, recordedOtherwise } from '../../src/collect/recorded-providers.ts';
import { type ProviderConfig, providerSchema } from '../../src/config/provider-schema.ts';
import { scratchDirectory } from '../services/scratch.ts';

const vault = (more: object = {}): ProviderConfig =>
  providerSchema.parse({ id: 'p', kind: 'vault-transit', address: 'https://vault:8200', token: 'env:T', ...more });
const kms = (more: object = {}): ProviderConfig =>
  providerSchema.parse({
    id: 'p',
    kind: 'aws-kms',
    region: 'eu-central-1',
    accessKeyId: 'env:A',
    secretAccessKey: 'env:S',
    ...more,
  });

const azure = (address: string): ProviderConfig =>
  providerSchema.parse({
    id: 'p',
    kind: 'azure-key-vault',
    address,
    tenantId: '11111111-2222-3333-4444-555555555555',
    clientId: '11111111-2222-3333-4444-555555555555',
    clientSecret: 'env:S',
  });
const hsm = (more: object = {}): ProviderConfig =>
  providerSchema.parse({ id: 'p', kind: 'pkcs11', module: '/opt/p11.so', pin: 'env:P', ...more });

const INSTALL: InstallHost = { host: 'install-1', collectorRunsHere: true };

/** The settings in which a row of the provider's own kind differs. */
function differing(
  config: ProviderConfig,
  settings: Readonly<Record<string, string>> | null,
  kind = config.kind,
  install: InstallHost = INSTALL,
) {
  const { other, address } = recordedOtherwise(config, { kind, settings }, install);
  return { other: other.map(({ setting }) => setting), address: address.map(({ setting }) => setting) };
}

const ALIKE = { other: [], address: [] };

describe('a provider that the install records', () => {
  it.each([
    [vault(), null],
    [vault(), {}],
    [vault(), { mount: '/transit/', address: 'HTTPS://Vault.:8200/v1', namespace: 'root' }],
    [vault({ namespace: '/ops/' }), { namespace: 'ops' }],
    [vault({ namespace: 'ops' }), { mount: 'transit' }],
    [vault({ address: 'https://vault' }), { address: 'https://vault:443/' }],
    [vault(), { address: 'the one in the cellar' }],
    [kms(), { region: 'EU-central-1', endpoint: 'https://kms.example' }],
    [kms({ endpoint: 'https://kms.example' }), { region: 'eu-central-1' }],
    [hsm({ tokenLabel: 'keys', tokenSerial: '00AB' }), { tokenLabel: 'keys   ', token_serial: '00ab', slot: '3' }],
    [hsm({ tokenLabel: 'keys' }), { tokenSerial: '77', module: '/opt/other.so' }],
  ])('in other words is the same: %o %o', (config, settings) => {
    expect(differing(config, settings)).toEqual(ALIKE);
  });

  it('at another mount, namespace or region is another', () => {
    expect(differing(vault(), { mount: 'transit-old' }).other).toEqual(['mount']);
    expect(differing(vault(), { namespace: 'ops' }).other).toEqual(['namespace']);
    expect(differing(vault({ namespace: 'ops' }), { namespace: '' }).other).toEqual(['namespace']);
    expect(differing(kms(), { region: 'eu-west-1' }).other).toEqual(['region']);
    expect(differing(hsm({ tokenLabel: 'keys' }), { token_label: 'Keys' }).other).toEqual(['token_label']);
    expect(differing(hsm({ tokenSerial: '1' }), { tokenSerial: '2' }).other).toEqual(['tokenSerial']);
  });

  it('at another address may be the same', () => {
    expect(differing(vault(), { address: 'https://10.0.0.5:8200' })).toEqual({ other: [], address: ['address'] });
    expect(differing(vault(), { address: 'https://vault' })).toEqual({ other: [], address: ['address'] });
    const endpoint = { endpoint: 'https://kms.example' };
    expect(differing(kms(endpoint), { endpoint: 'https://other.example' })).toEqual({
      other: [],
      address: ['endpoint'],
    });
  });

  it('in Azure is another where the vault bears another name, and the same through a private endpoint', () => {
    const vaultNamed = azure('https://acme.vault.azure.net');
    expect(differing(vaultNamed, { address: 'https://globex.vault.azure.net/' }).other).toEqual(['address']);
    expect(differing(vaultNamed, { address: 'https://acme.managedhsm.azure.net' }).other).toEqual(['address']);
    const address = { other: [], address: ['address'] };
    expect(differing(vaultNamed, { address: 'https://acme.privatelink.vaultcore.azure.net' })).toEqual(address);
    expect(differing(vaultNamed, { address: 'https://10.0.0.4' })).toEqual(address);
    expect(differing(vaultNamed, { address: 'https://ACME.vault.azure.net/' })).toEqual(ALIKE);
  });

  it('of another kind is another; a kind in the install’s own words tells nothing', () => {
    expect(recordedOtherwise(vault(), { kind: 'aws-kms', settings: {} }, INSTALL).other).toEqual([
      { setting: 'kind', recorded: 'aws-kms', configured: 'vault-transit' },
    ]);
    expect(recordedOtherwise(vault(), { kind: 'hashicorp', settings: { mount: 'other' } }, INSTALL)).toEqual(ALIKE);
  });
});

test('configured providers are compared with the rows of their id', async () => {
  using scratch = scratchDirectory('recorded-providers');
  const file = join(scratch.path, 'key_providers.ndjson');
  const spool = openSpool(file);
  const row = (providerId: string, settings: object) => ({
    ok: true as const,
    row: { providerId, organizationId: null, kind: 'vault-transit', settings, configuredAt: null },
  });
  for (const one of [
    row('p', { mount: 'transit-old', address: 'https://other:8200' }),
    row('q', { address: 'https://other:8200' }),
    row('unconfigured', { mount: 'x' }),
  ])
    await spool.write(null, one);
  await spool.close();
  const dataset = { status: 'read', file } as unknown as InstallReading['datasets']['key_providers'];
  const datasets = { key_providers: dataset } as InstallReading['datasets'];
  const { others, addresses } = await compareRecorded([vault(), vault({ id: 'q' })], INSTALL, { datasets });
  expect([...others]).toEqual([
    [
      'p',
      {
        reason: 'not-asked',
        detail:
          'the install database records key provider p with mount "transit-old", where the configuration states "transit": the configured one is another, and was not asked',
        remedy: expect.stringMatching(/^Correct mount of id p under providers/),
      },
    ],
  ]);
  expect([...addresses.keys()]).toEqual(['p', 'q']);
});

describe('an address of the machine itself', () => {
  const ELSEWHERE: InstallHost = { host: 'install-1', collectorRunsHere: false };
  const at = (recorded: string, configured: string, install = INSTALL, more: object = {}) =>
    differing(vault({ address: configured, ...more }), { address: recorded }, 'vault-transit', install).address;

  test.each([
    ['another name of it', 'http://127.0.0.1:8200', 'http://localhost:8200'],
    ['its sixth version', 'http://[::1]:8200', 'http://127.0.1.1:8200'],
    ['the name of the install host', 'http://127.0.0.1:8200', 'https://Install-1:8200'],
  ])('is that of the install host where it is recorded, as is %s', (_, recorded, configured) => {
    expect(at(recorded, configured)).toEqual([]);
    expect(at(configured, recorded)).toEqual([]);
  });

  test('is another machine where the collector runs elsewhere', () => {
    expect(at('http://127.0.0.1:8200', 'http://127.0.0.1:8200', ELSEWHERE)).toEqual(['address']);
    expect(at('http://127.0.0.1:8200', 'http://install-1:8200', ELSEWHERE)).toEqual([]);
    expect(at('http://vault:8200', 'http://127.0.0.1:8200')).toEqual(['address']);
  });

  test('is that of the host which the provider is asked from', () => {
    const from = (reachableFrom: string) =>
      at('http://127.0.0.1:8200', 'http://localhost:8200', ELSEWHERE, { reachableFrom });
    expect([from('install-1'), from('vault-1')]).toEqual([[], ['address']]);
  });
});
