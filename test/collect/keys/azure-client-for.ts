import { type AzureClient, createAzureClient } from '../../../src/collect/keys/azure-client.ts';
import { type AzureSignIn, createAzureCredential } from '../../../src/collect/keys/azure-credential.ts';
import { type AzureResource, createAzureResource } from '../../../src/collect/keys/azure-resource.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { AzureUnwrapOperation } from '../../../src/model/wrapping.ts';
import { CLIENT, CLIENT_SECRET, TENANT } from '../../services/azure.ts';

export interface ClientFor {
  readonly address: string;
  readonly authorityHost: string;
  readonly caFile: string;
  readonly signIn?: AzureSignIn;
  readonly tenantId?: string;
  readonly timeoutMillis?: number;
  readonly signal?: AbortSignal;
  readonly prove?: AzureUnwrapOperation;
}

export interface ResourceFor extends ClientFor {
  readonly resourceManager: string;
  readonly resourceId: string;
}

/** The resource of the vault as a configuration would open it. */
export function azureResourceFor(target: ResourceFor): AzureResource {
  const { address, resourceManager, resourceId, authorityHost, caFile, timeoutMillis = 10_000, signal = null } = target;
  const signIn = { kind: 'secret', clientSecret: new Secret(CLIENT_SECRET) } as const;
  const common = { caFile, timeoutMillis, signal };
  const credential = createAzureCredential({ authorityHost, tenantId: TENANT, clientId: CLIENT, signIn, ...common });
  return createAzureResource({ resourceId, address, resourceManager, credential, ...common });
}

/** A client as a configuration would open it. */
export function azureClientFor(target: ClientFor): AzureClient {
  const { address, authorityHost, caFile, timeoutMillis = 10_000, signal = null } = target;
  const signIn = target.signIn ?? { kind: 'secret', clientSecret: new Secret(CLIENT_SECRET) };
  const common = { caFile, timeoutMillis, signal };
  const tenantId = target.tenantId ?? TENANT;
  const credential = createAzureCredential({ authorityHost, tenantId, clientId: CLIENT, signIn, ...common });
  return createAzureClient({ address, service: null, credential, prove: target.prove ?? null, ...common });
}
