import type { AzureUnwrapOperation } from '../../model/wrapping.ts';
import {
  AZURE_PROOF_REQUESTS,
  AZURE_READ_REQUESTS,
  AZURE_RESOURCE_REQUESTS,
  type AzureReadRequest,
  type AzureService,
} from './azure-requests.ts';

function each<T>(prove: AzureUnwrapOperation | null, pick: (request: AzureReadRequest) => T | null): readonly T[] {
  const requests: readonly AzureReadRequest[] = [
    ...Object.values(AZURE_READ_REQUESTS),
    ...(prove === null ? [] : [AZURE_PROOF_REQUESTS[prove]]),
  ];
  return [...new Set(requests.flatMap((request) => pick(request) ?? []))];
}

/**
 * The permissions on keys under which all of {@link AZURE_READ_REQUESTS} answer, where a vault has access policies.
 * @param prove what samples are unwrapped by, too; null: they are not
 */
export function azureAccessPolicy(prove: AzureUnwrapOperation | null = null): readonly string[] {
  return each(prove, (request) => request.accessPolicy);
}

/** The data actions that take the place of them: Azure RBAC for a vault, local RBAC for a Managed HSM. */
export function azureDataActions(service: AzureService, prove: AzureUnwrapOperation | null = null): readonly string[] {
  return each(prove, (request) => (service === 'managed-hsm' ? request.hsmAction : request.vaultAction));
}

/** The action of Azure RBAC under which the resource of a vault or Managed HSM answers. */
export function azureResourceAction(service: AzureService): string {
  return AZURE_RESOURCE_REQUESTS[service === 'managed-hsm' ? 'hsmResource' : 'vaultResource'].resourceAction;
}

/** Two names, so that the right to use keys can be given and taken by itself. */
export function azureRoleName(prove: AzureUnwrapOperation | null): string {
  return prove === null ? 'Recoverage reads keys' : 'Recoverage proves keys';
}

/**
 * The least role (JSON) for `az role definition create`, or of a Managed HSM for `az keyvault role definition create`.
 * @param ofResource whether the resource of the vault is read, too. Local RBAC of a Managed HSM cannot allow that
 * @param scope below which the role may be assigned: a resource group, a subscription or a management group
 */
export function azureReadRole(
  service: AzureService,
  scope: string,
  prove: AzureUnwrapOperation | null = null,
  ofResource = false,
): string {
  const description =
    prove === null
      ? 'Lets Recoverage read the state of keys: no use, no change, no secrets, no certificates'
      : 'Lets Recoverage read the state of keys and unwrap samples: no change, no secrets, no certificates';
  const dataActions = azureDataActions(service, prove);
  const role =
    service === 'managed-hsm'
      ? { roleName: azureRoleName(prove), description, actions: [], notActions: [], dataActions, notDataActions: [] }
      : {
          Name: azureRoleName(prove),
          IsCustom: true,
          Description: description,
          Actions: ofResource ? [azureResourceAction(service)] : [],
          NotActions: [],
          DataActions: dataActions,
          NotDataActions: [],
          AssignableScopes: [scope],
        };
  return `${JSON.stringify(role, null, 2)}\n`;
}
