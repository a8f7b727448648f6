import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import { instantText } from '../model/text.ts';
import { withoutMaterial } from './imported-material.ts';
import { type LiveVersion, live, noDecryptionText } from './live-version.ts';
import { wholeNamedKey } from './named-key.ts';
import { isNoVersion, liveNoVersion } from './no-version.ts';

type KeyState = Facts['key-state'];

/**
 * Whether the live key can decrypt what a version encrypted. Vault refuses versions below min_decryption_version until
 * that is lowered, and has deleted those below min_available_version (Vault API documentation, Transit, "Update key
 * configuration" and "Trim key"). KMS states: AWS KMS Developer Guide, "Key states of AWS KMS keys".
 *
 * @param key undefined where the provider gave no answer about it
 * @param version null asks about the key as a whole
 */
export function liveVersion(key: KeyState | undefined, version: number | null, asOf: Instant): LiveVersion {
  const shown = shownVersion(key, version, asOf);
  if (shown.state !== 'usable' || key?.imported !== 'perhaps-public-only') return shown;
  return { ...live('unknown', PERHAPS_PUBLIC), awaitsProof: true };
}

const PERHAPS_PUBLIC =
  'was imported, and its provider does not show whether with its private part, which alone decrypts; --prove-keys tells';

function shownVersion(key: KeyState | undefined, version: number | null, asOf: Instant): LiveVersion {
  if (key === undefined) return live('unknown', 'was not shown by its provider');
  const whole = wholeKey(key, asOf);
  if (whole.state !== 'usable' || version === null) return whole;
  const { latestVersion, minDecryptionVersion, minAvailableVersion } = key;
  if (isNoVersion(version, latestVersion !== null)) return liveNoVersion(whole);
  if (minAvailableVersion !== null && version < minAvailableVersion) {
    return live('lost', `was trimmed: the provider has deleted versions below ${minAvailableVersion}`);
  }
  if (latestVersion !== null && version > latestVersion) {
    return live('lost', `does not exist: the newest version in the provider is ${latestVersion}`);
  }
  if (minDecryptionVersion !== null && version < minDecryptionVersion) {
    return live(
      'blocked',
      `may not decrypt, as min_decryption_version is ${minDecryptionVersion}; lowering it to ${version} brings it back`,
    );
  }
  const keepsNoVersions = key.versions === null && latestVersion === null;
  if (keepsNoVersions || key.versions?.some((shown) => shown.version === version)) return whole;
  return live('unknown', 'is not among the versions that the provider shows');
}

function wholeKey(key: KeyState, asOf: Instant): LiveVersion {
  if (key.namedVersions !== undefined) return wholeNamedKey(key, asOf);
  switch (key.state) {
    case 'missing':
      if (key.isLostAlias === true) return { ...live('blocked', LOST_ALIAS), isUnseen: true };
      return live('lost', 'does not exist in the provider');
    case 'pending-deletion':
      return pendingDeletion(key.deletionDate, asOf);
    case 'disabled':
      return live('blocked', 'is disabled; enabling it brings it back');
    case 'pending-import':
      return withoutMaterial('has no key material', key.replicas ?? null);
    case 'unavailable':
      if (key.isBeingMade === true) {
        return live('blocked', 'is still being made by its provider, and can be used once that is done');
      }
      return live('blocked', 'is unavailable; reconnecting the key store behind it brings it back');
    case 'enabled':
  }
  if (key.expiresAt !== null && toMillis(key.expiresAt) <= toMillis(asOf)) {
    const expired = `expired on ${instantText(key.expiresAt)}`;
    if (key.attributes === undefined) return withoutMaterial(expired, key.replicas ?? null);
    return live('blocked', `${expired}; a later end date of the same key brings it back`);
  }
  const starts = key.attributes?.startsAt ?? null;
  if (starts !== null && toMillis(starts) > toMillis(asOf)) {
    return live('blocked', `may not be used before ${instantText(starts)}; an earlier start date brings it back`);
  }
  if (key.canDecrypt === false) return live('lost', noDecryptionText(key.keyType));
  if (key.canDecrypt === null) return live('unknown', 'is enabled, and its provider does not tell what it is made for');
  return live('usable', 'is enabled');
}

/** AWS KMS API Reference, "DeleteAlias": the key that an alias pointed to stays as it is. */
const LOST_ALIAS =
  'is named by an alias that points to no key; pointing it to its key again brings it back, if that key is still there, which nobody saw';

function pendingDeletion(date: Instant | null, asOf: Instant): LiveVersion {
  if (date === null) return live('blocked', 'is scheduled for deletion; cancelling the deletion brings it back');
  if (toMillis(date) <= toMillis(asOf)) return live('lost', `was scheduled for deletion on ${instantText(date)}`);
  return live('blocked', `will be deleted on ${instantText(date)}; cancelling that before then brings it back`, date);
}
