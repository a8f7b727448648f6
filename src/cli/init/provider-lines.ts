import { isVaultMount } from '../../collect/keys/vault-requests.ts';
import { oneLine } from '../terminal-text.ts';

import { azureEntry, azureExample } from './azure-lines.ts';
import type { FoundProvider } from './discover.ts';
import { domainLines, FILL_IN } from './domain-lines.ts';
import { type Draft, isOnInstallHost, variableFor } from './draft.ts';
import { scalar } from './yaml-scalar.ts';

/** The entries of `providers` of which everything that an entry needs is known. */
export function providerLines({ providers, hosts, installHost }: Draft): readonly string[] {
  return providers.flatMap((provider) => {
    const lines = entryLines(provider);
    if (lines === null) return [];
    const key = `provider ${provider.id}`;
    const isHere = isOnInstallHost(provider) && hosts.get(key) === installHost;
    return [`  - id: ${scalar(provider.id)}`, ...lines, ...(isHere ? ON_INSTALL_HOST : []), ...domainLines(hosts, key)];
  });
}

const ON_INSTALL_HOST: readonly string[] = [
  "    # Its address is the install host's own, so it is lost together with that host. If an agent or a tunnel answers there",
  '    # for a provider elsewhere, name the host of that one.',
];

/** How many of the entries are comments, as something that they need is not known. */
export function commentedProviders({ providers }: Pick<Draft, 'providers'>): number {
  return providers.filter((provider) => entryLines(provider) === null).length;
}

/** The entries that lack something, as comments: with what an entry of their kind looks like, where the kind is known. */
export function providerTemplate({ providers }: Draft): readonly string[] {
  return providers
    .filter((provider) => entryLines(provider) === null)
    .flatMap(({ id, kind }) => {
      const example = EXAMPLES[id === '' ? '' : kind];
      const what = `${FILL_IN} ${oneLine(id)} (${oneLine(kind)})`;
      if (example === undefined) return [`${what}: it is of a kind that is not known.`];
      return [
        `${what}: the install database does not say where it is.`,
        `#   - id: ${scalar(id)}`,
        ...example(id).map((line) => `#     ${line}`),
      ];
    });
}

const EXAMPLES: Readonly<Record<string, (id: string) => readonly string[]>> = {
  'vault-transit': (id) => [
    'kind: vault-transit',
    'address: https://vault.example.com:8200',
    'mount: transit',
    `token: env:${variableFor(id, 'TOKEN')}`,
    'failureDomain: { host: vault-host }',
  ],
  'aws-kms': (id) => [
    'kind: aws-kms',
    'region: eu-central-1',
    `accessKeyId: env:${variableFor(id, 'ACCESS_KEY_ID')}`,
    `secretAccessKey: env:${variableFor(id, 'SECRET_ACCESS_KEY')}`,
  ],
  'azure-key-vault': azureExample,
  pkcs11: (id) => [
    'kind: pkcs11',
    'module: /usr/lib/vendor/libpkcs11.so',
    'tokenLabel: org-keys',
    `pin: env:${variableFor(id, 'PIN')}`,
    'failureDomain: { host: hsm-host }',
  ],
};

function isTokenText(text: string, longest: number): boolean {
  return text.trim() !== '' && text.length <= longest;
}

function entryLines({ id, kind, settings }: FoundProvider): readonly string[] | null {
  switch (id === '' ? '' : kind) {
    case 'vault-transit': {
      const { address = '', namespace, mount = 'transit' } = settings;
      if (!/^https?:\/\//.test(address) || !URL.canParse(address)) return null;
      return [
        '    kind: vault-transit',
        `    address: ${scalar(address)}`,
        ...(namespace === undefined ? [] : [`    namespace: ${scalar(namespace)}`]),
        `    mount: ${scalar(isVaultMount(mount) ? mount : 'transit')}`,
        `    token: env:${variableFor(id, 'TOKEN')}`,
        '    # Or log in, by approle, jwt or kubernetes: see the operator guide, "Vault: a token or a login".',
        '    # caFile: /etc/ssl/certs/our-authority.pem',
        `    ${FILL_IN} which locations (purposes: [vault-snapshots]) hold snapshots of this Vault?`,
        '    # snapshots: [vault-snapshots]',
      ];
    }
    case 'aws-kms': {
      const { region = '', endpoint } = settings;
      if (region === '') return null;
      return [
        '    kind: aws-kms',
        `    region: ${scalar(region)}`,
        ...(endpoint === undefined || !URL.canParse(endpoint) ? [] : [`    endpoint: ${scalar(endpoint)}`]),
        `    accessKeyId: env:${variableFor(id, 'ACCESS_KEY_ID')}`,
        `    secretAccessKey: env:${variableFor(id, 'SECRET_ACCESS_KEY')}`,
      ];
    }
    case 'pkcs11': {
      const { module = '' } = settings;
      const label = settings['tokenLabel'] ?? settings['token_label'] ?? '';
      const serial = settings['tokenSerial'] ?? settings['token_serial'] ?? '';
      const names = [
        ...(isTokenText(label, 32) ? [`    tokenLabel: ${scalar(label)}`] : []),
        ...(isTokenText(serial, 16) ? [`    tokenSerial: ${scalar(serial)}`] : []),
      ];
      if (!module.startsWith('/') || names.length === 0) return null;
      return [
        '    kind: pkcs11',
        `    module: ${scalar(module)}`,
        ...names,
        `    pin: env:${variableFor(id, 'PIN')}`,
        `    ${FILL_IN} which token holds the same keys, and where does it stand? (docs/operator-guide.md)`,
        '    # peer: { module: /usr/lib/vendor/libpkcs11.so, tokenLabel: org-keys-2, pin: env:PEER_PIN, failureDomain: { host: hsm-2 } }',
      ];
    }
    case 'azure-key-vault':
      return azureEntry(id, settings);
    default:
      return null;
  }
}
