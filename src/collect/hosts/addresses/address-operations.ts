import { type Endpoint, endpointText } from './endpoint.ts';

/**
 * Everything that is ever asked of an address of the install, and of nothing but the addresses that the configuration
 * names. After a handshake the connection is closed: no byte of a request is sent.
 */
export const ADDRESS_OPERATIONS = {
  lookup: {
    operation: 'name lookup',
    needs: 'the name service of this host',
    purpose: 'to which IP addresses its name resolves',
  },
  handshake: {
    operation: 'TLS handshake, nothing sent after it',
    needs: 'a TCP connection to it',
    purpose: 'the certificate that it shows, and whether a TLS client accepts that',
  },
} as const;
export type AddressOperation = keyof typeof ADDRESS_OPERATIONS;

/** What the network must let the audit do, a line for each operation on each address; nothing without an address. */
export function addressRights(endpoints: readonly Endpoint[]): string {
  return endpoints
    .flatMap((endpoint) =>
      Object.values(ADDRESS_OPERATIONS).map(
        ({ operation, needs, purpose }) => `${endpointText(endpoint)}: ${operation}, by ${needs}: ${purpose}\n`,
      ),
    )
    .join('');
}

/** Whether an operation on an endpoint is on the list. */
export function isAdmitted(operation: string, { host, port }: Endpoint, admitted: readonly Endpoint[]): boolean {
  return Object.hasOwn(ADDRESS_OPERATIONS, operation) && admitted.some((one) => one.host === host && one.port === port);
}
