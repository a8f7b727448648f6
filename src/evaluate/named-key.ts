import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import { instantText } from '../model/text.ts';
import { type LiveVersion, live } from './live-version.ts';

/**
 * A key whose versions have names and no numbers, as in Azure Key Vault and Managed HSM: what the key as a whole can do.
 */

type KeyState = Facts['key-state'];

/** Whether a key that is there can be used today, to encrypt as well as to decrypt: by the version that is in use. */
export function wholeNamedKey(key: KeyState, asOf: Instant): LiveVersion {
  const gone = deletedNamedKey(key, asOf);
  if (gone !== null) return gone;
  if (key.state !== 'enabled') return live('blocked', 'is disabled; enabling it brings it back');
  const notBefore = key.notBefore ?? null;
  // Microsoft Learn, "About keys", "Date-time controlled operations": outside its dates a key still unwraps and decrypts.
  if (key.expiresAt !== null && toMillis(key.expiresAt) <= toMillis(asOf)) {
    return live(
      'blocked',
      `expired on ${instantText(key.expiresAt)}: it still decrypts, and encrypts nothing new; setting a later date brings it back`,
    );
  }
  if (notBefore !== null && toMillis(notBefore) > toMillis(asOf)) {
    return live(
      'blocked',
      `is not valid before ${instantText(notBefore)}: until then it encrypts nothing; setting an earlier date brings it back`,
    );
  }
  return decrypts(key) ?? live('usable', 'is enabled');
}

/** What is true of every version of a key that is missing or deleted; null for one that is there. */
export function deletedNamedKey(key: KeyState, asOf: Instant): LiveVersion | null {
  if (key.state === 'missing') return live('lost', missingNamedKeyText(key));
  if (key.state !== 'pending-deletion') return null;
  const deletedAt = key.deletedAt ?? null;
  const deleted = deletedAt === null ? 'was deleted' : `was deleted on ${instantText(deletedAt)}`;
  if (key.deletionDate === null) return live('blocked', `${deleted}; recovering it brings it back`);
  const purged = instantText(key.deletionDate);
  if (key.isPurgeOverdue === true) {
    const because = `${deleted}, was to be gone for good on ${purged}, and is still shown among the deleted keys; recovering it at once may bring it back`;
    return { ...live('blocked', because), isUnseen: true };
  }
  if (toMillis(key.deletionDate) <= toMillis(asOf)) return live('lost', `${deleted}, and for good on ${purged}`);
  return live(
    'blocked',
    `${deleted} and will be gone for good on ${purged}; recovering it before then brings it back`,
    key.deletionDate,
  );
}

/** In which way a key is not there, as a clause about it. */
export function missingNamedKeyText({ isOtherVersionThere }: KeyState): string {
  return isOtherVersionThere === true
    ? 'is there, and the version that its reference names does not exist in the provider'
    : 'does not exist in the provider, not even among the deleted keys';
}

/** Why a key or a version that is there and enabled cannot decrypt; null where it can. */
export function decrypts({ canDecrypt, keyType }: Pick<KeyState, 'canDecrypt' | 'keyType'>): LiveVersion | null {
  if (canDecrypt === true) return null;
  if (canDecrypt === null) return live('unknown', 'is enabled, and its provider does not tell what it is made for');
  // Elliptic curves sign and verify only (Microsoft Learn, "Key types, algorithms, and operations").
  if (/^EC\b/i.test(keyType ?? '')) return live('lost', 'is of a type that cannot decrypt');
  return live('blocked', 'may neither unwrap nor decrypt; adding that to its permitted operations brings it back');
}

/** When the version with a name was created, without a name the oldest: null where that is not shown. */
export function namedCreation(key: KeyState, name: string | null): Instant | null {
  if (key.state === 'missing') return null;
  if (name === null) return key.createdAt;
  return key.namedVersions?.find((one) => one.name === name)?.createdAt ?? null;
}
