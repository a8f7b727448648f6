import { createVaultClient, type VaultClient } from '../../../src/collect/keys/vault-client.ts';
import { readVaultProvider } from '../../../src/collect/keys/vault-provider.ts';
import { matchVaultReadRequest, matchVaultSessionRequest } from '../../../src/collect/keys/vault-requests.ts';
import { readTokenRights, vaultWritePaths } from '../../../src/collect/keys/vault-token-rights.ts';
import { listTransitKeys, readTransitKey, readTransitMount } from '../../../src/collect/keys/vault-transit.ts';
import { Secret } from '../../../src/model/secret.ts';
import { json } from '../conformance/scripted-server.ts';
import { type SourceTarget, sourceConformance } from '../conformance/source-conformance.ts';

function asking<T>(read: (client: VaultClient) => Promise<T>) {
  return async ({ address, secret, timeoutMillis }: SourceTarget): Promise<T> => {
    const client = createVaultClient({ address, token: new Secret(`hvs.${secret}`), timeoutMillis });
    try {
      return await read(client);
    } finally {
      await client.close();
    }
  };
}

sourceConformance('Vault', {
  reads: {
    readVaultProvider: asking(readVaultProvider),
    readTransitMount: asking((client) => readTransitMount(client, 'orgs/keys')),
    readTransitKey: asking((client) => readTransitKey(client, 'orgs/keys', 'acme')),
    listTransitKeys: asking((client) => listTransitKeys(client, 'orgs/keys')),
    readTokenRights: asking((client) => readTokenRights(client, vaultWritePaths('orgs/keys', ['acme']))),
  },
  withoutCredentials: ['readVaultProvider'],
  refuse: (_request, response) => json(response, 403, { errors: ['permission denied', 'invalid token'] }),
  isAllowed: ({ method, url }) => matchVaultReadRequest(method, new URL(url, 'http://127.0.0.1')) !== null,
});

function loggingIn<T>(read: (client: VaultClient) => Promise<T>) {
  return async ({ address, secret, timeoutMillis }: SourceTarget): Promise<T> => {
    const credentials = async () => ({ role_id: `role-${secret}`, secret_id: new Secret(secret) });
    const token = { method: 'approle', mount: 'approle', credentials } as const;
    const client = createVaultClient({ address, token, timeoutMillis });
    try {
      return await read(client);
    } finally {
      await client.close();
    }
  };
}

sourceConformance('Vault with a login', {
  reads: {
    readTransitMount: loggingIn((client) => readTransitMount(client, 'orgs/keys')),
    readTransitKey: loggingIn((client) => readTransitKey(client, 'orgs/keys', 'acme')),
  },
  refuse: (_request, response) => json(response, 400, { errors: ['invalid role or secret ID'] }),
  isAllowed: ({ method, url }) =>
    matchVaultSessionRequest(method, new URL(url, 'http://127.0.0.1'), 'approle') === 'login',
});
