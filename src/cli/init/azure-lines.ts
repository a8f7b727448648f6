import { FILL_IN } from './domain-lines.ts';
import { variableFor } from './draft.ts';
import { scalar } from './yaml-scalar.ts';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NO_GUID = '00000000-0000-0000-0000-000000000000';

/** What an entry for a vault or Managed HSM looks like. */
export function azureExample(id: string): readonly string[] {
  return [
    'kind: azure-key-vault',
    'address: https://NAME.vault.azure.net',
    `tenantId: ${NO_GUID}`,
    `clientId: ${NO_GUID}`,
    `clientSecret: env:${variableFor(id, 'CLIENT_SECRET')}`,
    'failureDomain: { account: subscription, region: westeurope }',
  ];
}

/** Lines of an entry, without its id; null where the install does not say where the vault is. */
export function azureEntry(id: string, settings: Readonly<Record<string, string>>): readonly string[] | null {
  const { address = '', tenantId = '' } = settings;
  if (!/^https:\/\/[^/@?#]+\/?$/.test(address) || !URL.canParse(address)) return null;
  const isTenant = GUID.test(tenantId);
  return [
    '    kind: azure-key-vault',
    `    address: ${scalar(address)}`,
    ...(isTenant ? [] : [`    ${FILL_IN} the tenant that the vault belongs to`]),
    `    tenantId: ${scalar(isTenant ? tenantId : NO_GUID)}`,
    `    ${FILL_IN} the application that the audit signs in as, never the one that the product uses`,
    `    clientId: ${scalar(NO_GUID)}`,
    `    clientSecret: env:${variableFor(id, 'CLIENT_SECRET')}`,
    '    # clientCertificate: file:/etc/recoverage/azure.pem',
  ];
}
