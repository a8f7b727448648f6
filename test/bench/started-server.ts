import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A small server of this folder in a process of its own, so that it does not share the event loop of what it serves. */
export interface StartedServer extends Disposable {
  readonly address: string;
}

/** @param file name in this folder; prints the port that it listens on as its first line */
export async function startServer(file: string, args: readonly string[]): Promise<StartedServer> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const server: ChildProcess = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (server.stdout === null) throw new Error(`${file} has no output`);
  const [port] = await once(server.stdout, 'data');
  return {
    address: `http://127.0.0.1:${String(port).trim()}`,
    [Symbol.dispose]: () => void server.kill(),
  };
}
