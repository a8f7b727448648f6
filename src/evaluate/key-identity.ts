import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import { kmsAliasName } from '../model/kms-alias.ts';
import { instantText } from '../model/text.ts';
import { AWS_KMS } from './key-needs.ts';
import { type KeyUse, versionText } from './keys.ts';
import { namedCreation } from './named-key.ts';

type KeyState = Facts['key-state'];

/** Whether the provider's version is the one that a record used. */
export interface SameKey {
  readonly truth: Truth;
  readonly because: string;
  /**
   * Why an unknown is one: the provider does not offer the time, no record tells since when it is used, or the key was imported
   * since, perhaps anew.
   */
  readonly missing: 'not-offered' | 'no-record-time' | 'not-answered' | 'imported-since' | null;
}

/**
 * A provider version that was created later than the record that uses it is another key under the same name.
 *
 * @param key undefined where the provider gave no answer about it
 * @param toleranceMillis by how much the clocks of provider and database may differ
 * @param asOf the moment of the audit
 */
export function sameKey(key: KeyState | undefined, use: KeyUse, toleranceMillis: number, asOf: Instant): SameKey {
  const what = versionText(use.version);
  if (key === undefined) return open('not-answered', `the provider did not show ${what}`);
  const isNamed = key.namedVersions !== undefined;
  const created = isNamed ? namedCreation(key, use.named?.name ?? null) : shownCreation(key, use.version);
  if (created === null) return open('not-offered', `the provider does not show when ${what} was created`);
  if (use.since === null) return open('no-record-time', unrecordedText(what, use));
  if (isYetToCome(use.since, asOf, toleranceMillis)) return open('no-record-time', yetToComeText(what, use.since));
  const isLater = toMillis(created) > toMillis(use.since) + toleranceMillis;
  const times = `${what} was created ${instantText(created)} and is used since ${instantText(use.since)}`;
  if (isLater && key.imported !== undefined) {
    const imported = `${what} was imported ${instantText(created)} and is used since ${instantText(use.since)}`;
    return open('imported-since', `${imported}: whether what was imported is the same key is not shown`);
  }
  return isLater
    ? { truth: 'fails', because: `${times}: it is another key under the same name`, missing: null }
    : { truth: 'holds', because: times, missing: null };
}

/**
 * Whether an alias pointed to the key that it points to now when a record used it. An alias names no key: what it points to
 * may be older than the record, and not the one that it pointed to then. A reference to the key itself always holds.
 *
 * @param keyring whose key it is
 * @param key undefined where the provider gave no answer about it
 * @param toleranceMillis by how much the clocks of provider and database may differ
 * @param asOf the moment of the audit
 */
export function sameTarget(
  { providerKind, keyRef }: Pick<Facts['keyring'], 'providerKind' | 'keyRef'>,
  key: KeyState | undefined,
  use: KeyUse,
  toleranceMillis: number,
  asOf: Instant,
): SameKey {
  const alias = providerKind === AWS_KMS ? kmsAliasName(keyRef) : null;
  if (alias === null) return { truth: 'holds', because: 'it is recorded by itself', missing: null };
  const what = versionText(use.version);
  if (key === undefined) return open('not-answered', `the provider did not show ${what}`);
  // Of one that leads nowhere there is nothing to compare.
  if (key.state === 'missing') return { truth: 'holds', because: 'the alias points to no key', missing: null };
  const setAt = key.aliasSetAt ?? null;
  if (setAt === null) {
    const untold = 'since when it points to the key that it points to is not told';
    return open('not-offered', `${what} is recorded by an alias, which names no key, and ${untold}`);
  }
  if (use.since === null) return open('no-record-time', unrecordedText(what, use));
  if (isYetToCome(use.since, asOf, toleranceMillis)) return open('no-record-time', yetToComeText(what, use.since));
  const times = `the alias was made or pointed anew ${instantText(setAt)}, and ${what} is used since ${instantText(use.since)}`;
  if (toMillis(setAt) <= toMillis(use.since) + toleranceMillis)
    return { truth: 'holds', because: times, missing: null };
  return open('not-offered', `${times}: it may have pointed to another key then`);
}

/** Of the install's key its keyring alone could tell it, in a column that a keyring which was never rotated leaves empty. */
function unrecordedText(what: string, { observation }: KeyUse): string {
  const column = observation.subject.kind === 'install' ? ', as rotated_at of its keyring is empty' : '';
  return `nothing records since when ${what} is used${column}`;
}

/** A record with such a time is older than it says, and every key is older than that. */
function isYetToCome(since: Instant, asOf: Instant, toleranceMillis: number): boolean {
  return toMillis(since) > toMillis(asOf) + toleranceMillis;
}

function yetToComeText(what: string, since: Instant): string {
  return `${what} is recorded as used since ${instantText(since)}, which is yet to come, so nothing tells since when it is: see the clocks (RUN-2) and the record`;
}

function open(missing: SameKey['missing'], because: string): SameKey {
  return { truth: 'unknown', because, missing };
}

/** When the provider says that a version, or the key where it has none, was created; null where it does not show it. */
export function shownCreation(key: KeyState, version: number | null): Instant | null {
  if (key.state === 'missing') return null;
  // A provider that numbers no versions, such as AWS KMS, keeps one key, whatever number a record gives to it.
  const keepsNoVersions = key.versions === null && key.latestVersion === null;
  if (version === null || keepsNoVersions) return key.createdAt;
  return key.versions?.find((shown) => shown.version === version)?.createdAt ?? null;
}

/** True where the provider keeps creation times at all (PKCS#11 does not), or the key is gone and nobody can say. */
export function offersCreationTimes(key: KeyState): boolean {
  // Of a deleted key nothing is shown, and of one that is back it would be.
  if (key.state === 'missing' || key.createdAt !== null || key.namedVersions === null) return true;
  return key.versions?.some((shown) => shown.createdAt !== null) ?? false;
}

/** What shows that the live key is the one that a use wrapped something with; null: nothing does. */
export function shownByProof(
  { version, named }: KeyUse,
  proofs: readonly Observation<'unwrap-proof'>[],
): Observation<'unwrap-proof'> | null {
  const isOf = ({ value }: Observation<'unwrap-proof'>) =>
    value.version === version && (value.versionName ?? null) === (named?.name ?? null);
  return proofs.find((one) => isOf(one) && one.value.outcome === 'unwrapped') ?? null;
}

/** Between which instants a version was created; null where nothing bounds it on that side. */
export interface CreationBound {
  readonly earliest: Instant | null;
  readonly latest: Instant | null;
  /** Absent where nothing shows that another key took the place of the one that is meant. */
  readonly replaced?: Replacement;
  /**
   * Present where its provider has trimmed it since. `notBefore` is when that can have been at the earliest, as a version is
   * only trimmed once there is a later one; null where that is not shown.
   */
  readonly trimmed?: { readonly notBefore: Instant | null };
  /**
   * Present where the live provider does not have the key that is meant, so nothing shows when a key of its name was made
   * that snapshots hold.
   */
  readonly isGone?: true;
}

/** Another key, or another version, stands where the one that is meant stood. */
export interface Replacement {
  /** When the other one was there at the latest: what is from then on holds that one. */
  readonly by: Instant;
  /** Whether that is when it took the place: what is from before holds the one that is meant. */
  readonly exact: boolean;
}

/**
 * The uses that bound the creation of what one of them uses. A destroyed version may be of a key that stood under the name
 * before, whose versions tell nothing of this one's.
 */
export function boundingUses(uses: readonly KeyUse[], use: KeyUse): readonly KeyUse[] {
  return [use, ...uses.filter((one) => one.state !== 'destroyed')];
}

/**
 * Bounds the creation of a version. Versions are created in rising order, so it is not later than the creation of any
 * later version, nor than the first record that uses it or a later one; and not earlier than that of earlier ones.
 * The time that the provider shows for the version itself is exact, unless the live key is another key.
 *
 * @param uses see {@link boundingUses}
 * @param toleranceMillis by how much the clocks of provider and database may differ
 */
export function versionCreationBound(
  version: number,
  key: KeyState | undefined,
  uses: readonly KeyUse[],
  toleranceMillis: number,
): CreationBound {
  const shown = key === undefined || key.state === 'missing' ? [] : (key.versions ?? []);
  const used = earliestOf(uses.filter((use) => use.version !== null && use.version >= version).map((use) => use.since));
  const isCredible = (instant: Instant) => used === null || toMillis(instant) <= toMillis(used) + toleranceMillis;
  const createdAt = (of: number) => shown.find((one) => one.version === of)?.createdAt ?? null;
  const own = createdAt(version);
  if (own !== null && isCredible(own)) return { earliest: own, latest: own };
  const isTrimmed = key?.state === 'enabled' && version < (key.minAvailableVersion ?? 0);
  const later = shown.filter((one) => one.version >= version).map((one) => one.createdAt);
  const earlier = shown.filter((one) => one.version < version).map((one) => one.createdAt);
  const credible = earlier.filter((one) => one !== null).filter(isCredible);
  const bound = {
    earliest: credible.sort().at(-1) ?? null,
    latest: earliestOf([used, ...later]),
    ...(isTrimmed ? { trimmed: { notBefore: createdAt(version + 1) } } : {}),
    ...(key?.state === 'missing' ? { isGone: true as const } : {}),
  };
  // What was imported since may be the same key.
  const replaced = key?.imported === undefined ? replacementOf(shown, version, isCredible) : null;
  return replaced === null ? bound : { ...bound, replaced, isGone: true };
}

/** By the versions up to the one that is meant which are younger than its use. Only the first is made together with its key. */
function replacementOf(
  shown: NonNullable<KeyState['versions']>,
  version: number,
  isCredible: (instant: Instant) => boolean,
): Replacement | null {
  const younger = shown.filter((one) => one.version <= version && one.createdAt !== null && !isCredible(one.createdAt));
  const by = earliestOf(younger.map((one) => one.createdAt));
  return by === null ? null : { by, exact: younger.some((one) => one.version === 1) };
}

function earliestOf(instants: readonly (Instant | null)[]): Instant | null {
  return instants.filter((instant) => instant !== null).sort()[0] ?? null;
}
