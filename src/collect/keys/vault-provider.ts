import { z } from 'zod';
import { clockOffsetMillis } from '../guard/server-clock.ts';
import type { VaultClient } from './vault-client.ts';
import { askVault, readVaultBody } from './vault-error.ts';
import type { VaultAnswer } from './vault-exchange.ts';

/** A Vault server as it describes itself. Being sealed or a standby is an answer, not an error. */
export interface VaultProviderReading {
  readonly initialized: boolean;
  readonly sealed: boolean;
  /** Null where the health answer does not tell, as while sealed. */
  readonly standby: boolean | null;
  readonly version: string;
  readonly clusterName: string | null;
  /** Known only while unsealed. */
  readonly clusterId: string | null;
  /** `shamir`, or the kind of seal that unseals it by itself, e.g. `awskms`, `transit`. */
  readonly sealType: string;
  /** Shares needed to unseal, or with an auto-unseal to recover; 0 before initialization. */
  readonly threshold: number;
  readonly shares: number;
  /** e.g. `raft`; null where the server does not tell. */
  readonly storageType: string | null;
  /** Whether the shares are recovery shares: the server unseals itself. */
  readonly recoverySeal: boolean;
  /** Null while sealed, and where storage is not raft. */
  readonly raftAppliedIndex: number | null;
  /** Null where storage is not raft or the token may not read them. */
  readonly raftServers: readonly { readonly id: string; readonly address: string }[] | null;
  /** How far the server's clock is ahead; exact to about a second. */
  readonly serverClockOffsetMillis: number | null;
}

const sealStatusSchema = z.object({
  type: z.string(),
  initialized: z.boolean(),
  sealed: z.boolean(),
  t: z.int(),
  n: z.int(),
  version: z.string(),
  cluster_name: z.string().optional(),
  cluster_id: z.string().optional(),
  recovery_seal: z.boolean().optional(),
  storage_type: z.string().optional(),
});

const healthSchema = z.object({ sealed: z.boolean(), standby: z.boolean(), server_time_utc: z.number().optional() });

const leaderSchema = z.object({ raft_applied_index: z.int().optional() });

const raftConfigurationSchema = z.object({
  data: z.object({ config: z.object({ servers: z.array(z.object({ node_id: z.string(), address: z.string() })) }) }),
});

/**
 * Needs no right; with one more line of policy the raft servers are known too.
 * Source: Vault HTTP API documentation 1.21, "/sys/seal-status", "/sys/health", "/sys/leader", "/sys/storage/raft".
 * @throws SourceError unreachable, timeout, malformed
 */
export async function readVaultProvider(client: VaultClient): Promise<VaultProviderReading> {
  const { value: seal } = await askVault(client, 'sealStatus', {}, sealStatusSchema);
  // Every state has a status of its own here (429 standby, 501 not initialized, 503 sealed …), and the same body.
  const healthAnswer = await client.ask('health');
  const health = readVaultBody(client, 'health', healthAnswer, healthSchema);
  const open = seal.initialized && !seal.sealed;
  const raft = open ? await readRaft(client, seal.storage_type ?? null) : { appliedIndex: null, servers: null };
  return {
    initialized: seal.initialized,
    sealed: seal.sealed,
    standby: open ? health.standby : null,
    version: seal.version,
    clusterName: nonEmpty(seal.cluster_name),
    clusterId: nonEmpty(seal.cluster_id),
    sealType: seal.type,
    threshold: seal.t,
    shares: seal.n,
    storageType: nonEmpty(seal.storage_type),
    recoverySeal: seal.recovery_seal ?? false,
    raftAppliedIndex: raft.appliedIndex,
    raftServers: raft.servers,
    serverClockOffsetMillis: offset(healthAnswer, health.server_time_utc),
  };
}

async function readRaft(client: VaultClient, storageType: string | null) {
  if (storageType !== null && storageType !== 'raft') return { appliedIndex: null, servers: null };
  const { value: leader } = await askVault(client, 'leader', {}, leaderSchema);
  const answer = await client.ask('raftConfiguration');
  const servers =
    answer.status === 200
      ? readVaultBody(client, 'raftConfiguration', answer, raftConfigurationSchema).data.config.servers.map(
          (server) => ({
            id: server.node_id,
            address: server.address,
          }),
        )
      : null;
  return { appliedIndex: leader.raft_applied_index ?? null, servers };
}

/** The server's own statement, else the `Date` header, which something on the way may have written. */
function offset(answer: VaultAnswer, serverSeconds: number | undefined): number | null {
  const serverMillis = serverSeconds === undefined ? answer.serverMillis : serverSeconds * 1000;
  return serverMillis === null ? null : clockOffsetMillis(serverMillis, answer.exchange);
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
