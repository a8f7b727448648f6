import { addressRights } from '../../collect/hosts/addresses/address-operations.ts';
import { endpointOf } from '../../collect/hosts/addresses/endpoint.ts';
import type { Config } from '../../config/schema.ts';
import { oneLine } from '../terminal-text.ts';
import type { SourcePolicy } from './policy-text.ts';

/** Where the audit connects to addresses of the install, for whoever keeps the firewall; nothing where none is named. */
export function addressPolicies({ install: { addresses } }: Pick<Config, 'install'>): readonly SourcePolicy[] {
  if (addresses.length === 0) return [];
  return [
    {
      source: 'addresses',
      kind: 'address',
      language: 'text',
      heading: [
        `source addresses: ${oneLine(addresses.map(({ url }) => url).join(', '))}`,
        'For the firewall on the way: what the audit asks of them, without a credential and without a request.',
        'The handshake is left out where the certificate file could be read on the install host.',
      ],
      policy: addressRights(addresses.map(({ url }) => endpointOf(url))),
    },
  ];
}
