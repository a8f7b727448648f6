import { createConsulScanner } from './consul-entries.ts';
import { createConsulStorages } from './consul-storages.ts';
import { createStateScanner } from './state-entries.ts';
import { createStorageSummary, type StorageFacts, type TransitKeyVisitor } from './storage-summary.ts';

/** The parts of an archive in which Vault's storage lies, in the order in which they are written. */
export const RAFT_PARTS = ['meta.json', 'state.bin', 'SHA256SUMS', 'SHA256SUMS.sealed'] as const;
export type SnapshotPart = (typeof RAFT_PARTS)[number];
const CONSUL_PARTS: readonly SnapshotPart[] = ['meta.json', 'state.bin', 'SHA256SUMS'];

/** `ID` in the meta.json of Vault's integrated storage. */
const VAULT_SNAPSHOT_ID = 'bolt-snapshot';
/** The same of Consul, and of other products with this archive: term, index and milliseconds (hashicorp/raft, file_snapshot.go). */
const FILE_SNAPSHOT_ID = /^\d+-\d+-\d+$/;

/** What follows `state.bin` of one product. */
export interface SnapshotState {
  readonly what: 'vault-raft-snapshot' | 'consul-snapshot';
  readonly parts: readonly SnapshotPart[];
  push(chunk: Uint8Array): void;
  /** Whether the bytes so far are whole entries, with nothing left over. */
  isWhole(): boolean;
  /** Whether what came so far can be of this product. */
  isPossible(): boolean;
  /** Null where no storage of a Vault was met so far. */
  facts(): StorageFacts | null;
}

/** Who follows the content of an archive, by the `ID` of its meta.json; null where that is of no product that is read. */
export function snapshotState(id: string, onKey: TransitKeyVisitor): SnapshotState | null {
  if (id === VAULT_SNAPSHOT_ID) {
    const storage = createStorageSummary(onKey);
    const { push, isWhole } = createStateScanner(storage.isClear, storage.note);
    return {
      what: 'vault-raft-snapshot',
      parts: RAFT_PARTS,
      push,
      isWhole,
      isPossible: () => true,
      facts: storage.facts,
    };
  }
  if (!FILE_SNAPSHOT_ID.test(id)) return null;
  const storages = createConsulStorages(onKey);
  const { push, isWhole, isConsul } = createConsulScanner(storages.isClear, storages.note);
  return {
    what: 'consul-snapshot',
    parts: CONSUL_PARTS,
    push,
    isWhole,
    isPossible: isConsul,
    facts: storages.facts,
  };
}
