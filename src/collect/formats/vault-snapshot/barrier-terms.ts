import { MINUTE } from '../../../model/instant.ts';
import { barrierTerm } from './storage-summary.ts';

/** What was written behind the barrier by which of its keys, and when, told file by file. */
export interface BarrierTerms {
  note(key: string, value: Uint8Array, modifiedMillis: number): void;
  /** The term of the barrier key that the keyring may lack; null where nothing shows that. */
  lackingTerm(): number | null;
}

const KEYRING = 'core/keyring';
/** Written with the older key when the barrier has a newer one already (Vault, vault/barrier_aes_gcm.go, `CreateUpgrade`). */
const UPGRADE = 'core/upgrade/';
/** A value may be encrypted before a rotation, and its file written after it. */
const WRITING = MINUTE;

/**
 * A rotation of the barrier key writes the keyring, and nothing is encrypted with the older key any more. So a keyring from
 * before something that was encrypted with an older key cannot hold the newer one with which others are encrypted.
 */
export function createBarrierTerms(): BarrierTerms {
  const lastOfTerm = new Map<number, number>();
  let keyringMillis: number | null = null;
  return {
    note(key, value, modifiedMillis) {
      if (modifiedMillis <= 0 || key.startsWith(UPGRADE)) return;
      if (key === KEYRING) {
        keyringMillis = modifiedMillis;
        return;
      }
      const term = barrierTerm(value);
      if (term !== null) lastOfTerm.set(term, Math.max(lastOfTerm.get(term) ?? 0, modifiedMillis));
    },
    lackingTerm() {
      const highest = Math.max(0, ...lastOfTerm.keys());
      const since = keyringMillis === null ? Number.POSITIVE_INFINITY : keyringMillis + WRITING;
      return [...lastOfTerm].some(([term, last]) => term < highest && last > since) ? highest : null;
    },
  };
}
