import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { z } from 'zod';
import { parseAzureResourceId } from '../../model/azure-resource-id.ts';
import type { Facts } from '../../model/facts.ts';
import { SourceError } from '../../model/source-error.ts';
import { errorCodesOf } from './azure-answers.ts';
import type { AzureCredential } from './azure-credential.ts';
import { AzureRefusal, azureError, azureMalformed } from './azure-error.ts';
import { createAzureTransport } from './azure-transport.ts';

export interface AzureResourceOptions {
  /** As `az keyvault show --query id` gives it. */
  readonly resourceId: string;
  /** `https://NAME.vault.azure.net` or `https://NAME.managedhsm.azure.net`, whose resource it is to be. */
  readonly address: string;
  /** Origin of Azure Resource Manager. */
  readonly resourceManager: string;
  readonly credential: AzureCredential;
  readonly caFile: string | null;
  readonly timeoutMillis: number;
  readonly signal: AbortSignal | null;
}

/** The resource of one vault or Managed HSM in the management plane of Azure, which is asked for itself and for nothing else. */
export interface AzureResource {
  /** Safe to print. */
  readonly locator: string;
  readonly operation: string;
  /** @throws SourceError unreachable, unauthorized with the action to allow, timeout, malformed */
  read(): Promise<Facts['vault-resource']>;
  close(): void;
}

/** Of vaults and of Managed HSMs alike. Source: Azure Key Vault management REST API, "Vaults - Get", "Managed Hsms - Get". */
const API_VERSION = '2023-07-01';

const rulesSchema = z.array(z.unknown()).max(10_000).nullish();
const resourceSchema = z.looseObject({
  properties: z.looseObject({
    enableSoftDelete: z.boolean().nullish(),
    softDeleteRetentionInDays: z.int().min(0).nullish(),
    enablePurgeProtection: z.boolean().nullish(),
    publicNetworkAccess: z.string().max(100).nullish(),
    networkAcls: z
      .looseObject({
        defaultAction: z.string().max(100).nullish(),
        ipRules: rulesSchema,
        virtualNetworkRules: rulesSchema,
      })
      .nullish(),
  }),
});

/** Signs in with the first question, by the credential of the vault. */
export function createAzureResource(options: AzureResourceOptions): AzureResource {
  const { resourceId, address, resourceManager, credential, timeoutMillis, signal } = options;
  const where = `Azure Resource Manager at ${resourceManager}`;
  const id = parseAzureResourceId(resourceId);
  const transport = createAzureTransport({
    at: 'management',
    origin: resourceManager,
    where,
    caFile: options.caFile,
    timeoutMillis,
    signal,
  });
  return {
    locator: where,
    operation: 'GET the resource of the vault',
    async read() {
      if (id === null || id.name !== nameIn(address)) {
        throw new SourceError(
          'malformed',
          `resourceId names another resource than the vault at ${address}`,
          'Take it from az keyvault show --name VAULT --query id.',
        );
      }
      const token = await credential.getToken(`${resourceManager}/.default`);
      if (token === null) throw azureMalformed(where, 'the sign-in', 'it gave no token');
      const { subscription, group, type, name } = id;
      const path = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.KeyVault/${type}/${name}`;
      const request = createPipelineRequest({
        url: `${resourceManager}${path}?api-version=${API_VERSION}`,
        timeout: timeoutMillis,
      });
      request.headers.set('Authorization', `Bearer ${token.token}`);
      request.headers.set('Accept', 'application/json');
      const { status, bodyAsText } = await transport.sendRequest(request);
      const body = bodyAsText ?? '';
      const subject = `the resource of ${name}`;
      if (status !== 200) {
        const codes = errorCodesOf(body);
        const isVault = type === 'vaults';
        const question = {
          name: isVault ? 'vaultResource' : 'hsmResource',
          service: isVault ? 'key-vault' : 'managed-hsm',
          subject,
          where,
        } as const;
        throw azureError(question, new AzureRefusal(status, codes?.code ?? null, codes?.inner ?? null));
      }
      const reading = readingOf(body);
      if (reading === null) throw azureMalformed(where, subject, 'the answer is not one of this service');
      return reading;
    },
    close: () => transport.close(),
  };
}

/** The name of a vault is the first label of its address. */
function nameIn(address: string): string {
  return (URL.parse(address)?.hostname.split('.')[0] ?? '').toLowerCase();
}

function readingOf(body: string): Facts['vault-resource'] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  const resource = resourceSchema.safeParse(parsed);
  if (!resource.success) return null;
  const { networkAcls, ...properties } = resource.data.properties;
  const action = networkAcls?.defaultAction?.toLowerCase();
  const access = properties.publicNetworkAccess?.toLowerCase();
  return {
    softDelete: properties.enableSoftDelete ?? null,
    purgeProtected: properties.enablePurgeProtection ?? null,
    retentionDays: properties.softDeleteRetentionInDays ?? null,
    publicNetwork: access === 'enabled' ? true : access === 'disabled' ? false : null,
    defaultAction: action === 'allow' || action === 'deny' ? action : null,
    networkRules:
      networkAcls === null || networkAcls === undefined
        ? null
        : (networkAcls.ipRules?.length ?? 0) + (networkAcls.virtualNetworkRules?.length ?? 0),
  };
}
