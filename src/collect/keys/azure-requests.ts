import type { AzureUnwrapOperation } from '../../model/wrapping.ts';

/** One request that Azure Key Vault, Managed HSM or the sign-in service may be sent. */
export interface AzureReadRequest {
  readonly method: 'GET' | 'POST';
  /** Path with `{name}`, `{version}`, `{tenant}`, `{subscription}`, `{group}` and `{vault}`, each for one segment. */
  readonly path: string;
  /** What the path belongs to. */
  readonly at: 'vault' | 'sign-in' | 'management';
  /** Permission of a vault's access policy; null where none is needed. */
  readonly accessPolicy: 'get' | 'list' | 'unwrapKey' | 'decrypt' | null;
  /** Data action of Azure RBAC (vaults); null where none is needed. */
  readonly vaultAction: string | null;
  /** Data action of local RBAC (Managed HSM); null where none is needed. */
  readonly hsmAction: string | null;
  /** Action of Azure RBAC on the resource itself; absent where none is needed. */
  readonly resourceAction?: string;
  readonly purpose: string;
}

const VAULT_READ = 'Microsoft.KeyVault/vaults/keys/read';
const HSM_READ = 'Microsoft.KeyVault/managedHsm/keys/read/action';
const HSM_READ_DELETED = 'Microsoft.KeyVault/managedHsm/keys/deletedKeys/read/action';

/**
 * The only requests that are sent where nothing is to be proven. None changes anything or uses a key; the one POST signs in. Sources: Azure Key
 * Vault REST API 2025-07-01, "Get Key", "Get Keys", "Get Key Versions", "Get Deleted Key"; Microsoft identity platform,
 * "OAuth 2.0 client credentials flow"; Microsoft Learn, "Azure permissions for Security" and "Managed HSM local RBAC built-in roles".
 */
export const AZURE_READ_REQUESTS = {
  keys: {
    method: 'GET',
    path: 'keys',
    at: 'vault',
    accessPolicy: 'list',
    vaultAction: VAULT_READ,
    hsmAction: HSM_READ,
    purpose: 'whether it answers',
  },
  key: {
    method: 'GET',
    path: 'keys/{name}',
    at: 'vault',
    accessPolicy: 'get',
    vaultAction: VAULT_READ,
    hsmAction: HSM_READ,
    purpose: 'state, expiry and recovery level of a key',
  },
  keyVersion: {
    method: 'GET',
    path: 'keys/{name}/{version}',
    at: 'vault',
    accessPolicy: 'get',
    vaultAction: VAULT_READ,
    hsmAction: HSM_READ,
    purpose: 'what each version may be used for',
  },
  versions: {
    method: 'GET',
    path: 'keys/{name}/versions',
    at: 'vault',
    accessPolicy: 'list',
    vaultAction: VAULT_READ,
    hsmAction: HSM_READ,
    purpose: 'state and creation of each version',
  },
  deletedKey: {
    method: 'GET',
    path: 'deletedkeys/{name}',
    at: 'vault',
    accessPolicy: 'get',
    vaultAction: VAULT_READ,
    hsmAction: HSM_READ_DELETED,
    purpose: 'until when a deleted key can be recovered',
  },
  signInDescription: {
    method: 'GET',
    path: '{tenant}/v2.0/.well-known/openid-configuration',
    at: 'sign-in',
    accessPolicy: null,
    vaultAction: null,
    hsmAction: null,
    purpose: 'where tokens are given out',
  },
  token: {
    method: 'POST',
    path: '{tenant}/oauth2/v2.0/token',
    at: 'sign-in',
    accessPolicy: null,
    vaultAction: null,
    hsmAction: null,
    purpose: 'the token that the other requests carry',
  },
} as const satisfies Readonly<Record<string, AzureReadRequest>>;

/**
 * What besides is sent where the configuration names the resource of the vault (`resourceId`): one of the two. Source: Azure
 * Key Vault management REST API 2023-07-01, "Vaults - Get" and "Managed Hsms - Get"; Microsoft Learn, "Azure permissions for Security".
 */
export const AZURE_RESOURCE_REQUESTS = {
  vaultResource: {
    method: 'GET',
    path: 'subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}',
    at: 'management',
    accessPolicy: null,
    vaultAction: null,
    hsmAction: null,
    resourceAction: 'Microsoft.KeyVault/vaults/read',
    purpose: 'soft delete, purge protection and network rules of the vault',
  },
  hsmResource: {
    method: 'GET',
    path: 'subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/managedHSMs/{vault}',
    at: 'management',
    accessPolicy: null,
    vaultAction: null,
    hsmAction: null,
    resourceAction: 'Microsoft.KeyVault/managedHSMs/read',
    purpose: 'soft delete, purge protection and network rules of the Managed HSM',
  },
} as const satisfies Readonly<Record<string, AzureReadRequest>>;

/**
 * What besides is sent where unwrapping is to be proven: one of the two, whichever the configuration names. It uses a key
 * and changes nothing; its answer holds the plaintext, which azure-plaintext.ts takes out of it. Source: the same, "Unwrap
 * Key" and "Decrypt".
 */
export const AZURE_PROOF_REQUESTS = {
  unwrapKey: {
    method: 'POST',
    path: 'keys/{name}/{version}/unwrapkey',
    at: 'vault',
    accessPolicy: 'unwrapKey',
    vaultAction: 'Microsoft.KeyVault/vaults/keys/unwrap/action',
    hsmAction: 'Microsoft.KeyVault/managedHsm/keys/unwrap/action',
    purpose: 'with --prove-keys: that a wrapped sample unwraps',
  },
  decrypt: {
    method: 'POST',
    path: 'keys/{name}/{version}/decrypt',
    at: 'vault',
    accessPolicy: 'decrypt',
    vaultAction: 'Microsoft.KeyVault/vaults/keys/decrypt/action',
    hsmAction: 'Microsoft.KeyVault/managedHsm/keys/decrypt/action',
    purpose: 'with --prove-keys: the same, of keys that may decrypt and not unwrap',
  },
} as const satisfies Readonly<Record<AzureUnwrapOperation, AzureReadRequest>>;

export const AZURE_REQUESTS = { ...AZURE_READ_REQUESTS, ...AZURE_RESOURCE_REQUESTS, ...AZURE_PROOF_REQUESTS };

export type AzureRequestName = keyof typeof AZURE_REQUESTS;

const SEGMENTS: Readonly<Record<string, string>> = {
  '{name}': '[0-9a-zA-Z-]{1,127}',
  '{version}': '[0-9a-f]{32}',
  // A tenant is a GUID or a domain.
  '{tenant}': '[0-9a-zA-Z][0-9a-zA-Z.-]{0,252}',
  '{subscription}': '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  '{group}': '[0-9a-zA-Z_().-]{1,90}',
  '{vault}': '[0-9a-z-]{3,24}',
};

/** Of a page: version of the API, its size, and where to go on. Of a sign-in: a number that its log has. */
const QUERY_NAMES: Readonly<Record<AzureReadRequest['at'], ReadonlySet<string>>> = {
  vault: new Set(['api-version', 'maxresults', '$skiptoken']),
  'sign-in': new Set(['client-request-id']),
  management: new Set(['api-version']),
};

interface Matcher {
  readonly name: AzureRequestName;
  readonly request: AzureReadRequest;
  readonly pattern: RegExp;
}

const MATCHERS: readonly Matcher[] = Object.entries<AzureReadRequest>(AZURE_REQUESTS).map(([name, request]) => ({
  name: name as AzureRequestName,
  request,
  pattern: new RegExp(
    `^/${request.path
      .split('/')
      .map((part) => SEGMENTS[part] ?? part.replaceAll('.', '\\.'))
      .join('/')}/?$`,
  ),
}));

/**
 * The entry of the allow-list that a request on the wire falls under, or null where there is none. Takes what is really
 * sent, after the URL has been normalized, so that no `..` in a name can turn one path into another.
 *
 * @param prove what samples may be unwrapped by; null: they may not
 */
export function matchAzureRequest(
  at: AzureReadRequest['at'],
  method: string,
  url: URL,
  prove: AzureUnwrapOperation | null = null,
): AzureRequestName | null {
  const names = [...url.searchParams.keys()].map((name) => name.toLowerCase());
  if (names.some((name) => !QUERY_NAMES[at].has(name))) return null;
  const found = MATCHERS.find(
    ({ request, pattern }) => request.at === at && request.method === method && pattern.test(url.pathname),
  );
  if (found === undefined || (isProof(found.name) && found.name !== prove)) return null;
  return found.name;
}

/** Whether the answer to a request holds a plaintext. */
export function isProof(name: AzureRequestName): name is AzureUnwrapOperation {
  return Object.hasOwn(AZURE_PROOF_REQUESTS, name);
}

/** Which of the two services with keys it is. */
export type AzureService = 'key-vault' | 'managed-hsm';

/** By the address alone, where no setting says it. Managed HSM is told by its own domain, in every cloud of Azure. */
export function azureServiceAt(address: string): AzureService {
  return /\.managedhsm\./i.test(URL.parse(address)?.hostname ?? '') ? 'managed-hsm' : 'key-vault';
}
