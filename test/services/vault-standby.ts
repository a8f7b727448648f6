import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { requireCachedProgram } from './cached-service.ts';
import { httpRequest } from './http-request.ts';
import { vaultRecipe } from './recipes.ts';
import { freePort, scratchDirectory, waitUntil } from './scratch.ts';
import { startServerProcess } from './server-process.ts';
import { listenerTls, raftStorage, type VaultServer, vaultConfiguration } from './vault.ts';

/** Another node of a cluster. Disposal stops and removes it. */
export interface VaultStandby extends AsyncDisposable {
  readonly address: string;
  readonly nodeId: string;
  /** Status of its `sys/health`: 200 active, 429 standby, 503 sealed, 530 removed from the cluster. */
  readonly health: () => Promise<number>;
  /** Address of the node that leads, as this one knows it; null while none does. */
  readonly leader: () => Promise<string | null>;
}

const leaderAnswer = z.object({ leader_address: z.string() });
const STANDBY = 429;
const OK = 299;

/**
 * Starts a node that joins the raft cluster of a Shamir-sealed one, and waits until it is its standby. It serves TLS where
 * the leader does, under the same certificate.
 */
export async function startVaultStandby(leader: VaultServer, nodeId = 'node-2'): Promise<VaultStandby> {
  await using cleanup = new AsyncDisposableStack();
  const { path: directory } = cleanup.use(scratchDirectory('vault-standby'));
  const ca = leader.caFile === null ? null : await readFile(leader.caFile, 'utf8');
  const address = `${ca === null ? 'http' : 'https'}://127.0.0.1:${await freePort()}`;
  const certificate =
    ca === null
      ? null
      : { certificateFile: join(leader.directory, 'server.crt'), keyFile: join(leader.directory, 'server.key') };
  const file = join(directory, 'vault.hcl');
  await mkdir(join(directory, 'raft'));
  await writeFile(
    file,
    vaultConfiguration({
      address,
      clusterPort: await freePort(),
      tls: listenerTls(certificate),
      storage: raftStorage(directory, nodeId),
    }),
  );
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
    httpRequest(`${address}/v1/${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
      ...(ca === null ? {} : { ca }),
    });
  const health = async () => (await send('GET', 'sys/health')).status;
  await waitUntil('the other Vault answers', health, 60_000, server.ended);
  const joined = await send('POST', 'sys/storage/raft/join', {
    leader_api_addr: leader.address,
    ...(ca === null ? {} : { leader_ca_cert: ca }),
  });
  if (joined.status > OK) throw new Error(`Vault answered ${joined.status} to a join`);
  // It takes shares only once the leader has told it what they open, which nothing announces.
  const isStandby = async () => {
    if ((await health()) === STANDBY) return true;
    for (const key of leader.shares.slice(0, 2)) await send('PUT', 'sys/unseal', { key });
    return null;
  };
  await waitUntil('the other Vault is a standby', isStandby, 60_000, server.ended);
  const leaderAddress = async () => {
    const { leader_address: led } = leaderAnswer.parse(JSON.parse((await send('GET', 'sys/leader')).body.toString()));
    return led === '' ? null : led;
  };
  const owned = cleanup.move();
  return { address, nodeId, health, leader: leaderAddress, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
