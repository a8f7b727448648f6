import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireCachedProgram } from './cached-service.ts';
import { httpRequest } from './http-request.ts';
import { vaultRecipe } from './recipes.ts';
import { freePort, scratchDirectory, waitUntil } from './scratch.ts';
import { startServerProcess } from './server-process.ts';
import { type VaultServer, vaultConfiguration } from './vault.ts';

/** A second node of a cluster. Disposal stops and removes it. */
export interface VaultStandby extends AsyncDisposable {
  readonly address: string;
  readonly nodeId: string;
  /** Status of its `sys/health`: 200 active, 429 standby, 503 sealed, 530 removed from the cluster. */
  readonly health: () => Promise<number>;
}

const STANDBY = 429;
const OK = 299;

/** Starts a node that joins the raft cluster of a Shamir-sealed one, and waits until it is its standby. */
export async function startVaultStandby(leader: VaultServer): Promise<VaultStandby> {
  await using cleanup = new AsyncDisposableStack();
  const { path: directory } = cleanup.use(scratchDirectory('vault-standby'));
  const address = `http://127.0.0.1:${await freePort()}`;
  const nodeId = 'node-2';
  const file = join(directory, 'vault.hcl');
  await mkdir(join(directory, 'raft'));
  await writeFile(file, vaultConfiguration(directory, address, await freePort(), 'tls_disable = true', '', nodeId));
  const server = cleanup.use(
    await startServerProcess({
      program: requireCachedProgram(vaultRecipe),
      args: ['server', `-config=${file}`],
      cwd: directory,
      environment: {},
      logFile: join(directory, 'server.log'),
    }),
  );
  const send = (method: string, path: string, body?: object) =>
    httpRequest(`${address}/v1/${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  const health = async () => (await send('GET', 'sys/health')).status;
  await waitUntil('the second Vault answers', health, 60_000, server.ended);
  const joined = await send('POST', 'sys/storage/raft/join', { leader_api_addr: leader.address });
  if (joined.status > OK) throw new Error(`Vault answered ${joined.status} to a join`);
  // It takes shares only once the leader has told it what they open, which nothing announces.
  const isStandby = async () => {
    if ((await health()) === STANDBY) return true;
    for (const key of leader.shares.slice(0, 2)) await send('PUT', 'sys/unseal', { key });
    return null;
  };
  await waitUntil('the second Vault is a standby', isStandby, 60_000, server.ended);
  const owned = cleanup.move();
  return { address, nodeId, health, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
