import type { StateEntry } from './state-entries.ts';
import {
  createStorageSummary,
  NO_STORAGE,
  type StorageFacts,
  type StorageSummary,
  type TransitKeyVisitor,
} from './storage-summary.ts';

/** Storages of Vaults among the entries of a key-value store. */
export interface ConsulStorages {
  isClear(path: string): boolean;
  note(entry: StateEntry): void;
  /** Null where there is none. */
  facts(): StorageFacts | null;
}

/** Entries that every Vault has, the first of them before all that is looked at: paths ascend. */
const MARK =
  /^(.*\/|)core\/(?:hsm\/barrier-unseal-keys|keyring|master|mounts|seal-config|recovery-config|recovery-key)$/s;
/** More Vaults than anybody keeps in one Consul. */
const MAX_STORAGES = 1000;

/**
 * Finds Vaults by the paths that each of them has, whatever its `path` in Consul is (by default `vault/`). Of several,
 * nothing is told that could be of one or of another: how they are sealed, and by which key.
 */
export function createConsulStorages(onKey: TransitKeyVisitor): ConsulStorages {
  const storages = new Map<string, StorageSummary>();

  function longestPrefix(path: string): string | null {
    let longest: string | null = null;
    for (const prefix of storages.keys()) {
      if (path.startsWith(prefix) && prefix.length >= (longest?.length ?? 0)) longest = prefix;
    }
    return longest;
  }

  function find(path: string): readonly [key: string, storage: StorageSummary] | null {
    let prefix = longestPrefix(path);
    // Below a storage everything is its own: secrets may have any path.
    if (prefix === null || prefix === '') {
      const mark = MARK.exec(path)?.[1];
      if (mark !== undefined && !storages.has(mark) && storages.size < MAX_STORAGES) {
        storages.set(mark, createStorageSummary(onKey));
        prefix = mark;
      }
    }
    const storage = prefix === null ? undefined : storages.get(prefix);
    return prefix === null || storage === undefined ? null : [path.slice(prefix.length), storage];
  }

  return {
    isClear(path) {
      const found = find(path);
      return found?.[1].isClear(found[0]) ?? false;
    },
    note(entry) {
      const found = find(entry.key);
      found?.[1].note({ ...entry, key: found[0] });
    },
    facts() {
      // Whatever else has an entry by such a name has neither a seal nor engines.
      const [first, ...others] = [...storages.values()]
        .map((storage) => storage.facts())
        .filter(({ sealType, mountUuids }) => sealType !== null || mountUuids.length > 0);
      return first === undefined ? null : others.reduce(together, first);
    },
  };
}

function together(one: StorageFacts, other: StorageFacts): StorageFacts {
  return {
    ...NO_STORAGE,
    mountUuids: [...new Set([...one.mountUuids, ...other.mountUuids])],
    transitKeyCount: one.transitKeyCount + other.transitKeyCount,
    vaultVersions: [...new Set([...one.vaultVersions, ...other.vaultVersions])].sort(),
  };
}
