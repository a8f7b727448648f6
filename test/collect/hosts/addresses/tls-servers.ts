import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createPlainServer, type Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { type CertificateOptions, makeServerCertificate } from '../../../services/certificates.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

/** A TLS server that notes what it gets. */
export interface NotingServer extends AsyncDisposable {
  readonly port: number;
  readonly caFile: string;
  readonly certificateFile: string;
  /** Handshakes that came about, by the server name asked for. */
  readonly handshakes: readonly (string | false | null)[];
  /** Connections that came to a handshake and were closed. */
  closed(): number;
  /** Bytes that were sent after a handshake. */
  bytes(): number;
}

export async function startTlsServer(
  names: readonly string[] = [],
  options: CertificateOptions = {},
): Promise<NotingServer> {
  await using cleanup = new AsyncDisposableStack();
  const { path } = cleanup.use(scratchDirectory('tls'));
  const made = await makeServerCertificate(path, names, options);
  const handshakes: (string | false | null)[] = [];
  const sockets = new Set<TLSSocket>();
  let bytes = 0;
  let closed = 0;
  const server = createServer(
    { cert: await readFile(made.certificateFile), key: await readFile(made.keyFile) },
    (socket) => {
      handshakes.push(socket.servername);
      sockets.add(socket);
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        closed += 1;
      });
    },
  );
  cleanup.defer(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const owned = cleanup.move();
  const { caFile, certificateFile } = made;
  return {
    port,
    caFile,
    certificateFile,
    handshakes,
    bytes: () => bytes,
    closed: () => closed,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A server without TLS: it says `greeting` at once, or nothing for ever. */
export async function startPlainServer(greeting: string): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createPlainServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.resume();
    if (greeting !== '') socket.end(greeting);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
