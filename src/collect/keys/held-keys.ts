import type { TransitKeyVisitor } from '../formats/vault-snapshot/storage-summary.ts';

/** The transit keys that a copy of a Vault's storage holds. Their names are confidential. */
export interface HeldKeys {
  readonly note: TransitKeyVisitor;
  holds(mountUuid: string, keyName: string): boolean;
  /** As `<mount uuid>/<name>`. */
  all(): Iterable<string>;
}

/** A key is there where both its policy and its archive entry are. */
const BOTH_ENTRIES = 3;

export function heldKeys(): HeldKeys {
  const keys = new Map<string, number>();
  return {
    note(mount, kind, key) {
      const id = `${mount}/${key}`;
      keys.set(id, (keys.get(id) ?? 0) | (kind === 'policy' ? 1 : 2));
    },
    holds: (mountUuid, keyName) => keys.get(`${mountUuid}/${keyName}`) === BOTH_ENTRIES,
    all: () => [...keys].flatMap(([id, entries]) => (entries === BOTH_ENTRIES ? [id] : [])),
  };
}
