import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { DAY, type Instant, SECOND, toMillis } from '../model/instant.ts';
import { kmsAliasName } from '../model/kms-alias.ts';
import { instantText } from '../model/text.ts';
import type { CustodyFacts } from './custody-builder.ts';
import { type Holder, keyText, olderNode, openedNode } from './custody-nodes.ts';
import { SHAMIR } from './key-needs.ts';
import { leanedOnKey } from './leaned-on-keys.ts';
import { aboutSubject, remembered } from './remembered.ts';

type KeyState = Facts['key-state'];
type KeyFacts = Pick<CustodyFacts, 'locationCustody' | 'keysOfProviders'>;

/** A key with the moment from which on something can have been encrypted with what there is of it. */
export interface KeyAge {
  readonly holder: Holder;
  readonly since: Instant;
  /** Of one that is named by an alias: it points to the key only since then. Absent elsewhere. */
  readonly isPointed?: true;
  /** Of one that keeps older versions, of which it shows nothing: below which they may not decrypt. Absent elsewhere. */
  readonly blockedBelow?: number;
}

/**
 * Since when the key is there: what is older was encrypted with another one, which stood under its name, or with a version
 * that is gone. Null where its provider does not tell.
 */
function keyAge(holder: Holder, keys: CustodyFacts['keysOfProviders']): KeyAge | null {
  if (holder.kind !== 'provider') return null;
  const key = leanedOnKey(holder, keys)?.value;
  const since = key === undefined || key.state === 'missing' ? null : earliestCreation(key);
  const pointedAt = kmsAliasName(holder.key ?? '') === null ? null : (key?.aliasSetAt ?? null);
  if (pointedAt !== null && (since === null || pointedAt > since)) return { holder, since: pointedAt, isPointed: true };
  if (since === null) return null;
  const blockedBelow = key === undefined ? null : keptBelow(key);
  return blockedBelow === null ? { holder, since } : { holder, since, blockedBelow };
}

/** Vault API documentation, Transit, "Read key": versions below min_decryption_version are not listed. They are there unless trimmed. */
function keptBelow({ minDecryptionVersion, minAvailableVersion }: KeyState): number | null {
  if (minDecryptionVersion === null || minDecryptionVersion <= Math.max(1, minAvailableVersion ?? 0)) return null;
  return minDecryptionVersion;
}

function earliestCreation(key: KeyState): Instant | null {
  const shown = key.namedVersions === undefined ? key.versions : key.namedVersions;
  // What is shown of a key with named versions is of the last of them.
  if (shown === null) return key.namedVersions === undefined ? key.createdAt : null;
  return creations(shown)[0] ?? null;
}

function creations(versions: readonly { readonly createdAt: Instant | null }[]): readonly Instant[] {
  return versions.flatMap(({ createdAt }) => createdAt ?? []).sort();
}

/** The oldest of alternative keys; null where there is none, or of one of them nothing tells. */
function oldestKey(holders: readonly Holder[], keys: CustodyFacts['keysOfProviders']): KeyAge | null {
  let oldest: KeyAge | null = null;
  for (const holder of holders) {
    const age = keyAge(holder, keys);
    if (age === null) return null;
    if (oldest === null || age.since < oldest.since) oldest = age;
  }
  return oldest;
}

/** The key by which a Vault unseals itself, as far as its age is known; null where people's shares do, or its seal is not told. */
export function ageOfSealKey(
  sealType: string | null,
  custody: Facts['custody'] | undefined,
  keys: CustodyFacts['keysOfProviders'],
): KeyAge | null {
  if (sealType === null || sealType === SHAMIR) return null;
  const needs = custody?.needs ?? [];
  return oldestKey(
    needs.flatMap(({ what, heldBy }) => (what === 'unseal-key' ? heldBy : [])),
    keys,
  );
}

/** That a snapshot is older than the key which unseals its Vault now, as a clause after *is*. */
export function olderThanKeyText({ holder, since, isPointed, blockedBelow }: KeyAge, id: string): string {
  if (isPointed === true) {
    return `from before ${keyText(holder)}, which unseals ${id}, pointed to the key that it points to (since ${instantText(since)}): what unsealed it then may be another key`;
  }
  if (blockedBelow !== undefined) {
    return `older than every version of ${keyText(holder)}, which unseals ${id}, that may decrypt (the first made ${instantText(since)}): what unsealed it then may be a version below ${blockedBelow}, which min_decryption_version keeps from decrypting; lowering that lets it`;
  }
  return `older than all that there is of ${keyText(holder)}, which unseals ${id} (made ${instantText(since)}): what unsealed it then is another key, or gone`;
}

/**
 * By location: the youngest key with which what lies there is stated to be encrypted. The default of a bucket, which was
 * observed, tells nothing of objects from before it was set.
 */
export const keyOfLocations: (facts: KeyFacts) => ReadonlyMap<string, KeyAge> = remembered(
  ({ locationCustody, keysOfProviders }) => [locationCustody, keysOfProviders],
  ({ locationCustody, keysOfProviders }) => {
    const youngest = new Map<string, KeyAge>();
    for (const { subject, value } of locationCustody) {
      for (const { what, origin, heldBy } of value.needs) {
        const age = what === 'encryption-key' && origin === 'stated' ? oldestKey(heldBy, keysOfProviders) : null;
        const known = youngest.get(subject.key);
        if (age !== null && (known === undefined || known.since < age.since)) youngest.set(subject.key, age);
      }
    }
    return youngest;
  },
);

/**
 * What opens a file in a location.
 *
 * @param writtenAt when it was written; null where that is not known
 * @returns its node
 */
export function openedAt(facts: KeyFacts, location: string, writtenAt: Instant | null): string {
  const age = keyOfLocations(facts).get(location);
  return age === undefined || writtenAt === null || toMillis(writtenAt) >= toMillis(age.since)
    ? openedNode(location)
    : olderNode(location);
}

/**
 * Whether a snapshot of the Vault that holds a key has it as far as what is younger than the key needs it: by the times at
 * which the live Vault made its versions.
 */
export function snapshotHasKey(
  { state, versions }: KeyState,
  { value: { takenAt, storage } }: Observation<'provider-snapshot'>,
): Truth {
  const made = creations(versions ?? []);
  const [first, last] = [made[0], made.at(-1)];
  if (state === 'missing' || takenAt === null || first === undefined || last === undefined) return 'unknown';
  const at = toMillis(takenAt);
  // Of earlier versions that are not shown any more it may have some.
  if (at + SECOND <= toMillis(first)) return versions?.some(({ version }) => version === 1) ? 'fails' : 'unknown';
  return at >= toMillis(last) + (storage === 'file' ? COPYING : 0) ? 'holds' : 'unknown';
}

/** The key as far as versions of it were made before an instant. */
export function madeBefore(key: KeyState, before: Instant): KeyState {
  const versions = key.versions?.filter(({ createdAt }) => createdAt !== null && createdAt < before) ?? null;
  return { ...key, versions };
}

/** Files are copied one after the other, and that of the key may have been copied before Vault wrote the last one. */
const COPYING = DAY;

/** Everything that a provider shows of a key. */
export function keyOf(holder: Holder, { keysOfProviders }: KeyFacts): KeyState | undefined {
  return aboutSubject(keysOfProviders, holder.name).find(({ value }) => value.keyRef === holder.key)?.value;
}
