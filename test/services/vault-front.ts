import { readFile, writeFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  request as plainRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, request as tlsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { makeServerCertificate, type ServerCertificate } from './certificates.ts';
import { scratchDirectory } from './scratch.ts';

/** A way to a Vault on which something can be done between two requests. Disposal closes it. */
export interface VaultFront extends AsyncDisposable {
  readonly address: string;
  /** PEM file of the authorities of the front and of the Vault behind it; null without TLS. */
  readonly caFile: string | null;
}

export interface VaultFrontOptions {
  /** Awaited before each request goes on, with its method and path, e.g. `GET /v1/sys/health`. */
  readonly before?: (request: string) => Promise<void>;
  /** Headers that each request gets besides its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of a valid certificate of its own. */
  readonly certificate?: (directory: string) => Promise<ServerCertificate>;
}

/** Passes requests on to a Vault, with TLS where that has TLS. */
export async function startVaultFront(
  vault: { readonly address: string; readonly caFile: string | null },
  { before = async () => undefined, headers = {}, certificate = makeServerCertificate }: VaultFrontOptions = {},
): Promise<VaultFront> {
  await using cleanup = new AsyncDisposableStack();
  const { path: directory } = cleanup.use(scratchDirectory('vault-front'));
  const ca = vault.caFile === null ? null : await readFile(vault.caFile, 'utf8');

  async function passOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await before(`${request.method} ${request.url}`);
    const options = {
      method: request.method ?? 'GET',
      headers: { ...request.headers, ...headers },
      agent: false as const,
    };
    const url = `${vault.address}${request.url}`;
    const onward = ca === null ? plainRequest(url, options) : tlsRequest(url, { ...options, ca });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    passOn(request, response).catch(() => response.destroy());
  };
  let caFile: string | null = null;
  let server: Server | ReturnType<typeof createTlsServer>;
  if (ca === null) server = createServer(serve);
  else {
    const own = await certificate(directory);
    server = createTlsServer({ cert: await readFile(own.certificateFile), key: await readFile(own.keyFile) }, serve);
    caFile = join(directory, 'authorities.pem');
    await writeFile(caFile, `${await readFile(own.caFile, 'utf8')}\n${ca}`);
  }
  cleanup.defer(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const owned = cleanup.move();
  return {
    address: `${ca === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    caFile,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
