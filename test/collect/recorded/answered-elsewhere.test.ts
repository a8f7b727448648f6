import { expect, it } from 'vitest';
import { answeredElsewhere } from '../../../src/collect/recorded/answered-elsewhere.ts';
import { definitionDigest } from '../../../src/collect/recorded/provider-definition.ts';
import { locationSchema } from '../../../src/config/location-schema.ts';
import { type ProviderConfig, providerSchema } from '../../../src/config/provider-schema.ts';

const vault = (reachableFrom?: string): ProviderConfig =>
  providerSchema.parse({
    id: 'vault-main',
    kind: 'vault-transit',
    address: 'https://vault:8200',
    token: 'env:T',
    ...(reachableFrom === undefined ? {} : { reachableFrom }),
  });
const dumps = locationSchema.parse({
  kind: 'directory',
  name: 'dumps',
  path: '/srv/dumps',
  purposes: ['dumps'],
  reachableFrom: 'backup-1',
});

const install = { host: 'install-1' };

function found(
  config: ProviderConfig,
  host: string,
  definition = definitionDigest(config),
  installHost = 'Install-1.lan',
) {
  const recorded = { host, itself: { definition } };
  const joined = {
    provider: () => recorded,
    location: () => ({ host }),
    installHost: () => installHost,
  } as unknown as Parameters<typeof answeredElsewhere>[1];
  return answeredElsewhere({ providers: [config], locations: [dumps], install }, joined).map(({ what }) => what);
}

it('is what another host answered than the one that is said to reach it alone', () => {
  expect(found(vault('vault-room'), 'staging-1')).toEqual(['key provider vault-main', 'location dumps']);
  expect(found(vault('vault-room'), 'backup-1')).toEqual(['key provider vault-main']);
});

it('is nothing that the host itself answered, whatever its domain, or that any host may answer', () => {
  expect(found(vault('Vault-Room.example.org'), 'vault-room')).toEqual(['location dumps']);
  expect(found(vault(), 'staging-1')).toEqual(['location dumps']);
});

it('is nothing that does not count, as the provider is configured otherwise by now', () => {
  expect(found(vault('vault-room'), 'staging-1', 'of another')).toEqual(['location dumps']);
});

it('is nothing that nobody answered', () => {
  const nobody = { provider: () => null, location: () => null, installHost: () => null };
  expect(answeredElsewhere({ providers: [vault('vault-room')], locations: [dumps], install }, nobody)).toEqual([]);
});

it('is the install host, where one of another name answered for it', () => {
  expect(found(vault(), 'backup-1', undefined, 'standby-1')).toEqual(['install host']);
});
