import { azureAccessPolicy, azureReadRole, azureServiceAt } from '../../collect/keys/azure-requests.ts';
import type { ProviderConfig } from '../../config/schema.ts';
import { oneLine } from '../terminal-text.ts';
import type { SourcePolicy } from './policy-text.ts';

type AzureConfig = Extract<ProviderConfig, { readonly kind: 'azure-key-vault' }>;

/** The least role of a vault or Managed HSM, and what stands for it in a vault with access policies. */
export function azurePolicy(
  provider: AzureConfig,
  name: string,
): Pick<SourcePolicy, 'language' | 'heading' | 'policy'> {
  const service = provider.service ?? azureServiceAt(provider.address);
  const address = oneLine(provider.address);
  const vault = oneLine(new URL(provider.address).hostname.split('.')[0] ?? '');
  const principal = oneLine(provider.clientId);
  if (service === 'managed-hsm') {
    return {
      language: 'json',
      heading: [
        `${name}: Azure Managed HSM at ${address}, a role of its local RBAC for ${principal}`,
        `Apply it with: az keyvault role definition create --hsm-name ${vault} --role-definition @FILE; then: az keyvault role assignment create --hsm-name ${vault} --scope /keys --assignee ${principal} --role 'Recoverage reads keys'`,
        'The built-in role Managed HSM Crypto Auditor holds it, too.',
      ],
      policy: azureReadRole(service, '/'),
    };
  }
  // A role is defined for a resource group or more, and assigned to the vault alone.
  const group = '/subscriptions/SUBSCRIPTION/resourceGroups/GROUP';
  const scope = `${group}/providers/Microsoft.KeyVault/vaults/${vault}`;
  return {
    language: 'json',
    heading: [
      `${name}: Azure Key Vault at ${address}, a role of Azure RBAC for ${principal}`,
      `Fill in SUBSCRIPTION and GROUP, and apply it with: az role definition create --role-definition @FILE; then: az role assignment create --assignee ${principal} --role 'Recoverage reads keys' --scope ${scope}`,
      `In a vault with access policies instead: az keyvault set-policy --name ${vault} --spn ${principal} --key-permissions ${azureAccessPolicy().join(' ')}`,
    ],
    policy: azureReadRole(service, group),
  };
}
