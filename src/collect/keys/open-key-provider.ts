import type { ProviderConfig } from '../../config/schema.ts';
import type { Secret } from '../../model/secret.ts';
import type { KeyProvider } from './key-provider.ts';
import { unansweringKeyProvider, unsupportedKind } from './unanswering-key-provider.ts';

/** What opening any provider needs besides its own settings. */
export interface OpenOptions {
  readonly timeoutMillis: number;
  readonly signal: AbortSignal;
  secret(setting: string, reference: string): Promise<Secret>;
}

/**
 * Opens a provider by its kind. The one place that knows all kinds; SDKs load only where one is configured. Connects
 * to nothing yet.
 */
export async function openKeyProvider(config: ProviderConfig, options: OpenOptions): Promise<KeyProvider> {
  const { timeoutMillis, signal } = options;
  switch (config.kind) {
    case 'vault-transit': {
      const [{ createVaultClient }, { vaultKeyProvider }] = await Promise.all([
        import('./vault-client.ts'),
        import('./vault-key-provider.ts'),
      ]);
      const client = createVaultClient({
        address: config.address,
        token: await options.secret('token', config.token),
        timeoutMillis,
        signal,
        ...(config.namespace === undefined ? {} : { namespace: config.namespace }),
        ...(config.caFile === undefined ? {} : { caFile: config.caFile }),
      });
      return vaultKeyProvider(config.id, client, config.mount);
    }
    case 'aws-kms': {
      const [{ createKmsClient }, { kmsKeyProvider }] = await Promise.all([
        import('./kms-client.ts'),
        import('./kms-key-provider.ts'),
      ]);
      const client = createKmsClient({
        region: config.region,
        accessKeyId: await options.secret('accessKeyId', config.accessKeyId),
        secretAccessKey: await options.secret('secretAccessKey', config.secretAccessKey),
        timeoutMillis,
        signal,
        ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
        ...(config.sessionToken === undefined
          ? {}
          : { sessionToken: await options.secret('sessionToken', config.sessionToken) }),
      });
      return kmsKeyProvider(config.id, client);
    }
    case 'azure-key-vault': {
      const { openAzureKeyProvider } = await import('./azure-open.ts');
      return await openAzureKeyProvider(config, options);
    }
    case 'pkcs11':
      return unansweringKeyProvider(config.id, config.kind, unsupportedKind(config.kind));
  }
}
