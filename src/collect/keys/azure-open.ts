import type { ProviderConfig } from '../../config/provider-schema.ts';
import type { Secret } from '../../model/secret.ts';
import { createAzureClient } from './azure-client.ts';
import { type AzureSignIn, createAzureCredential } from './azure-credential.ts';
import { azureKeyProvider } from './azure-key-provider.ts';
import { createAzureResource } from './azure-resource.ts';
import type { KeyProvider } from './key-provider.ts';

type AzureConfig = Extract<ProviderConfig, { readonly kind: 'azure-key-vault' }>;

interface OpenOptions {
  readonly timeoutMillis: number;
  readonly signal: AbortSignal;
  readonly prove: boolean;
  secret(setting: string, reference: string): Promise<Secret>;
}

/** Opens a vault or Managed HSM by its settings. Signs in with the first question. */
export async function openAzureKeyProvider(config: AzureConfig, options: OpenOptions): Promise<KeyProvider> {
  const { timeoutMillis, signal, prove } = options;
  const caFile = config.caFile ?? null;
  const credential = createAzureCredential({
    authorityHost: new URL(config.authorityHost).origin,
    tenantId: config.tenantId.toLowerCase(),
    clientId: config.clientId,
    signIn: await signInBy(config, options),
    caFile,
    timeoutMillis,
    signal,
  });
  const client = createAzureClient({
    address: config.address,
    service: config.service ?? null,
    credential,
    caFile,
    timeoutMillis,
    signal,
    prove: prove ? config.unwrapBy : null,
  });
  const resource =
    config.resourceId === undefined
      ? null
      : createAzureResource({
          resourceId: config.resourceId,
          address: config.address,
          resourceManager: new URL(config.resourceManager).origin,
          credential,
          caFile,
          timeoutMillis,
          signal,
        });
  return azureKeyProvider(config.id, client, config.wrapping ?? null, resource);
}

/** The configuration has exactly one of the three. */
async function signInBy(config: AzureConfig, options: OpenOptions): Promise<AzureSignIn> {
  const { clientSecret, clientCertificate, federatedTokenFile = '' } = config;
  if (clientSecret !== undefined) {
    return { kind: 'secret', clientSecret: await options.secret('clientSecret', clientSecret) };
  }
  if (clientCertificate !== undefined) {
    return { kind: 'certificate', certificate: await options.secret('clientCertificate', clientCertificate) };
  }
  return { kind: 'federated', tokenFile: federatedTokenFile };
}
