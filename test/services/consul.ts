import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedServiceUnavailable, requireCachedProgram } from './cached-service.ts';
import { httpRequest } from './http-request.ts';
import { consulRecipe } from './recipes.ts';
import { freePort, scratchDirectory, waitUntil } from './scratch.ts';
import { startServerProcess } from './server-process.ts';

/** A Consul of one server that leads itself. Disposal stops and removes it. */
export interface ConsulServer extends AsyncDisposable {
  /** `127.0.0.1:PORT` of its HTTP API. */
  readonly address: string;
  /** Writes a snapshot, as `consul snapshot save` does by the same request. */
  readonly snapshot: (file: string) => Promise<void>;
  readonly put: (key: string, value: string) => Promise<void>;
}

/** Why Consul cannot be had here, or null. */
export function consulUnavailable(): string | null {
  return cachedServiceUnavailable(consulRecipe);
}

export async function startConsul(): Promise<ConsulServer> {
  await using cleanup = new AsyncDisposableStack();
  const { path: directory } = cleanup.use(scratchDirectory('consul'));
  const [http, server, serfLan, serfWan] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const configuration = {
    server: true,
    bootstrap: true,
    node_name: 'consul-1',
    bind_addr: '127.0.0.1',
    client_addr: '127.0.0.1',
    data_dir: join(directory, 'data'),
    disable_update_check: true,
    ports: { http, server, serf_lan: serfLan, serf_wan: serfWan, dns: -1, grpc: -1, grpc_tls: -1, https: -1 },
    performance: { raft_multiplier: 1 },
  };
  await mkdir(join(directory, 'data'));
  await writeFile(join(directory, 'consul.json'), JSON.stringify(configuration));
  const running = cleanup.use(
    await startServerProcess({
      program: requireCachedProgram(consulRecipe),
      args: ['agent', `-config-file=${join(directory, 'consul.json')}`],
      cwd: directory,
      environment: {},
      logFile: join(directory, 'server.log'),
      stopSignal: 'SIGINT',
    }),
  );
  const address = `127.0.0.1:${http}`;
  const send = (method: string, path: string, body?: string) =>
    httpRequest(`http://${address}/v1/${path}`, { method, ...(body === undefined ? {} : { body }) });
  const hasLeader = async () => (await send('GET', 'status/leader')).body.length > 2 || null;
  await waitUntil('Consul leads', hasLeader, 60_000, running.ended);
  const isWritten = async () => (await send('PUT', 'kv/ready', 'yes')).status === 200 || null;
  await waitUntil('Consul takes entries', isWritten, 60_000, running.ended);
  const owned = cleanup.move();
  return {
    address,
    async snapshot(file) {
      const answer = await send('GET', 'snapshot');
      if (answer.status !== 200) throw new Error(`Consul answered ${answer.status} to the request for a snapshot`);
      await writeFile(file, answer.body);
    },
    async put(key, value) {
      const answer = await send('PUT', `kv/${key}`, value);
      if (answer.status !== 200) throw new Error(`Consul answered ${answer.status} to an entry`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
