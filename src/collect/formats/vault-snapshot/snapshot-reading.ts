import type { Instant } from '../../../model/instant.ts';

/** What a file shows itself to be. */
export type SnapshotFileKind =
  | 'vault-raft-snapshot'
  /** Begins like a gzip and stops before it shows what it was: what a Vault whose seal provider is down leaves behind. */
  | 'cut-short'
  /** A snapshot of a Consul in which Vault keeps its storage, or one cut short before it shows whether it does. */
  | 'consul-snapshot'
  | 'consul-without-vault'
  /** A snapshot of another product that keeps the same archive around another content. */
  | 'other-raft-snapshot'
  /** The error answer of a server, saved by a client that did not look at its status. */
  | 'error-answer'
  /** A copied file of the running database, e.g. `vault.db`: no snapshot. */
  | 'database-file'
  | 'other';

/** What a snapshot of Vault's storage tells without any key of Vault. */
export interface SnapshotReading {
  /** False only where the bytes show that this is something else; an empty or cut file is a failed snapshot. */
  readonly recognized: boolean;
  readonly what: SnapshotFileKind;
  /** Whether every part is there to its last byte and nothing follows. */
  readonly complete: boolean;
  /** Whether every checksum that the archive carries is there and agrees. It is no signature: whoever edits can sum anew. */
  readonly checksumsMatch: boolean;
  /** One sentence: why it is whole, or the first thing that is wrong. */
  readonly because: string;
  /** When the server took it, by the server's clock, to the second. */
  readonly takenAt: Instant | null;
  /** Of Vault's own raft, and so are the servers: null and none in a snapshot of Consul. */
  readonly raftIndex: number | null;
  readonly raftTerm: number | null;
  readonly raftServers: readonly { readonly id: string; readonly address: string }[];
  /** `shamir`, or the kind of seal, e.g. `awskms`, `transit`. */
  readonly sealType: string | null;
  /** Shares of the unseal key; 1 of 1 with an auto-unseal. */
  readonly secretShares: number | null;
  readonly secretThreshold: number | null;
  /** Shares of the recovery key, which only an auto-unseal has. */
  readonly recoveryShares: number | null;
  readonly recoveryThreshold: number | null;
  /** The key that must still exist to unseal: the ARN of a KMS key, `transit/v3`; null with Shamir shares. */
  readonly sealKeyId: string | null;
  /** Highest term of the barrier key in use: it rises by each `sys/rotate`. */
  readonly barrierTermHighest: number | null;
  /** Secrets engines and login methods that have entries, whatever their type. */
  readonly mountUuids: readonly string[];
  /** Keys of which both the policy and the archive entry are there, over all engines. */
  readonly transitKeyCount: number;
  /** Versions of Vault that ever ran on this storage, in the order of their text. */
  readonly vaultVersions: readonly string[];
  /** Size of the file. */
  readonly bytes: number;
}
