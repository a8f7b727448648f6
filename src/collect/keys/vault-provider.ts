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
  /** The highest term that its servers have written; null where the token may not ask, or no raft is used. */
  readonly raftTerm: number | null;
  /** Null where storage is not raft or the token may not read them. */
  readonly raftServers: readonly { readonly id: string; readonly address: string }[] | null;
  /** How far the server's clock is ahead; exact to about a second. */
  readonly serverClockOffsetMillis: number | null;
  /** Whether this node was taken out of its cluster: it holds nothing any more, and others go on. */
  readonly removedFromCluster: boolean;
  /** Whether several nodes can serve; null while sealed. */
  readonly highAvailability: boolean | null;
  /** `disabled`, `primary` or `secondary`, of replication for performance and for disaster recovery; null where not told. */
  readonly performanceReplication: string | null;
  readonly recoveryReplication: string | null;
  /** What raft's autopilot says of the cluster; null where storage is not raft or the token may not ask. */
  readonly autopilot: {
    readonly healthy: boolean;
    /** How many more servers may fail. */
    readonly failureTolerance: number;
    readonly unhealthyServers: readonly string[];
  } | null;
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
  removed_from_cluster: z.boolean().nullish(),
});

const healthSchema = z.object({
  sealed: z.boolean(),
  standby: z.boolean(),
  server_time_utc: z.number().optional(),
  removed_from_cluster: z.boolean().nullish(),
  replication_performance_mode: z.string().optional(),
  replication_dr_mode: z.string().optional(),
});

const leaderSchema = z.object({ ha_enabled: z.boolean().optional(), raft_applied_index: z.int().optional() });

const autopilotSchema = z.object({
  data: z.object({
    healthy: z.boolean(),
    failure_tolerance: z.int(),
    servers: z.record(z.string(), z.object({ healthy: z.boolean(), last_term: z.int().optional() })).nullish(),
  }),
});

const raftConfigurationSchema = z.object({
  data: z.object({ config: z.object({ servers: z.array(z.object({ node_id: z.string(), address: z.string() })) }) }),
});

/**
 * Needs no right; with one more line of policy the raft servers are known too.
 * Source: Vault HTTP API documentation 1.21, "/sys/seal-status", "/sys/health", "/sys/leader", "/sys/storage/raft" and
 * "/sys/storage/raft/autopilot".
 * @throws SourceError unreachable, timeout, malformed
 */
export async function readVaultProvider(client: VaultClient): Promise<VaultProviderReading> {
  const { value: seal } = await askVault(client, 'sealStatus', {}, sealStatusSchema);
  // Every state has a status of its own here (429 standby, 501 not initialized, 503 sealed …), and the same body.
  const healthAnswer = await client.ask('health');
  const health = readVaultBody(client, 'health', healthAnswer, healthSchema);
  const open = seal.initialized && !seal.sealed;
  const removed = seal.removed_from_cluster === true || health.removed_from_cluster === true;
  const raft = open && !removed ? await readRaft(client, seal.storage_type ?? null) : NO_RAFT;
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
    raftTerm: raft.term,
    raftServers: raft.servers,
    serverClockOffsetMillis: offset(healthAnswer, health.server_time_utc),
    removedFromCluster: removed,
    highAvailability: raft.highAvailability,
    performanceReplication: replication(health.replication_performance_mode),
    recoveryReplication: replication(health.replication_dr_mode),
    autopilot: raft.autopilot,
  };
}

/** A sealed server says `unknown`. */
function replication(mode: string | undefined): string | null {
  return mode === undefined || mode === '' || mode === 'unknown' ? null : mode;
}

const NO_RAFT = { highAvailability: null, appliedIndex: null, term: null, servers: null, autopilot: null };

async function readRaft(client: VaultClient, storageType: string | null) {
  const { value: leader } = await askVault(client, 'leader', {}, leaderSchema);
  const highAvailability = leader.ha_enabled ?? null;
  if (storageType !== null && storageType !== 'raft') return { ...NO_RAFT, highAvailability };
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
  const state = await client.ask('autopilotState');
  const autopilot = state.status === 200 ? readVaultBody(client, 'autopilotState', state, autopilotSchema).data : null;
  return {
    highAvailability,
    appliedIndex: leader.raft_applied_index ?? null,
    term: highestTerm(Object.values(autopilot?.servers ?? {}).flatMap(({ last_term }) => last_term ?? [])),
    servers,
    autopilot:
      autopilot === null
        ? null
        : {
            healthy: autopilot.healthy,
            failureTolerance: autopilot.failure_tolerance,
            unhealthyServers: Object.entries(autopilot.servers ?? {})
              .filter(([, server]) => !server.healthy)
              .map(([id]) => id),
          },
  };
}

/** Of a server that was just added none is told yet: zero. */
function highestTerm(terms: readonly number[]): number | null {
  const highest = Math.max(0, ...terms);
  return highest === 0 ? null : highest;
}

/** The server's own statement, else the `Date` header, which something on the way may have written. */
function offset(answer: VaultAnswer, serverSeconds: number | undefined): number | null {
  const serverMillis = serverSeconds === undefined ? answer.serverMillis : serverSeconds * 1000;
  return serverMillis === null ? null : clockOffsetMillis(serverMillis, answer.exchange);
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
