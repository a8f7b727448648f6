import { chmod, readFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { makeServerCertificate, type ServerCertificate } from './certificates.ts';
import { scratchDirectory } from './scratch.ts';

/** A port with TLS in front of a server without. Disposal cuts all connections. */
export interface TlsFront extends AsyncDisposable {
  /** `https://localhost:PORT`. */
  readonly endpoint: string;
  readonly port: number;
  /** PEM file of the authority that signed its certificate. */
  readonly caFile: string;
}

/**
 * Ends TLS before a server on this machine that speaks plain HTTP.
 * @param endpoint `http://127.0.0.1:PORT`
 * @param makeCertificate into an empty folder. Default: a good one for localhost
 */
export async function startTlsFront(
  endpoint: string,
  makeCertificate: (directory: string) => Promise<ServerCertificate> = makeServerCertificate,
): Promise<TlsFront> {
  await using cleanup = new AsyncDisposableStack();
  const { path } = cleanup.use(scratchDirectory('tls'));
  const { caFile, certificateFile, keyFile } = await makeCertificate(path);
  // For programs that run as another user; keys stay with their owner.
  await chmod(path, 0o755);
  const behind = new URL(endpoint);
  const sockets = new Set<TLSSocket>();
  const server = createServer({ cert: await readFile(certificateFile), key: await readFile(keyFile) }, (socket) => {
    const inner = connect(Number(behind.port), behind.hostname);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      inner.destroy();
    });
    inner.once('close', () => socket.destroy());
    // Either side may end a connection as it likes; the other then sees it end.
    for (const one of [socket, inner]) one.once('error', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  });
  cleanup.defer(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const owned = cleanup.move();
  return { endpoint: `https://localhost:${port}`, port, caFile, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
