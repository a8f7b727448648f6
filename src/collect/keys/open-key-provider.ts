import type { Pkcs11AccessConfig, ProviderConfig, VaultLoginConfig } from '../../config/provider-schema.ts';
import type { Secret } from '../../model/secret.ts';
import { createHttpsAgent } from '../guard/https-agent.ts';
import type { KeyProvider } from './key-provider.ts';
import type { VaultLogin } from './vault-login.ts';

/** What opening any provider needs besides its own settings. */
export interface OpenOptions {
  readonly timeoutMillis: number;
  readonly signal: AbortSignal;
  /** Whether unwrapping is to be proven. */
  readonly prove: boolean;
  secret(setting: string, reference: string): Promise<Secret>;
}

/**
 * Opens a provider by its kind. The one place that knows all kinds; SDKs load only where one is configured. Connects
 * to nothing yet.
 */
export async function openKeyProvider(config: ProviderConfig, options: OpenOptions): Promise<KeyProvider> {
  const { timeoutMillis, signal, prove } = options;
  switch (config.kind) {
    case 'vault-transit': {
      const [{ createVaultClient }, { vaultKeyProvider }] = await Promise.all([
        import('./vault-client.ts'),
        import('./vault-key-provider.ts'),
      ]);
      const client = createVaultClient({
        address: config.address,
        token:
          config.login === undefined
            ? await options.secret('token', config.token ?? '')
            : vaultLogin(config.login, options.secret),
        nodes: config.nodes,
        timeoutMillis,
        signal,
        prove,
        ...(config.namespace === undefined ? {} : { namespace: config.namespace }),
        ...(config.caFile === undefined ? {} : { caFile: config.caFile }),
      });
      return vaultKeyProvider(config.id, client, config.mount, config.automatedSnapshots);
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
        httpsAgent: await createHttpsAgent(config.caFile ?? null),
        timeoutMillis,
        signal,
        prove,
        ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
        ...(config.stsEndpoint === undefined ? {} : { stsEndpoint: config.stsEndpoint }),
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
    case 'pkcs11': {
      const [{ pkcs11Token }, { pkcs11KeyProvider }] = await Promise.all([
        import('./pkcs11-token.ts'),
        import('./pkcs11-key-provider.ts'),
      ]);
      const token = async (setting: string, access: Pkcs11AccessConfig) =>
        pkcs11Token({
          module: access.module,
          token: { label: access.tokenLabel ?? null, serial: access.tokenSerial ?? null },
          pin: await options.secret(`${setting}pin`, access.pin),
          environment: access.environment,
          timeoutMillis,
          signal,
          // The peer is looked at, and given nothing.
          prove: prove && setting === '',
        });
      const { peer } = config;
      return pkcs11KeyProvider(
        config.id,
        await token('', config),
        peer === undefined ? null : { token: await token('peer.', peer), domain: peer.failureDomain },
        config.wrapping ?? null,
      );
    }
  }
}

function vaultLogin(config: VaultLoginConfig, secret: OpenOptions['secret']): VaultLogin {
  const { method, mount } = config;
  return {
    method,
    mount,
    async credentials() {
      if (config.method === 'approle') {
        return {
          role_id: await secret('login.roleId', config.roleId),
          ...(config.secretId === undefined ? {} : { secret_id: await secret('login.secretId', config.secretId) }),
        };
      }
      return {
        ...(config.role === undefined ? {} : { role: config.role }),
        jwt: await secret('login.jwt', config.jwt),
      };
    },
  };
}
