import { azureServiceAt } from '../../collect/keys/azure-requests.ts';
import { azureAccessPolicy, azureReadRole, azureResourceAction, azureRoleName } from '../../collect/keys/azure-role.ts';
import type { ProviderConfig } from '../../config/provider-schema.ts';
import { parseAzureResourceId } from '../../model/azure-resource-id.ts';
import { oneLine } from '../terminal-text.ts';
import type { SourcePolicy } from './policy-text.ts';
import { shellWord } from './shell-word.ts';

type AzureConfig = Extract<ProviderConfig, { readonly kind: 'azure-key-vault' }>;

/**
 * The least role of a vault or Managed HSM, and what stands for it in a vault with access policies.
 * @param prove whether samples are unwrapped, too
 */
export function azurePolicy(
  provider: AzureConfig,
  name: string,
  prove: boolean,
): Pick<SourcePolicy, 'language' | 'heading' | 'policy'> {
  const service = provider.service ?? azureServiceAt(provider.address);
  const address = oneLine(provider.address);
  const vault = new URL(provider.address).hostname.split('.')[0] ?? '';
  const principal = oneLine(provider.clientId);
  const unwrapBy = prove ? provider.unwrapBy : null;
  const role = azureRoleName(unwrapBy);
  const resource = parseAzureResourceId(provider.resourceId ?? '');
  const warning = prove
    ? [`${unwrapBy} lets its holder read whatever these keys wrap: give it for the run alone.`]
    : [];
  if (service === 'managed-hsm') {
    return {
      language: 'json',
      heading: [
        `${name}: Azure Managed HSM at ${address}, a role of its local RBAC for ${principal}`,
        `Apply it with: az keyvault role definition create --hsm-name ${shellWord(vault)} --role-definition @FILE; then: az keyvault role assignment create --hsm-name ${shellWord(vault)} --scope /keys --assignee ${principal} --role '${role}'`,
        ...(prove ? warning : ['The built-in role Managed HSM Crypto Auditor holds it, too.']),
        ...(resource === null
          ? []
          : [
              `Its resource is read besides, which local RBAC cannot allow: give a role of Azure RBAC with the one action ${azureResourceAction(service)} on ${oneLine(provider.resourceId ?? '')}.`,
            ]),
      ],
      policy: azureReadRole(service, '/', unwrapBy),
    };
  }
  // A role is defined for a resource group or more, and assigned to the vault alone.
  const group =
    resource === null
      ? '/subscriptions/SUBSCRIPTION/resourceGroups/GROUP'
      : `/subscriptions/${resource.subscription}/resourceGroups/${resource.group}`;
  const scope = `${group}/providers/Microsoft.KeyVault/vaults/${vault}`;
  return {
    language: 'json',
    heading: [
      `${name}: Azure Key Vault at ${address}, a role of Azure RBAC for ${principal}`,
      `${resource === null ? 'Fill in SUBSCRIPTION and GROUP, and apply' : 'Apply'} it with: az role definition create --role-definition @FILE; then: az role assignment create --assignee ${principal} --role '${role}' --scope ${shellWord(scope)}`,
      `In a vault with access policies instead: az keyvault set-policy --name ${shellWord(vault)} --spn ${principal} --key-permissions ${azureAccessPolicy(unwrapBy).join(' ')}`,
      ...(resource === null
        ? []
        : [
            `An access policy cannot allow to read the resource of the vault: that takes ${azureResourceAction(service)} in a role.`,
          ]),
      ...warning,
    ],
    policy: azureReadRole(service, group, unwrapBy, resource !== null),
  };
}
