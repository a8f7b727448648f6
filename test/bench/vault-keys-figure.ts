import { Agent, request } from 'node:http';
import { eachOf } from '../../src/collect/concurrency.ts';
import { createVaultClient } from '../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../src/collect/keys/vault-key-provider.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Figure } from './figure.ts';
import { inTurn, secondsOf } from './in-turn.ts';
import { startServer } from './started-server.ts';

const MOUNT = 'transit';
const TOKEN = 'hvs.bench';
/** Organizations that are asked about at a time by default. */
const CONCURRENCY = 16;

/** The state of many keys of Vault as the program reads it, against a bare loop of the same requests over kept connections. */
export async function vaultKeysFigure(count: number): Promise<Figure> {
  using server = await startServer('vault-server.mjs', [MOUNT]);
  const names = Array.from({ length: count }, (_, number) => `tenant-${number}`);
  await using cleanup = new AsyncDisposableStack();
  const client = createVaultClient({ address: server.address, token: new Secret(TOKEN), timeoutMillis: 30_000 });
  cleanup.defer(() => client.close());
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  cleanup.defer(() => agent.destroy());
  const ours = async (): Promise<void> => {
    // A provider of its own each time: what it was answered it does not ask again.
    const provider = vaultKeyProvider('vault', client, MOUNT);
    let enabled = 0;
    await eachOf(names, CONCURRENCY, async (name) => {
      const { items } = await provider.key(name);
      if (items[0]?.state === 'enabled') enabled += 1;
    });
    expectAll(enabled);
  };
  const peer = async (): Promise<void> => {
    let present = 0;
    await eachOf(names, CONCURRENCY, async (name) => {
      const body = await get(agent, `${server.address}/v1/${MOUNT}/keys/${name}`);
      if (JSON.parse(body).data.latest_version === 1) present += 1;
    });
    expectAll(present);
  };
  const expectAll = (found: number): void => {
    if (found !== count) throw new Error(`${found} keys answered instead of ${count}`);
  };
  return await inTurn({
    name: `state of ${count} keys of Vault / bare keep-alive loop`,
    least: 0.8,
    ours: () => secondsOf(ours),
    peer: () => secondsOf(peer),
    rate: (seconds) => `${(count / seconds).toFixed(0)} keys/s`,
    note: `${CONCURRENCY} at a time, from a small server of the shape of Vault on this machine`,
  });
}

function get(agent: Agent, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers: { 'X-Vault-Token': TOKEN } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      response.once('error', reject);
    });
    sent.once('error', reject);
    sent.end();
  });
}
