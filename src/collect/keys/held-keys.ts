import { type Instant, toInstant } from '../../model/instant.ts';
import type { TransitKeyVisitor } from '../formats/vault-snapshot/storage-summary.ts';

/** The transit keys that a copy of a Vault's storage holds. Their names are confidential. */
export interface HeldKeys {
  readonly note: TransitKeyVisitor;
  holds(mountUuid: string, keyName: string): boolean;
  /** When the file with the key's versions was last written; null where entries have no files of their own. */
  writtenAt(mountUuid: string, keyName: string): Instant | null;
  /** As `<mount uuid>/<name>`. */
  all(): Iterable<string>;
}

/** A key is there where both its policy and its archive entry are. */
const BOTH_ENTRIES = 3;

export function heldKeys(): HeldKeys {
  const keys = new Map<string, number>();
  // The policy is what Vault decrypts with, and is written last: of a rotation that was cut short it lacks the version.
  const written = new Map<string, number>();
  return {
    note(mount, kind, key, modifiedMillis) {
      const id = `${mount}/${key}`;
      keys.set(id, (keys.get(id) ?? 0) | (kind === 'policy' ? 1 : 2));
      if (kind === 'policy' && modifiedMillis !== undefined) written.set(id, modifiedMillis);
    },
    holds: (mountUuid, keyName) => keys.get(`${mountUuid}/${keyName}`) === BOTH_ENTRIES,
    writtenAt(mountUuid, keyName) {
      const millis = written.get(`${mountUuid}/${keyName}`);
      return millis === undefined ? null : toInstant(millis);
    },
    all: () => [...keys].flatMap(([id, entries]) => (entries === BOTH_ENTRIES ? [id] : [])),
  };
}
