import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { describe } from 'vitest';
import type { AzureClient } from '../../../src/collect/keys/azure-client.ts';
import { readAzureKey, readAzureVault } from '../../../src/collect/keys/azure-keys.ts';
import { matchAzureRequest } from '../../../src/collect/keys/azure-requests.ts';
import { Secret } from '../../../src/model/secret.ts';
import { challenge, refusedSignIn } from '../../services/azure.ts';
import { makeServerCertificate, opensslUnavailable } from '../../services/certificates.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { json } from '../conformance/scripted-server.ts';
import { type SourceTarget, sourceConformance } from '../conformance/source-conformance.ts';
import { azureClientFor } from './azure-client-for.ts';

/** The client speaks TLS only, and only to names below one that a challenge may name: this stands before a plain server. */
async function tlsBefore(address: string) {
  const directory = scratchDirectory('azure-tls');
  const names = ['*.vault.azure.test', 'login.azure.test'];
  const { caFile, certificateFile, keyFile } = await makeServerCertificate(directory.path, names);
  const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)]);
  const sockets = new Set<Socket | TLSSocket>();
  const server = createServer({ cert, key }, (outer) => {
    const inner = connect(Number(new URL(address).port), '127.0.0.1');
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    caFile,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      directory[Symbol.dispose]();
    },
  };
}

function asking<T>(read: (client: AzureClient) => Promise<T>) {
  return async ({ address, secret, timeoutMillis }: SourceTarget): Promise<T> => {
    await using front = await tlsBefore(address);
    const client = azureClientFor({
      address: `https://acme.vault.azure.test:${front.port}`,
      authorityHost: `https://login.azure.test:${front.port}`,
      caFile: front.caFile,
      signIn: { kind: 'secret', clientSecret: new Secret(secret) },
      timeoutMillis,
    });
    try {
      return await read(client);
    } finally {
      client.close();
    }
  };
}

const SIGN_IN = /^login\./;

describe.skipIf(opensslUnavailable())('in the names of a vault', () => {
  sourceConformance('Azure Key Vault', {
    reads: {
      readAzureVault: asking(readAzureVault),
      readAzureKey: asking((client) => readAzureKey(client, 'acme')),
    },
    refuse: (request, response) => {
      const host = request.headers.host ?? '';
      if (!SIGN_IN.test(host)) {
        const { status, body, headers } = challenge({ host });
        response.writeHead(status, headers).end(JSON.stringify(body));
      } else if (request.method === 'GET') {
        const base = `https://${host}${request.url.replace(/\/v2\.0.*/, '')}`;
        json(response, 200, {
          token_endpoint: `${base}/oauth2/v2.0/token`,
          authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
          jwks_uri: `${base}/discovery/v2.0/keys`,
          issuer: `${base}/v2.0`,
        });
      } else {
        const { status, body } = refusedSignIn(request.body);
        json(response, status, body);
      }
    },
    isAllowed: ({ method, url, headers }) => {
      const host = headers.host ?? '';
      return (
        matchAzureRequest(SIGN_IN.test(host) ? 'sign-in' : 'vault', method, new URL(`https://${host}${url}`)) !== null
      );
    },
  });
});
